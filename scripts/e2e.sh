#!/usr/bin/env bash
# The browser test against a stack of its own: other ports, other data, gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
KANSOKU_CHROMIUM="$(scripts/browser.sh)"
export KANSOKU_CHROMIUM="${KANSOKU_CHROMIUM:-/usr/bin/chromium}"
stack="${KANSOKU_STACK:-}" # a built one; its programs lie beside it
if [ -z "$stack" ]; then
  make build
  stack="$root/target/release/stack"
fi
scripts/build-web.sh
KANSOKU_DATA="$(mktemp -d)"
export KANSOKU_DATA KANSOKU_ROOT="$root" KANSOKU_STACK="$stack"
stop() { "$stack" reset --yes >/dev/null 2>&1 || true; rm -rf "$KANSOKU_DATA"; }
trap stop EXIT
"$stack" up --days 40
eval "$("$stack" env)"
cd web && npm run --silent e2e
