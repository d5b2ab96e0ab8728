#!/usr/bin/env bash
# Builds the web UI unless the built one is newer than every file it is made from.
set -euo pipefail
cd "$(dirname "$0")/../web"
if [ -f dist/index.html ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer dist/index.html -print -quit)" ]; then
  exit 0
fi
echo "Building the web UI"
# Its list of files says nothing to a person; what went wrong does.
built=$(npm run --silent build 2>&1) || { printf '%s\n' "$built" >&2; exit 1; }
touch dist/index.html
