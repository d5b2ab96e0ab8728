#!/usr/bin/env bash
# Makes the passwords of the containers, once, and what depends on this machine; all stays out of git. KANSOKU_SECRETS names
# another folder, KANSOKU_GRAFANA_URL the address where readers of alerts find Grafana.
set -euo pipefail
cd "$(dirname "$0")"
folder="${KANSOKU_SECRETS:-secrets}"
grafana="${KANSOKU_GRAFANA_URL:-http://127.0.0.1:7430}"
if [[ ! "$grafana" =~ ^https?://[^[:space:]{}\"]+$ ]]; then
  echo "KANSOKU_GRAFANA_URL is $grafana, which is no address (https://grafana.example.org)" >&2
  exit 1
fi
umask 077
mkdir -p "$folder"
if [ ! -f "$folder/postgres_password" ]; then
  od -An -N18 -tx1 /dev/urandom | tr -d ' \n' >"$folder/postgres_password"
fi
printf 'postgres://kansoku:%s@postgres:5432/kansoku' "$(cat "$folder/postgres_password")" >"$folder/database_url"
printf 'http://127.0.0.1:7499/' >"$folder/slack_url" # the receiver in the place of Slack
printf '{{ define "kansoku.grafana" }}%s{{ end }}\n' "${grafana%/}" >"$folder/grafana.tmpl"
# Users of containers who are not root read them; the folder keeps other people out.
chmod 0711 "$folder" && chmod 0644 "$folder"/*
echo "$folder: ready"
