# shellcheck shell=bash
# What is built from Go modules: once, kept in the user's cache, copied to .tools/bin. Sourced by scripts/setup.sh.

NATS_SERVER=v2.15.2
NATS_CLI=v0.5.1
ACTIONLINT=v1.7.12
COMPOSE_SPEC=v2.16.2
TOXIPROXY=v2.5.0
HELM=v4.3.2
KUBECONFORM=v0.8.0
COMPOSE=v2.39.4

nats_server() { go_tool nats-server "$NATS_SERVER" github.com/nats-io/nats-server/v2; }
nats() { nats_server && go_tool nats "$NATS_CLI" github.com/nats-io/natscli/nats; }
toxiproxy() { go_tool toxiproxy-server "$TOXIPROXY" github.com/Shopify/toxiproxy/v2/cmd/server; }
helm() { go_tool helm "$HELM" helm.sh/helm/v4/cmd/helm; }
kubeconform() { go_tool kubeconform "$KUBECONFORM" github.com/yannh/kubeconform/cmd/kubeconform; }
actionlint() { go_tool actionlint "$ACTIONLINT" github.com/rhysd/actionlint/cmd/actionlint; }
compose_spec() { go_tool compose-spec "$COMPOSE_SPEC" github.com/compose-spec/compose-go/v2/cmd; }

# Before something is built: says once that it is kept outside the project.
cached() { # what
  command -v go >/dev/null || fail "Go is needed to build $1; install it from https://go.dev/dl/"
  [ -z "${said_cached:-}" ] || return 0
  said_cached=1
  say "Programs that are built for Kansoku are kept outside the project, in $cache (and what their builds download in Go's and Cargo's caches)."
  mkdir -p "$cache"
}

is_installed() { # name version
  [ -x "$tools/$1" ] && [ "$(cat "$tools/.$1.version" 2>/dev/null)" = "$2" ]
}

# Copies it from the cache.
install_tool() { # name version
  cp "$cache/$1-$2" "$tools/$1.new" && mv "$tools/$1.new" "$tools/$1"
  printf '%s' "$2" >"$tools/.$1.version"
}

go_tool() { # name version module
  ! is_installed "$1" "$2" || return 0
  if [ ! -x "$cache/$1-$2" ]; then
    cached "$1"
    say "  building $1 $2 (a minute or two the first time)"
    local fresh
    fresh="$(mktemp -d)"
    GOBIN="$fresh" GOFLAGS=-trimpath go install "$3@$2" >&2 || fail "go install $3@$2 failed; see above"
    mv "$fresh"/* "$cache/$1-$2" # the module may call its program otherwise
    rmdir "$fresh"
  fi
  install_tool "$1" "$2"
}

# Its go.mod excludes modules, which `go install` refuses of a module that is not the main one.
compose() {
  ! is_installed docker-compose "$COMPOSE" || return 0
  local built="$cache/docker-compose-$COMPOSE" fresh
  if [ ! -x "$built" ]; then
    cached "Docker Compose"
    say "  building Docker Compose $COMPOSE (two minutes or more the first time)"
    fresh="$(mktemp -d)"
    printf 'module compose\n\ngo 1.24.7\n\nrequire github.com/docker/compose/v2 %s\n' "$COMPOSE" >"$fresh/go.mod"
    (cd "$fresh" && go build -mod=mod -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$COMPOSE" \
      -o docker-compose github.com/docker/compose/v2/cmd) >"$fresh/log" 2>&1 || { cat "$fresh/log" >&2; fail "Docker Compose could not be built; see above"; }
    mv "$fresh/docker-compose" "$built"
    rm -rf "$fresh"
  fi
  install_tool docker-compose "$COMPOSE"
}

# From the parts that builder.yaml names. Without it the rest of `make observe` works, so a failure is only said.
collector() {
  local parts=observability/collector/builder.yaml version fresh
  version="$(sha256sum "$parts" | cut -c1-12)"
  ! is_installed otelcol "$version" || return 0
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
  install_tool otelcol "$version"
}
