#!/usr/bin/env bash
# Builds query-api, validator and loader of the commit before the newest migration, and prints their folder: the version that runs while
# this one is brought out. Prints nothing, and says why on standard error, where the history is not there.
set -euo pipefail
cd "$(dirname "$0")/../.."
say() { printf 'SKIPPED: %s; this version stands in for the one before\n' "$*" >&2; }

migrated="$(git log -1 --diff-filter=A --format=%H -- 'loader/migrations/*.sql' 2>/dev/null)" || true
[ -n "$migrated" ] || { say "there is no history of git here"; exit 0; }
commit="$(git rev-parse --verify --quiet "$migrated^")" || { say "the history of git begins too late"; exit 0; }
folder="$PWD/.tools/before/$(git rev-parse --short "$commit")"
if [ ! -x "$folder/query-api" ]; then
  echo "Building query-api, validator and loader of the commit before $(git log -1 --format='%h, "%s"' "$migrated") (some minutes, once)" >&2
  source="$folder/source"
  rm -rf "$source" && mkdir -p "$source"
  git archive "$commit" | tar -x -C "$source"
  # Not this version's target folder: cargo names a crate by its path within its workspace, so it would take one version's for the other's.
  CARGO_TARGET_DIR="$folder/target" cargo build --quiet --release --locked -p kansoku-query-api -p kansoku-validator -p kansoku-loader --bins --manifest-path "$source/Cargo.toml" >&2
  cp -r "$source/loader/migrations" "$folder/"
  cp "$folder"/target/release/{loader,validator,query-api} "$folder/"
  rm -rf "$folder/target" "$source"
fi
printf '%s\n' "$folder"
