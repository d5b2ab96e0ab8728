# The sums are worth nothing when a program takes more connections than they count.

run "a_program_takes_what_is_counted" {
  command = plan

  variables {
    replicas = { loader = 1, query_api = 1, replayer = 1 }
  }

  assert {
    # One pod and one more during a rollout.
    condition = output.connections.needed.loader == 2 * (
      tonumber(regex("max_connections\\(([0-9]+)\\)", file("${path.module}/../../../../loader/src/store/connect.rs"))[0]) + 1
    )
    error_message = "loader/src/store/connect.rs has another pool: change of_one in connections.tf"
  }
  assert {
    condition = output.connections.needed.query_api == 2 * (
      tonumber(regex("max_connections: ([0-9]+) ", file("${path.module}/../../../../query-api/src/settings.rs"))[0]) +
      tonumber(regex("COMMAND_SESSIONS: u32 = ([0-9]+);", file("${path.module}/../../../../query-api/src/database.rs"))[0])
    )
    error_message = "query-api takes other pools by default: change of_one in connections.tf"
  }
  assert {
    condition = alltrue([
      for name in ["loader", "replayer"] : output.connections.needed[name] == 2 * tonumber(
        regex("(?m)^${name}: .*sessions: ([0-9]+)\\}$", file("${path.module}/../../../helm/kansoku/templates/_names.tpl"))[0]
      )
    ])
    error_message = "the chart counts other sessions of a pod (kansoku.facts): change of_one in connections.tf"
  }
}

run "what_the_chart_is_told_is_where_it_looks" {
  command = plan

  assert {
    condition = strcontains(
      file("${path.module}/../../../helm/kansoku/templates/_pod.tpl"), "{name: postgres, mountPath: ${dirname(output.postgres_ca_file)},"
    )
    error_message = "the chart mounts the Secret of Postgres elsewhere: change postgres_ca_file in chart.tf"
  }
  assert {
    # The pool is made in modules/cluster: its label and its taint.
    condition = alltrue([
      for words in ["\"kansoku/pool\" = \"streams\"", "key    = \"kansoku/pool\"\n    value  = \"streams\"\n    effect = \"NoSchedule\""] :
      strcontains(file("${path.module}/../cluster/main.tf"), words)
    ])
    error_message = "modules/cluster marks the machines for streams otherwise: change servers_values in chart.tf"
  }
}
