resource "digitalocean_vpc" "this" {
  name     = var.name
  region   = var.region
  ip_range = var.ranges.nodes
}

data "digitalocean_kubernetes_versions" "this" {
  version_prefix = "${var.kubernetes.version}."
}

resource "digitalocean_kubernetes_cluster" "this" {
  name           = var.name
  region         = var.region
  version        = data.digitalocean_kubernetes_versions.this.latest_version
  vpc_uuid       = digitalocean_vpc.this.id
  cluster_subnet = var.ranges.pods
  service_subnet = var.ranges.services
  ha             = var.kubernetes.highly_available
  auto_upgrade   = true
  surge_upgrade  = true
  tags           = var.tags

  maintenance_policy {
    day        = "tuesday"
    start_time = "03:00"
  }

  node_pool {
    name       = "services"
    size       = var.service_nodes.size
    auto_scale = true
    min_nodes  = var.service_nodes.min
    max_nodes  = var.service_nodes.max
    labels     = { "kansoku/pool" = "services" }
    tags       = var.tags
  }
}

# Streams have machines of their own: a service that takes all memory of its machine takes no replica of RAW with it.
resource "digitalocean_kubernetes_node_pool" "streams" {
  cluster_id = digitalocean_kubernetes_cluster.this.id
  name       = "streams"
  size       = var.stream_nodes.size
  node_count = var.stream_nodes.count
  labels     = { "kansoku/pool" = "streams" }
  tags       = var.tags

  taint {
    key    = "kansoku/pool"
    value  = "streams"
    effect = "NoSchedule"
  }
}
