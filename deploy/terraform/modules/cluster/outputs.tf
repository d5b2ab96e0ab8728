output "id" {
  value = digitalocean_kubernetes_cluster.this.id
}

output "vpc_id" {
  value = digitalocean_vpc.this.id
}
