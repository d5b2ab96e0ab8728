# The zone itself is there before: two environments share it, and so may others.
data "digitalocean_domain" "this" {
  name = var.domain
}

locals {
  label = trimsuffix(var.host, ".${var.domain}")
}

resource "digitalocean_record" "dashboard" {
  count  = var.ingress_ip == "" ? 0 : 1
  domain = data.digitalocean_domain.this.id
  type   = "A"
  name   = local.label
  value  = var.ingress_ip
  ttl    = 300
}

# Nobody else may sign a certificate for it.
resource "digitalocean_record" "authority" {
  domain = data.digitalocean_domain.this.id
  type   = "CAA"
  name   = local.label
  value  = "letsencrypt.org."
  flags  = 0
  tag    = "issue"
  ttl    = 3600
}
