environment = "production"
region      = "fra1"
domain      = "example.org" # yours
network     = "10.80.0.0/12"

kubernetes    = { version = "1.33", highly_available = true }
service_nodes = { size = "s-4vcpu-8gb", min = 2, max = 4 }
stream_nodes  = { size = "s-2vcpu-4gb", count = 3 }

postgres = { version = "17", size = "db-s-4vcpu-8gb", nodes = 2, disk_gib = 160, report_connections = 5 }
valkey   = { version = "8", size = "db-s-1vcpu-2gb", nodes = 1 }
replicas = { loader = 4, query_api = 6, replayer = 2 }

archive_keep_deleted_days = 30
ingress_ip                = ""
