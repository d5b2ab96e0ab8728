#!/usr/bin/env bash
# The browser test against a stack of its own: other ports, other data, gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
if [ -n "${KANSOKU_URL:-}" ]; then
  cd web && exec npm run --silent e2e
fi
make build
KANSOKU_DATA="$(mktemp -d)"
export KANSOKU_DATA
stop() { "$root/target/release/stack" reset >/dev/null 2>&1 || true; rm -rf "$KANSOKU_DATA"; }
trap stop EXIT
target/release/stack up --days 40
eval "$(target/release/stack env)"
export KANSOKU_URL
cd web && npm run --silent e2e
