#!/usr/bin/env bash
# Builds the web UI unless the built one is newer than every file it is made from.
set -euo pipefail
cd "$(dirname "$0")/../web"
if [ -f dist/index.html ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer dist/index.html -print -quit)" ]; then
  exit 0
fi
echo "Building the web UI"
npm run --silent build
touch dist/index.html
