terraform {
  required_version = ">= 1.11"

  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.79"
    }
  }

  # Where the state lies is said by `terraform init -backend-config=<environment>.backend` (docs/guides/terraform.md).
  backend "s3" {}
}

# DIGITALOCEAN_TOKEN, SPACES_ACCESS_KEY_ID and SPACES_SECRET_ACCESS_KEY come from the environment, never from a file.
provider "digitalocean" {}
