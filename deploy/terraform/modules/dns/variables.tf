variable "domain" { type = string }
variable "host" { type = string }
variable "ingress_ip" { type = string }
