output "endpoint" {
  value = "https://${var.region}.digitaloceanspaces.com"
}

output "key" {
  sensitive = true
  value     = { id = digitalocean_spaces_key.archive.access_key, secret = digitalocean_spaces_key.archive.secret_key }
}
