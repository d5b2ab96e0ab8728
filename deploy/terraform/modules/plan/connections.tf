# How many connections Postgres has, and how many can be asked of it at once.
locals {
  # DigitalOcean gives 25 connections for each GiB of memory and keeps three for itself.
  memory_gib  = tonumber(regex("([0-9]+)gb$", var.postgres.size)[0])
  connections = 25 * local.memory_gib - 3

  # What one process takes, as its program says (loader/src/store/connect.rs; query-api: postgres.max_connections and two for
  # commands; replayer: one that works and one that listens). tests/sources.tftest.hcl holds these against the sources.
  of_one = { loader = 4, query_api = 10, replayer = 2 }

  # During a rollout a quarter more pods run, rounded up.
  at_most = { for name, most in var.replicas : name => most + ceil(most / 4) }
  needed  = { for name, pods in local.at_most : name => pods * local.of_one[name] }

  # Besides: the job that migrates, a person with psql, the pool for reports.
  sum = sum(values(local.needed)) + 1 + 1 + var.postgres.report_connections
}
