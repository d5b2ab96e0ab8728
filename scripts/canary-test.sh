#!/usr/bin/env bash
# Brings versions of query-api out behind HAProxy, judged by a real Prometheus with the chart's own queries.
#   scripts/canary-test.sh [test …]   e.g. test_analysis, or test_argo, where Argo Rollouts itself decides
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- test_analysis test_canary
if [ "$*" != test_analysis ]; then
  KANSOKU_OLD="$(deploy/canary/old.sh)"
  export KANSOKU_OLD
  packages=()
  for name in fetcher archive validator loader replayer query-api jikan-sim cli nats stack; do packages+=(-p "kansoku-$name"); done
  cargo build --release --locked --bins "${packages[@]}"
fi
PATH="$PWD/.tools/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="deploy/canary:deploy/helm/tests:.tools/kubernetes-validate" python3 -m unittest -v "$@"
