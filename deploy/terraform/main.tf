# The plan says what there has to be; the other modules ask DigitalOcean for it.

module "plan" {
  source = "./modules/plan"

  environment   = var.environment
  region        = var.region
  domain        = var.domain
  network       = var.network
  kubernetes    = var.kubernetes
  service_nodes = var.service_nodes
  stream_nodes  = var.stream_nodes
  postgres      = var.postgres
  valkey        = var.valkey
  replicas      = var.replicas
  ingress_ip    = var.ingress_ip

  archive_keep_deleted_days = var.archive_keep_deleted_days
}

module "cluster" {
  source = "./modules/cluster"

  name          = module.plan.name
  region        = var.region
  tags          = module.plan.tags
  ranges        = module.plan.ranges
  kubernetes    = var.kubernetes
  service_nodes = var.service_nodes
  stream_nodes  = var.stream_nodes
}

module "data" {
  source = "./modules/data"

  name       = module.plan.name
  region     = var.region
  tags       = module.plan.tags
  vpc_id     = module.cluster.vpc_id
  cluster_id = module.cluster.id
  postgres   = var.postgres
  valkey     = var.valkey
  ports      = module.plan.ports

  postgres_ca_file = module.plan.postgres_ca_file
}

module "archive" {
  source = "./modules/archive"

  bucket            = module.plan.bucket
  region            = var.region
  keep_deleted_days = var.archive_keep_deleted_days
}

module "dns" {
  source = "./modules/dns"

  domain     = var.domain
  host       = module.plan.host
  ingress_ip = var.ingress_ip
}
