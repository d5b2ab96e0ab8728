#!/usr/bin/env bash
# Refuses what `make up` cannot use, before anything is built and in the words of the program that refuses it later. Reads
# DAYS, SOURCE, FAST, CONTACT, BASE_URLS and TLS from the environment, and in LOWER the variables that were typed in lower case.
set -euo pipefail
cd "$(dirname "$0")/.."

refuse() {
  printf '%s\n' "$1" >&2
  exit 2
}

for name in ${LOWER:-}; do
  refuse "$name=…: make reads variables in capitals only, as in make up ${name^^}=…"
done

if [ -n "${DAYS:-}" ] && ! { [[ "$DAYS" =~ ^[0-9]{1,3}$ ]] && [ "$((10#$DAYS))" -le 720 ]; }; then
  refuse "DAYS=$DAYS: the days of sample history are a number from 0 to 720"
fi
case "${TLS:-0}" in
  0 | 1) ;;
  *) refuse "TLS=$TLS: 1 speaks TLS on every connection, 0 without; what was chosen stays" ;;
esac
# What was chosen before stays.
was=sim
if grep -qs '"source": *"live"' "${KANSOKU_DATA:-.data}/source.json"; then was=live; fi
source="${SOURCE:-$was}"
case "$source" in
  sim | live) ;;
  *) refuse "SOURCE=$SOURCE: what is captured from is sim, the simulator, or live" ;;
esac

# How long a simulated day takes: numbers with units, less than a day together.
check_fast() {
  local words="FAST=$FAST: how long a simulated day takes looks like 60s, 2min, 1h or 500ms, and is less than a day"
  local rest="$FAST" total=0 is_exact=yes each
  while [[ "$rest" =~ ^[[:space:]]*([0-9]{1,9})(\.[0-9]+)?[[:space:]]*([a-zµA-Z]+)(.*)$ ]]; do
    case "${BASH_REMATCH[3]}" in
      ns | nsec | nanos | us | usec | µs) each=0 is_exact=no ;;
      ms | msec | millis) each=1 ;;
      s | sec | secs | second | seconds) each=1000 ;;
      m | min | mins | minute | minutes) each=60000 ;;
      h | hr | hrs | hour | hours) each=3600000 ;;
      d | day | days) each=86400000 ;;
      *) refuse "$words" ;;
    esac
    [ -z "${BASH_REMATCH[2]}" ] || is_exact=no
    total=$((total + 10#${BASH_REMATCH[1]} * each))
    rest="${BASH_REMATCH[4]}"
  done
  if [[ "$rest" =~ [^[:space:]] ]] || [ "$total" -ge 86400000 ] || [ "$total$is_exact" = 0yes ]; then
    refuse "$words"
  fi
}

check_contact() {
  local contact
  contact="$(printf %s "${CONTACT:-}" | tr '\t\n' '  ' | sed 's/^ *//; s/ *$//')"
  if [ -z "$contact" ]; then
    [ "$was" = sim ] || [ -n "${CONTACT:-}" ] || return 0
    refuse $'requests to a live API carry a name: say how its people reach you, as in\n  make up SOURCE=live CONTACT=you@example.org'
  fi
  [[ "$contact" =~ ^[\ -~]+$ ]] || refuse "CONTACT must be printable ASCII: \"$contact\""
  [[ "$contact" == *@* || "$contact" == *://* ]] ||
    refuse "CONTACT must be an e-mail address or a URL by which people reach you: \"$contact\""
}

check_urls() {
  local url urls
  read -ra urls <<<"${BASE_URLS:-}"
  for url in ${urls[@]+"${urls[@]}"}; do
    if ! [[ "$url" =~ ^[Hh][Tt][Tt][Pp][Ss]?:/*(\[[0-9A-Fa-f:.]+\]|[^][/?#,@:]+)(:([0-9]{1,5}))?(/[^?#,]*)?$ ]] ||
      [ "$((10#${BASH_REMATCH[3]:-0}))" -gt 65535 ]; then
      refuse "\"$url\" is no http address such as http://127.0.0.1:8080/v4 (several have spaces between them)"
    fi
  done
}

if [ -n "${FAST:-}" ]; then check_fast; fi
if [ "$source" = live ]; then
  [ -z "${FAST:-}" ] || refuse "only the simulator's time can run fast"
  LC_ALL=C check_contact
  check_urls
elif [ -n "${CONTACT:-}${BASE_URLS:-}" ]; then
  refuse "a contact and base URLs are for a live API: make up SOURCE=live CONTACT=…"
fi
