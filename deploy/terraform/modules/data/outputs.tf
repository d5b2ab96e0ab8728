output "postgres_url" {
  description = "The role owns the database: migrations make tables and an extension."
  sensitive   = true
  value = format(
    "postgres://%s:%s@%s:%d/%s?sslmode=verify-full&sslrootcert=%s",
    digitalocean_database_cluster.postgres.user,
    urlencode(digitalocean_database_cluster.postgres.password),
    digitalocean_database_cluster.postgres.private_host,
    digitalocean_database_cluster.postgres.port,
    digitalocean_database_db.kansoku.name,
    var.postgres_ca_file,
  )
}

output "reports_url" {
  sensitive = true
  value     = digitalocean_database_connection_pool.reports.private_uri
}

output "valkey_url" {
  sensitive = true
  value     = digitalocean_database_cluster.valkey.private_uri
}

output "postgres_ca" {
  description = "The certificate of the authority that signed Postgres's own: public."
  value       = data.digitalocean_database_ca.postgres.certificate
}

output "valkey_id" {
  value = digitalocean_database_cluster.valkey.id
}
