output "records" {
  value = concat([digitalocean_record.authority.fqdn], digitalocean_record.dashboard[*].fqdn)
}
