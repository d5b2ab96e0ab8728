#!/usr/bin/env bash
# Every test: Rust with line coverage, the web UI's, and the browser's against a real stack.
# One Postgres server serves all test programs; it ends with this script.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target/coverage}"
eval "$(cargo llvm-cov show-env --sh 2>/dev/null)"
# A few files a program, merged as processes end: a file for each of some thousand processes would take gigabytes.
export LLVM_PROFILE_FILE="$CARGO_TARGET_DIR/kansoku-%4m.profraw"
export CARGO_TERM_COLOR=never RUST_BACKTRACE=0

echo "== Rust: building the programs and tests with coverage"
rm -f "$CARGO_TARGET_DIR"/*.profraw # of an earlier run
cargo build --workspace --locked --all-features --bins --tests

echo "== Rust: testing"
report="$CARGO_TARGET_DIR/nextest/default/junit.xml"
rm -f "$report"
trap '[ ! -f "$report" ] || scripts/skipped.py "$report"' EXIT # the last words, whatever comes between
"$CARGO_TARGET_DIR/debug/stack" with-postgres -- \
  cargo nextest run --workspace --locked --all-features

echo "== Rust: line coverage"
# A process that was killed while it wrote leaves a file that cannot be read: the others count.
cargo llvm-cov report --summary-only --failure-mode all --ignore-filename-regex '/(tests|bench|chaos|stack)/' \
  --fail-under-lines 70 | awk 'NR <= 2 || /^TOTAL/'

echo "== Web: testing"
make web/node_modules/.package-lock.json
(cd web && npm run --silent test)

echo "== Browser: testing"
KANSOKU_STACK="$CARGO_TARGET_DIR/debug/stack" scripts/e2e.sh
