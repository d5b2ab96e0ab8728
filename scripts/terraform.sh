#!/usr/bin/env bash
# Checks deploy/terraform as far as that goes without a cloud and without DigitalOcean's provider: the format of everything, and
# the tests of modules/plan, which has no provider. With PROVIDER=1 (the hosted checks) also the rest, against mocks.
set -euo pipefail
cd "$(dirname "$0")/../deploy/terraform"

if ! command -v terraform >/dev/null; then
  echo "SKIPPED: terraform is not here, so deploy/terraform was not checked"
  exit 0
fi
# A configuration of the person's own, or one that is named and not there, has no say here.
export TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 TF_CLI_ARGS=-no-color

# Says how many passed, and everything where one did not.
tests() { # folder, then arguments
  local folder="$1" told
  shift
  told="$(terraform -chdir="$folder" test "$@" 2>&1)" || { printf '%s\n' "$told"; exit 1; }
  grep -E '^Success!' <<<"$told"
}

terraform fmt -check -diff -recursive .
terraform -chdir=modules/plan init -backend=false -input=false >/dev/null
tests modules/plan -var-file=../../production.tfvars
tests modules/plan -var-file=../../staging.tfvars -filter=tests/environment.tftest.hcl

# The charts take what they are told, and the connections are enough.
helm=../../.tools/bin/helm
told() { # environment, the name of the values, chart
  local values
  values="$(terraform -chdir=modules/plan console -var-file="../../$1.tfvars" <<<"jsonencode(local.$2)")"
  python3 -c 'import json, sys; print(json.loads(sys.argv[1]))' "$values" |
    "$helm" template "$3" "../helm/$3" --values "../helm/$3/values-$1.yaml" --values - >/dev/null
}
for environment in staging production; do
  if [ ! -x "$helm" ]; then echo "SKIPPED: helm is not here ('make helm-test' brings it), so the charts were not told"; break; fi
  told "$environment" chart_values kansoku
  told "$environment" servers_values kansoku-servers
done

if [ "${PROVIDER:-}" != 1 ]; then
  echo "SKIPPED: what DigitalOcean's provider knows (PROVIDER=1 downloads it; the hosted checks do)"
  exit 0
fi
terraform init -backend=false -input=false
terraform validate
for environment in staging production; do
  tests . -var-file="$environment.tfvars"
done
