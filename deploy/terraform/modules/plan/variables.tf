# Every setting is required, so that a misspelt one is an error. The root takes the same file.

variable "environment" {
  description = "Which installation this is: part of every name."
  type        = string
  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment has to be \"staging\" or \"production\"."
  }
}

variable "region" {
  description = "DigitalOcean's slug of the region, which must have Kubernetes, databases and Spaces."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{3}[1-9]$", var.region))
    error_message = "region has to be a slug such as \"fra1\" or \"ams3\"."
  }
}

variable "domain" {
  description = "The DNS zone, delegated to DigitalOcean. The dashboard is at kansoku.<domain>, staging at kansoku-staging.<domain>."
  type        = string
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain has to be a lower-case domain name such as \"example.org\", without a protocol or a final dot."
  }
}

variable "network" {
  description = "A private range of /12 to /14 that nothing else uses. Nodes, pods and services get a part each."
  type        = string
  validation {
    condition = can(cidrhost(var.network, 0)) && try(
      cidrhost(var.network, 0) == split("/", var.network)[0]
      && contains(["12", "13", "14"], split("/", var.network)[1])
      && (startswith(var.network, "10.") || can(regex("^172\\.(1[6-9]|2[0-9]|3[01])\\.", var.network))),
      false,
    )
    error_message = "network has to be the start of a private range of /12 to /14, such as \"10.64.0.0/12\"."
  }
}

variable "kubernetes" {
  description = "Minor version (patches follow by themselves), and whether the control plane is made of several machines."
  type        = object({ version = string, highly_available = bool })
  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes.version))
    error_message = "kubernetes.version has to be a minor version such as \"1.33\"."
  }
}

variable "service_nodes" {
  description = "The machines for Kansoku's services: their size, and how few and how many there may be."
  type        = object({ size = string, min = number, max = number })
  validation {
    condition     = var.service_nodes.min >= 1 && var.service_nodes.max >= var.service_nodes.min
    error_message = "service_nodes: min has to be at least 1, and max not below min."
  }
  validation {
    condition     = var.environment != "production" || var.service_nodes.min >= 2
    error_message = "service_nodes.min has to be at least 2 in production: one machine is no home for two replicas."
  }
}

variable "stream_nodes" {
  description = "The machines for nats-server, one for each replica."
  type        = object({ size = string, count = number })
  validation {
    condition     = contains([3, 5], var.stream_nodes.count)
    error_message = "stream_nodes.count has to be 3 or 5: a stream of three replicas needs a majority of machines of their own."
  }
}

variable "postgres" {
  description = "Managed Postgres: version, size, nodes (the second is a standby), disk, and connections of the pool for reports."
  type        = object({ version = string, size = string, nodes = number, disk_gib = number, report_connections = number })
  validation {
    condition     = tonumber(var.postgres.version) >= 15
    error_message = "postgres.version has to be 15 or newer."
  }
  validation {
    condition     = can(regex("^(db-s|gd|so1_5|m3)-[0-9]+vcpu-[0-9]+gb$", var.postgres.size))
    error_message = "postgres.size has to be a size with its memory in its name, such as \"db-s-2vcpu-4gb\"."
  }
  validation {
    condition     = var.postgres.nodes >= (var.environment == "production" ? 2 : 1) && var.postgres.nodes <= 3
    error_message = "postgres.nodes has to be 1 to 3, and at least 2 in production: one node has no standby."
  }
  validation {
    condition     = var.postgres.report_connections >= 1
    error_message = "postgres.report_connections has to be at least 1."
  }
}

variable "valkey" {
  description = "Managed Valkey, which keeps answers of the API and nothing else: it may be lost."
  type        = object({ version = string, size = string, nodes = number })
  validation {
    condition     = can(regex("^db-s-[0-9]+vcpu-[0-9]+gb$", var.valkey.size)) && contains([1, 2], var.valkey.nodes)
    error_message = "valkey.size has to be a size such as \"db-s-1vcpu-1gb\", and valkey.nodes 1 or 2."
  }
}

variable "replicas" {
  description = "How many of each service that asks Postgres there may be at most, autoscaling included."
  type        = object({ loader = number, query_api = number, replayer = number })
  validation {
    condition     = alltrue([for most in values(var.replicas) : most >= 1 && floor(most) == most])
    error_message = "replicas has to name whole numbers of at least 1."
  }
}

variable "archive_keep_deleted_days" {
  description = "For how many days a file of the archive that was deleted or replaced can be brought back."
  type        = number
  validation {
    condition     = var.archive_keep_deleted_days >= 7
    error_message = "archive_keep_deleted_days has to be at least 7: a mistake has to be noticed first."
  }
}

variable "ingress_ip" {
  description = "The address of the cluster's load balancer, once it has one (\"\" until then)."
  type        = string
  validation {
    condition     = var.ingress_ip == "" || can(cidrhost("${var.ingress_ip}/32", 0))
    error_message = "ingress_ip has to be an IPv4 address, or \"\" before there is one."
  }
}
