#!/usr/bin/env bash
# Runs a program of this checkout with the running stack's configuration. bin/fetcher, bin/validator … are links to it.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
data="${KANSOKU_DATA:-$root/.data}"
name="$(basename "$0")"
[ "$name" != run-service.sh ] || { echo "call it by a name in bin/: bin/fetcher, bin/archive …" >&2; exit 1; }
program="$root/target/release/$name"
if [ ! -x "$program" ]; then
  echo "bin/$name: not built yet; 'make build' does" >&2
  exit 1
fi
if [ "$name" = kansoku ]; then
  # It knows no stack, only the API's address and the operator's token.
  if [ -z "${KANSOKU_API_URL:-}" ] && [ -f "$data/ports.json" ]; then
    addresses="$(KANSOKU_ROOT="$root" "$root/target/release/stack" env)"
    KANSOKU_API_URL="$(eval "$addresses" && printf %s "$KANSOKU_URL")"
    authority="$(eval "$addresses" && printf %s "${KANSOKU_TLS_CA:-}")"
    KANSOKU_SCHEMAS_DIR="${KANSOKU_SCHEMAS_DIR:-$(eval "$addresses" && printf %s "$KANSOKU_SCHEMAS_DIR")}"
    export KANSOKU_API_URL KANSOKU_SCHEMAS_DIR
    [ -z "$authority" ] || export KANSOKU_TLS_CA="$authority"
  fi
  export KANSOKU_TOKEN_FILE="${KANSOKU_TOKEN_FILE:-$data/operator.token}"
  # Its hints repeat how it was called.
  exec -a "$0" "$program" "$@"
fi
variable="$(printf '%s' "$name" | tr 'a-z-' 'A-Z_')_CONFIG"
if [ -z "${!variable:-}" ] && [ -f "$data/config/$name.toml" ]; then
  export "$variable=$data/config/$name.toml"
elif [ -z "${!variable:-}" ] && [ "$name" != jikan-sim ]; then
  echo "bin/$name: nothing was started here yet, and the defaults are used; 'make up' starts it" >&2
fi
# Its traces are sampled and go as those of the running stack, unless this shell says otherwise.
if [ -f "$data/config/telemetry.env" ] && [ -z "$(compgen -e OTEL_)" ]; then
  set -a
  # shellcheck disable=SC1091
  . "$data/config/telemetry.env"
  set +a
fi
exec "$program" "$@"
