resource "digitalocean_database_cluster" "postgres" {
  name                 = "${var.name}-postgres"
  engine               = "pg"
  version              = var.postgres.version
  size                 = var.postgres.size
  node_count           = var.postgres.nodes
  storage_size_mib     = var.postgres.disk_gib * 1024
  region               = var.region
  private_network_uuid = var.vpc_id
  tags                 = var.tags

  maintenance_window {
    day  = "wednesday"
    hour = "03:00:00"
  }

  lifecycle {
    prevent_destroy = true

    postcondition {
      condition     = self.port == var.ports.postgres
      error_message = "Postgres listens on ${self.port}, and the plan told the chart ${var.ports.postgres}: change ports in modules/plan/chart.tf."
    }
  }
}

resource "digitalocean_database_db" "kansoku" {
  cluster_id = digitalocean_database_cluster.postgres.id
  name       = "kansoku"
}

# Only for reports: the services connect to Postgres itself, since they listen for notices, hold advisory locks and set
# their sessions' parameters at connecting, which a pooler does not carry through.
resource "digitalocean_database_user" "reports" {
  cluster_id = digitalocean_database_cluster.postgres.id
  name       = "reports"
}

resource "digitalocean_database_connection_pool" "reports" {
  cluster_id = digitalocean_database_cluster.postgres.id
  name       = "reports"
  mode       = "transaction"
  size       = var.postgres.report_connections
  db_name    = digitalocean_database_db.kansoku.name
  user       = digitalocean_database_user.reports.name
}

resource "digitalocean_database_cluster" "valkey" {
  name                 = "${var.name}-valkey"
  engine               = "valkey"
  version              = var.valkey.version
  size                 = var.valkey.size
  node_count           = var.valkey.nodes
  region               = var.region
  private_network_uuid = var.vpc_id
  tags                 = var.tags

  lifecycle {
    postcondition {
      condition     = self.port == var.ports.redis
      error_message = "Valkey listens on ${self.port}, and the plan told the chart ${var.ports.redis}: change ports in modules/plan/chart.tf."
    }
  }
}

# Nobody but the cluster reaches either.
resource "digitalocean_database_firewall" "this" {
  for_each = {
    postgres = digitalocean_database_cluster.postgres.id
    valkey   = digitalocean_database_cluster.valkey.id
  }
  cluster_id = each.value

  rule {
    type  = "k8s"
    value = var.cluster_id
  }
}

data "digitalocean_database_ca" "postgres" {
  cluster_id = digitalocean_database_cluster.postgres.id
}
