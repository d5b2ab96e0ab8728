# Each wrong setting is refused by its own name. What is right comes from production.tfvars.

run "an_environment_that_is_none" {
  command = plan
  variables {
    environment = "prod"
  }
  expect_failures = [var.environment]
}

run "a_region_that_is_none" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [var.region]
}

run "a_domain_with_a_protocol" {
  command = plan
  variables {
    domain = "https://example.org"
  }
  expect_failures = [var.domain]
}

run "a_domain_too_long_for_a_bucket" {
  command = plan
  variables {
    domain = "a-very-long-name-of-an-organisation.example.org"
  }
  expect_failures = [output.bucket]
}

run "a_public_network" {
  command = plan
  variables {
    network = "8.0.0.0/12"
  }
  expect_failures = [var.network]
}

run "a_network_too_small" {
  command = plan
  variables {
    network = "10.64.0.0/16"
  }
  expect_failures = [var.network]
}

run "a_network_that_begins_in_its_middle" {
  command = plan
  variables {
    network = "10.65.0.0/12"
  }
  expect_failures = [var.network]
}

run "a_network_that_the_cloud_keeps" {
  command = plan
  variables {
    network = "10.240.0.0/12"
  }
  expect_failures = [output.ranges]
}

run "a_patch_version_of_kubernetes" {
  command = plan
  variables {
    kubernetes = { version = "1.33.1-do.0", highly_available = true }
  }
  expect_failures = [var.kubernetes]
}

run "one_machine_in_production" {
  command = plan
  variables {
    service_nodes = { size = "s-4vcpu-8gb", min = 1, max = 4 }
  }
  expect_failures = [var.service_nodes]
}

run "two_machines_for_streams" {
  command = plan
  variables {
    stream_nodes = { size = "s-2vcpu-4gb", count = 2 }
  }
  expect_failures = [var.stream_nodes]
}

run "no_standby_in_production" {
  command = plan
  variables {
    postgres = { version = "17", size = "db-s-4vcpu-8gb", nodes = 1, disk_gib = 160, report_connections = 5 }
  }
  expect_failures = [var.postgres]
}

run "an_old_postgres" {
  command = plan
  variables {
    postgres = { version = "14", size = "db-s-4vcpu-8gb", nodes = 2, disk_gib = 160, report_connections = 5 }
  }
  expect_failures = [var.postgres]
}

run "a_size_without_memory" {
  command = plan
  variables {
    valkey = { version = "8", size = "small", nodes = 1 }
  }
  expect_failures = [var.valkey]
}

run "half_a_replica" {
  command = plan
  variables {
    replicas = { loader = 0.5, query_api = 4, replayer = 2 }
  }
  expect_failures = [var.replicas]
}

run "a_day_to_notice_a_deletion" {
  command = plan
  variables {
    archive_keep_deleted_days = 1
  }
  expect_failures = [var.archive_keep_deleted_days]
}

run "an_address_that_is_a_name" {
  command = plan
  variables {
    ingress_ip = "lb.example.org"
  }
  expect_failures = [var.ingress_ip]
}
