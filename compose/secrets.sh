#!/usr/bin/env bash
# Makes the passwords of the containers, once; they stay out of git.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
if [ ! -f secrets/postgres_password ]; then
  od -An -N18 -tx1 /dev/urandom | tr -d ' \n' >secrets/postgres_password
fi
printf 'postgres://kansoku:%s@postgres:5432/kansoku' "$(cat secrets/postgres_password)" >secrets/database_url
printf 'http://127.0.0.1:7499/' >secrets/slack_url # the receiver in the place of Slack
# Users of containers who are not root read them; the folder keeps other people out.
chmod 0711 secrets && chmod 0644 secrets/*
echo "compose/secrets: ready"
