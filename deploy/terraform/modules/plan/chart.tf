# What the chart has to be told of all this, in its own words (deploy/helm/kansoku/values.yaml). No secret is among it.
locals {
  # DigitalOcean's ports; modules/data holds them against what it gets.
  ports = { postgres = 25060, redis = 25061 }
  # The managed databases have private addresses of the same network as the nodes.
  databases = [{ ipBlock = { cidr = local.ranges.nodes } }]

  # The provider signs Postgres's certificate itself. The chart mounts the authority's here, from the Secret that has the address.
  postgres_ca_file = "/run/secrets/postgres/ca.crt"

  chart_values = {
    pods = { nodeSelector = { "kansoku/pool" = "services" } }
    # What is left for pods: without the pool for reports and a person.
    postgres = { connections = local.connections - var.postgres.report_connections - 1, caKey = basename(local.postgres_ca_file) }
    network  = { postgres = local.databases, redis = local.databases, ports = local.ports }
    keda     = { loader = { maxReplicas = var.replicas.loader } }
    queryApi = {
      autoscaling = { maxReplicas = var.replicas.query_api }
      httpRoute   = { hostnames = [local.host] }
    }
  }
  # Of deploy/helm/kansoku-servers: NATS on the machines for streams, and nothing that is managed here.
  servers_values = {
    nats = {
      replicas     = var.stream_nodes.count
      nodeSelector = { "kansoku/pool" = "streams" }
      tolerations  = [{ key = "kansoku/pool", operator = "Equal", value = "streams", effect = "NoSchedule" }]
    }
    postgres = { enabled = false }
    redis    = { enabled = false }
  }
}
