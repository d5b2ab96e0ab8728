variables {
  environment   = "production"
  region        = "fra1"
  domain        = "example.org"
  network       = "10.64.0.0/12"
  kubernetes    = { version = "1.33", highly_available = true }
  service_nodes = { size = "s-4vcpu-8gb", min = 2, max = 4 }
  stream_nodes  = { size = "s-2vcpu-4gb", count = 3 }
  postgres      = { version = "17", size = "db-s-2vcpu-4gb", nodes = 2, disk_gib = 60, report_connections = 5 }
  valkey        = { version = "8", size = "db-s-1vcpu-1gb", nodes = 1 }
  replicas      = { loader = 4, query_api = 4, replayer = 2 }

  archive_keep_deleted_days = 30
  ingress_ip                = ""
}

run "production_has_the_short_host" {
  command = plan
  assert {
    condition     = output.host == "kansoku.example.org" && output.name == "kansoku-production"
    error_message = "${output.host}, ${output.name}"
  }
  assert {
    condition     = output.bucket == "kansoku-production-archive-example-org"
    error_message = output.bucket
  }
}

run "staging_has_a_host_of_its_own" {
  command = plan
  variables {
    environment = "staging"
  }
  assert {
    condition     = output.host == "kansoku-staging.example.org"
    error_message = output.host
  }
}

run "ranges_lie_in_the_network_and_apart" {
  command = plan
  assert {
    condition     = output.ranges == { nodes = "10.64.0.0/20", pods = "10.68.0.0/16", services = "10.72.0.0/19" }
    error_message = jsonencode(output.ranges)
  }
}

run "ranges_of_the_smallest_network" {
  command = plan
  variables {
    network = "172.20.0.0/14"
  }
  assert {
    condition     = output.ranges == { nodes = "172.20.0.0/20", pods = "172.21.0.0/16", services = "172.22.0.0/19" }
    error_message = jsonencode(output.ranges)
  }
}

run "connections_count_what_a_rollout_adds" {
  command = plan
  assert {
    # 25 × 4 - 3 = 97; loader (4 + 1) × 5, query-api (4 + 1) × 10, replayer (2 + 1) × 2; migration, a person, reports.
    condition = output.connections == {
      all    = 97
      needed = { loader = 25, query_api = 50, replayer = 6 }
      left   = 97 - 81 - 1 - 1 - 5
    }
    error_message = jsonencode(output.connections)
  }
}

run "as_many_connections_as_there_are" {
  command = plan
  variables {
    postgres = { version = "17", size = "db-s-2vcpu-4gb", nodes = 2, disk_gib = 60, report_connections = 14 }
  }
  assert {
    condition     = output.connections.left == 0
    error_message = jsonencode(output.connections)
  }
}

run "one_connection_too_many" {
  command = plan
  variables {
    postgres = { version = "17", size = "db-s-2vcpu-4gb", nodes = 2, disk_gib = 60, report_connections = 15 }
  }
  expect_failures = [output.connections]
}

run "the_chart_is_told" {
  command = plan
  assert {
    condition = output.chart_values.queryApi == {
      autoscaling = { maxReplicas = 4 }
      httpRoute   = { hostnames = ["kansoku.example.org"] }
    }
    error_message = jsonencode(output.chart_values.queryApi)
  }
  assert {
    condition     = output.chart_values.postgres.connections == 97 - 5 - 1
    error_message = jsonencode(output.chart_values.postgres)
  }
  assert {
    condition     = output.chart_values.postgres.caKey == basename(output.postgres_ca_file)
    error_message = "the chart mounts ${output.chart_values.postgres.caKey}, and the address names ${output.postgres_ca_file}"
  }
  assert {
    condition     = output.chart_values.network.postgres[0].ipBlock.cidr == output.ranges.nodes
    error_message = jsonencode(output.chart_values.network)
  }
}

run "the_chart_of_servers_is_told" {
  command = plan
  variables {
    environment  = "staging"
    stream_nodes = { size = "s-2vcpu-4gb", count = 5 }
  }
  assert {
    condition     = output.servers_values.nats.replicas == 5 && output.servers_values.nats.nodeSelector == { "kansoku/pool" = "streams" }
    error_message = jsonencode(output.servers_values)
  }
  assert {
    condition     = !output.servers_values.postgres.enabled && !output.servers_values.redis.enabled
    error_message = "servers that are managed here would be started in the cluster as well"
  }
}
