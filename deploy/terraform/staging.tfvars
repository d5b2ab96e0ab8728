environment = "staging"
region      = "fra1"
domain      = "example.org" # yours
network     = "10.64.0.0/12"

kubernetes    = { version = "1.33", highly_available = false }
service_nodes = { size = "s-2vcpu-4gb", min = 1, max = 2 }
stream_nodes  = { size = "s-2vcpu-4gb", count = 3 }

postgres = { version = "17", size = "db-s-2vcpu-4gb", nodes = 1, disk_gib = 60, report_connections = 3 }
valkey   = { version = "8", size = "db-s-1vcpu-1gb", nodes = 1 }
replicas = { loader = 1, query_api = 2, replayer = 1 }

archive_keep_deleted_days = 7
ingress_ip                = ""
