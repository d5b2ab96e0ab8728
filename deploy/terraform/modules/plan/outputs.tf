output "name" {
  description = "What the cluster, its network and its databases are called."
  value       = local.name
}

output "host" {
  description = "Where the dashboard is."
  value       = local.host
}

output "tags" {
  description = "What every resource is marked with."
  value       = ["kansoku", var.environment]
}

output "bucket" {
  description = "The archive's bucket. Names of buckets are shared with everybody, so the domain is a part of it."
  value       = "${local.name}-archive-${replace(var.domain, ".", "-")}"
  precondition {
    condition     = length("${local.name}-archive-${var.domain}") <= 63
    error_message = "domain is too long: \"${local.name}-archive-${var.domain}\" may have 63 characters."
  }
}

output "ranges" {
  description = "Addresses of nodes, pods and services."
  value       = local.ranges
  precondition {
    condition     = length(local.clashes) == 0
    error_message = "network ${var.network} overlaps with ${join(", ", local.clashes)}, which DigitalOcean keeps for itself; take another one, such as 10.64.0.0/12."
  }
}

output "connections" {
  description = "Connections of Postgres: how many there are, how many each service may take, and how many are left."
  value       = { all = local.connections, needed = local.needed, left = local.connections - local.sum }
  precondition {
    condition = local.sum <= local.connections
    error_message = join("", [
      "postgres.size ${var.postgres.size} has ${local.connections} connections, and ${local.sum} may be asked for at once (",
      join(", ", [for name, count in local.needed : "${name} ${local.at_most[name]} × ${local.of_one[name]} = ${count}"]),
      ", others ${2 + var.postgres.report_connections}); lower replicas or take more memory.",
    ])
  }
}

output "ports" {
  description = "Where Postgres and Valkey listen."
  value       = local.ports
}

output "chart_values" {
  description = "Values of the chart that follow from the settings."
  value       = local.chart_values
}

output "servers_values" {
  description = "Values of the chart of servers that follow from the settings."
  value       = local.servers_values
}

output "postgres_ca_file" {
  description = "Where a pod finds the certificate of the authority that signed Postgres's own."
  value       = local.postgres_ca_file
}
