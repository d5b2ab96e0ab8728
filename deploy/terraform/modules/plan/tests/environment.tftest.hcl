# Run once with each environment's own file: terraform test -filter=tests/environment.tftest.hcl -var-file=../../staging.tfvars

run "fits" {
  command = plan

  assert {
    condition     = output.connections.left >= 10
    error_message = "too few connections are left for a person who has to look into an incident: ${jsonencode(output.connections)}"
  }
  assert {
    condition     = output.name == "kansoku-${var.environment}"
    error_message = "the name is ${output.name}"
  }
}

run "shares_no_addresses_with_the_other" {
  command = plan

  assert {
    condition = length(distinct([
      for other in ["staging", "production"] :
      regex("network +?= \"([^\"]+)\"", file("${path.module}/../../${other}.tfvars"))[0]
    ])) == 2
    error_message = "staging and production have the same network, so they could never be connected"
  }
}
