#!/usr/bin/env bash
# Every test: Rust with line coverage, the web UI's, and the browser's against a real stack.
# One Postgres server serves all test programs; it ends with this script.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/coverage"
eval "$(cargo llvm-cov show-env --sh)"
export CARGO_TERM_COLOR=never RUST_BACKTRACE=0

echo "== Rust: building the programs and tests with coverage"
# Programs of an older state would count as ones that no test ran.
cargo llvm-cov clean --workspace
cargo build --workspace --locked --bins --all-features
cargo test --workspace --locked --no-run --all-features

echo "== Rust: testing"
cargo run --quiet --locked -p kansoku-stack --bin stack -- with-postgres -- \
  cargo test --workspace --locked --no-fail-fast --all-features

echo "== Rust: line coverage"
cargo llvm-cov report --summary-only --ignore-filename-regex '/(tests|bench|stack)/' \
  --fail-under-lines 70 | awk 'NR <= 2 || /^TOTAL/'

echo "== Web: testing"
make web/node_modules/.package-lock.json
(cd web && npm run --silent test)

echo "== Browser: testing"
KANSOKU_STACK="$CARGO_TARGET_DIR/debug/stack" scripts/e2e.sh
