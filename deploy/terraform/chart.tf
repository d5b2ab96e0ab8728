# Provisional: aligned with the chart's values when it is there.
locals {
  chart_values = {
    host     = module.plan.host
    postgres = module.data.hosts.postgres
    redis    = module.data.hosts.valkey
    archive  = { endpoint = module.archive.endpoint, bucket = module.plan.bucket }
    replicas = var.replicas
  }
}
