#!/usr/bin/env bash
# Refuses what `make up` cannot use, before anything is built. Reads DAYS, SOURCE and TLS from the environment.
set -euo pipefail
if [ -n "${DAYS:-}" ] && ! { [[ "$DAYS" =~ ^[0-9]{1,3}$ ]] && [ "$((10#$DAYS))" -le 720 ]; }; then
  echo "DAYS=$DAYS: the days of sample history are a number from 0 to 720" >&2
  exit 2
fi
case "${TLS:-0}" in
  0 | 1) ;;
  *)
    echo "TLS=$TLS: 1 speaks TLS on every connection, 0 without; what was chosen stays" >&2
    exit 2
    ;;
esac
case "${SOURCE:-sim}" in
  sim | live) ;;
  *)
    echo "SOURCE=$SOURCE: what is captured from is sim, the simulator, or live" >&2
    exit 2
    ;;
esac
