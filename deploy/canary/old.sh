#!/usr/bin/env bash
# Builds query-api, validator and loader of the commit before the newest migration, and prints their folder: the version that runs while
# this one is brought out. Prints nothing, and says why on standard error, where the history is not there.
#   deploy/canary/old.sh -p PACKAGE …    those that this version is built with, or what all depend on would be compiled anew
set -euo pipefail
cd "$(dirname "$0")/../.."
say() { printf 'SKIPPED: %s; this version stands in for the one before\n' "$*" >&2; }

migrated="$(git log -1 --diff-filter=A --format=%H -- 'loader/migrations/*.sql' 2>/dev/null)" || true
[ -n "$migrated" ] || { say "there is no history of git here"; exit 0; }
commit="$(git rev-parse --verify --quiet "$migrated^")" || { say "the history of git begins too late"; exit 0; }
folder="$PWD/.tools/before/$(git rev-parse --short "$commit")"
if [ ! -x "$folder/query-api" ]; then
  echo "Building query-api, validator and loader of the commit before $(git log -1 --format='%h, "%s"' "$migrated") (some minutes, once)" >&2
  # A folder of its own, and files of now: cargo takes what it built of the same path for fresh where no file is newer.
  source="$folder/source"
  rm -rf "$source" && mkdir -p "$source"
  git archive "$commit" | tar -xm -C "$source"
  CARGO_TARGET_DIR="$PWD/target" cargo build --quiet --release --locked "$@" --bin query-api --bin validator --bin loader --manifest-path "$source/Cargo.toml" >&2
  cp -r "$source/loader/migrations" "$folder/"
  cp target/release/{loader,validator,query-api} "$folder/"
fi
printf '%s\n' "$folder"
