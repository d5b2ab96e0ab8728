# What follows from the settings, without asking anybody: names, ranges and sums. No provider, so it is tested offline.

terraform {
  required_version = ">= 1.9"
}

locals {
  name = "kansoku-${var.environment}"
  host = join(".", [var.environment == "production" ? "kansoku" : local.name, var.domain])
}
