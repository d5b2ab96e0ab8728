#!/usr/bin/env bash
# Makes the passwords of the containers, once; they stay out of git. KANSOKU_SECRETS names another folder.
set -euo pipefail
cd "$(dirname "$0")"
folder="${KANSOKU_SECRETS:-secrets}"
umask 077
mkdir -p "$folder"
if [ ! -f "$folder/postgres_password" ]; then
  od -An -N18 -tx1 /dev/urandom | tr -d ' \n' >"$folder/postgres_password"
fi
printf 'postgres://kansoku:%s@postgres:5432/kansoku' "$(cat "$folder/postgres_password")" >"$folder/database_url"
printf 'http://127.0.0.1:7499/' >"$folder/slack_url" # the receiver in the place of Slack
# Users of containers who are not root read them; the folder keeps other people out.
chmod 0711 "$folder" && chmod 0644 "$folder"/*
echo "$folder: ready"
