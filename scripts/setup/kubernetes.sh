# shellcheck shell=bash
# Parts of Kubernetes and of Argo Rollouts, from their Go modules. Sourced by scripts/setup.sh.

KUBERNETES=v1.32.13
ROLLOUTS=v1.10.1

# The folder of a module; nothing where it is not to be had.
module_folder() { # module@version
  (cd / && go mod download -json "$1" 2>/dev/null) | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

kubernetes() { # program …
  local program built
  for program in "$@"; do
    built="$cache/$program-$KUBERNETES"
    if [ ! -x "$built" ]; then
      cached "$program"
      say "  building $program $KUBERNETES (some minutes the first time)"
      scripts/setup/build-kubernetes.sh "$KUBERNETES" "$cache" "$program" >&2 || fail "$program could not be built; see above"
    fi
    ln -sf "$built" "$tools/$program"
  done
}

# A control plane, and what speaks to it.
api_server() {
  kubernetes kube-apiserver kube-controller-manager
  command -v kubectl >/dev/null || kubernetes kubectl
}

# The controller and its definitions. Its module is the main one of its build, as it replaces modules.
rollouts() {
  local built="$cache/rollouts-controller-$ROLLOUTS" module
  module="$(module_folder "github.com/argoproj/argo-rollouts@$ROLLOUTS")"
  [ -n "$module" ] || fail "the Go module of Argo Rollouts $ROLLOUTS is not to be had"
  if [ ! -x "$built" ]; then
    cached "Argo Rollouts"
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
    [ ! -e "$folder/$(basename "$file")" ] || continue
    dir="$(module_folder "$module")"
    if [ -n "$dir" ]; then
      cp "$dir/$file" "$folder/" && chmod u+w "$folder/$(basename "$file")"
    else
      say "  $module is not to be had; its resources are held against deploy/helm/tests/crds instead"
    fi
  done <<END
github.com/argoproj/argo-rollouts@$ROLLOUTS manifests/crds/rollout-crd.yaml
github.com/argoproj/argo-rollouts@$ROLLOUTS manifests/crds/analysis-template-crd.yaml
github.com/kedacore/keda/v2@v2.21.0 config/crd/bases/keda.sh_scaledobjects.yaml
github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml
github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml
sigs.k8s.io/gateway-api@v1.6.3 config/crd/standard/gateway.networking.k8s.io_httproutes.yaml
github.com/cert-manager/cert-manager@v1.21.2 deploy/crds/cert-manager.io_certificates.yaml
github.com/external-secrets/external-secrets@v1.3.2 config/crds/bases/external-secrets.io_externalsecrets.yaml
END
}
