#!/usr/bin/env bash
# Hands a command to the stack, or says that nothing was built yet.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x target/release/stack ]; then
  if [ -f "${KANSOKU_DATA:-.data}/ports.json" ]; then
    echo "Something was set up here, and the programs are gone; 'make build' brings them back, and then this works." >&2
    exit 1
  fi
  case "$1" in *down | reset) echo "Nothing runs: nothing was built here yet."; exit 0 ;; esac
  echo "Nothing was built here yet; 'make up' does." >&2
  exit 1
fi
KANSOKU_ROOT="$PWD" exec target/release/stack "$@"
