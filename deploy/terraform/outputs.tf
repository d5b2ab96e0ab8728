output "host" {
  description = "Where the dashboard is once ingress_ip is set."
  value       = module.plan.host
}

output "kubeconfig_command" {
  description = "Lets kubectl and helm in. The credentials do not go through this state."
  value       = "doctl kubernetes cluster kubeconfig save ${module.plan.name}"
}

output "connections" {
  description = "How Postgres's connections are shared out."
  value       = module.plan.connections
}

output "chart_values" {
  description = "What the chart has to know of what was made here: terraform output -raw chart_values > terraform-values.yaml"
  value       = yamlencode(module.plan.chart_values)
}

output "servers_values" {
  description = "The same for the chart of servers: terraform output -raw servers_values > terraform-servers-values.yaml"
  value       = yamlencode(module.plan.servers_values)
}

# One secret of the cluster each, key by key. `terraform output` shows "<sensitive>"; only -json and -raw with this name tell.
output "secrets" {
  description = "For kubectl, never for a file of the repository."
  sensitive   = true
  value = {
    postgres_url = module.data.postgres_url
    reports_url  = module.data.reports_url
    redis_url    = module.data.valkey_url
    archive_key  = module.archive.key
  }
}

output "postgres_ca" {
  description = "Public: what the certificate of Postgres is verified by. The key ca.crt of the Secret with the address."
  value       = module.data.postgres_ca
}

output "archive" {
  description = "A bucket for copies of the archive's files, which somebody has to make. The key is secrets.archive_key."
  value       = { bucket = module.plan.bucket, endpoint = module.archive.endpoint }
}

output "valkey_id" {
  description = "For the API, which has what the provider has not: docs/guides/terraform.md."
  value       = module.data.valkey_id
}
