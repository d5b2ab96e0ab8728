# With an invented DigitalOcean: no account and no network, but the provider's program, for its schemas.

mock_provider "digitalocean" {
  override_during = plan

  mock_resource "digitalocean_database_cluster" {
    defaults = {
      user         = "doadmin"
      password     = "p@ss/word"
      private_host = "private.example.net"
      port         = 25060
    }
  }
  override_resource {
    target          = module.data.digitalocean_database_cluster.valkey
    override_during = plan
    values = {
      private_uri = "rediss://default:invented@private.example.net:25061"
      port        = 25061
    }
  }
  mock_data "digitalocean_kubernetes_versions" {
    defaults = { latest_version = "1.33.1-do.0" }
  }
  mock_data "digitalocean_database_ca" {
    defaults = { certificate = "invented" }
  }
  mock_data "digitalocean_domain" {
    defaults = { id = "example.org" }
  }
}

run "before_there_is_a_load_balancer" {
  command = plan

  assert {
    condition     = length(module.dns.records) == 1
    error_message = "a record was made for an address that nobody knows yet"
  }
  assert {
    condition     = !strcontains(output.chart_values, "p@ss") && !strcontains(output.chart_values, "invented")
    error_message = "a password is in the values of the chart"
  }
  assert {
    condition     = strcontains(nonsensitive(output.secrets.postgres_url), "doadmin:p%40ss%2Fword@private.example.net:25060/kansoku")
    error_message = "the password in the URL is not encoded"
  }
  assert {
    condition     = endswith(nonsensitive(output.secrets.postgres_url), "?sslmode=verify-full&sslrootcert=/run/secrets/postgres/ca.crt")
    error_message = "nothing verifies Postgres"
  }
  assert {
    condition     = output.archive == { bucket = module.plan.bucket, endpoint = "https://${var.region}.digitaloceanspaces.com" }
    error_message = jsonencode(output.archive)
  }
}

run "afterwards" {
  command = plan
  variables {
    ingress_ip = "203.0.113.7"
  }
  assert {
    condition     = length(module.dns.records) == 2
    error_message = "the dashboard has no record"
  }
}
