variable "name" { type = string }
variable "region" { type = string }
variable "tags" { type = list(string) }
variable "ranges" { type = object({ nodes = string, pods = string, services = string }) }
variable "kubernetes" { type = object({ version = string, highly_available = bool }) }
variable "service_nodes" { type = object({ size = string, min = number, max = number }) }
variable "stream_nodes" { type = object({ size = string, count = number }) }
