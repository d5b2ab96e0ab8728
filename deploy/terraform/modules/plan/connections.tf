# How many connections Postgres has, and how many can be asked of it at once.
locals {
  # DigitalOcean gives 25 connections for each GiB of memory and keeps three for itself.
  memory_gib  = tonumber(regex("([0-9]+)gb$", var.postgres.size)[0])
  connections = 25 * local.memory_gib - 3

  # What one process takes, as its program says (loader: its pool, and one that migrates; query-api: postgres.max_connections, and
  # two for commands; replayer: one that works, one that listens). tests/sources.tftest.hcl holds these against sources and chart.
  of_one = { loader = 5, query_api = 10, replayer = 2 }

  # The chart lets one pod more run during a rollout.
  at_most = { for name, most in var.replicas : name => most + 1 }
  needed  = { for name, pods in local.at_most : name => pods * local.of_one[name] }

  # Besides: the job that migrates, a person with psql, the pool for reports.
  sum = sum(values(local.needed)) + 1 + 1 + var.postgres.report_connections
}
