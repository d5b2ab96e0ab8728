#!/usr/bin/env bash
# Brings versions of query-api out behind HAProxy, judged by a real Prometheus with the chart's own queries.
#   scripts/canary-test.sh [test …]   all, or e.g. test_analysis
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- test_analysis test_canary
if [ "$*" != test_analysis ]; then
  KANSOKU_OLD="$(deploy/canary/old.sh)"
  export KANSOKU_OLD
  make build # after it, since both are linked into the same folder
fi
PATH="$PWD/.tools/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="deploy/canary:deploy/helm/tests:.tools/kubernetes-validate" python3 -m unittest -v "$@"
