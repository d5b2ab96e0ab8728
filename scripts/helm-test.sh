#!/usr/bin/env bash
# Checks the charts, without a cluster.
#   scripts/helm-test.sh [module …]   all, or e.g. test_policy
set -euo pipefail
cd "$(dirname "$0")/.."

tests=deploy/helm/tests
for chart in kansoku kansoku-servers; do
  for values in "deploy/helm/$chart"/ci/*-values.yaml "deploy/helm/$chart"/values-*.yaml; do
    .tools/bin/helm lint --strict --quiet "deploy/helm/$chart" --values "$values"
  done
done
if [ $# -eq 0 ]; then
  for file in "$tests"/test_*.py; do set -- "$@" "$(basename "$file" .py)"; done
fi
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$tests:.tools/kubernetes-validate" python3 -m unittest -v "$@"
