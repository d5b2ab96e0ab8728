# Four quarters of the range: nodes, pods and services have one each, and one is left.
locals {
  quarters = cidrsubnets(var.network, 2, 2, 2, 2)
  ranges = {
    nodes    = cidrsubnet(local.quarters[0], 20 - tonumber(split("/", local.quarters[0])[1]), 0)
    pods     = cidrsubnet(local.quarters[1], 16 - tonumber(split("/", local.quarters[1])[1]), 0)
    services = cidrsubnet(local.quarters[2], 19 - tonumber(split("/", local.quarters[2])[1]), 0)
  }

  # What DigitalOcean uses itself and refuses for a VPC.
  reserved = ["10.10.0.0/16", "10.229.0.0/16", "10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24"]
  # Two ranges overlap if and only if the wider one, cut at its own length, starts both.
  clashes = [for taken in local.reserved : taken if
    cidrsubnet("${split("/", taken)[0]}/${split("/", var.network)[1]}", 0, 0) == var.network
  ]
}
