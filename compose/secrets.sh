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
# The services run as user 65532 and read the second file; the folder keeps other people out.
chmod 0711 secrets && chmod 0644 secrets/database_url
echo "compose/secrets: ready"
