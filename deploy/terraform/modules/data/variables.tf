variable "name" { type = string }
variable "region" { type = string }
variable "tags" { type = list(string) }
variable "vpc_id" { type = string }
variable "cluster_id" { type = string }
variable "postgres" {
  type = object({ version = string, size = string, nodes = number, disk_gib = number, report_connections = number })
}
variable "valkey" { type = object({ version = string, size = string, nodes = number }) }
variable "ports" { type = object({ postgres = number, redis = number }) }
variable "postgres_ca_file" { type = string }
