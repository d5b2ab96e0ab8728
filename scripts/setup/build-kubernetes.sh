#!/usr/bin/env bash
# Builds programs of Kubernetes from its Go module: some six minutes of processor time for kube-apiserver and
# kube-controller-manager.
#   scripts/setup/build-kubernetes.sh VERSION FOLDER PROGRAM …    makes FOLDER/PROGRAM-VERSION
set -euo pipefail
version="$1" target="$2"
shift 2

module="$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
[ -n "$module" ] || { echo "the Go module k8s.io/kubernetes $version is not to be had" >&2; exit 1; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# The module replaces its parts by folders that are not in it; they are modules too, v0.32.1 beside v1.32.1. Of endpointslice the
# proxy does not have every version.
parts="v0.${version#v1.}"
{
  printf 'module kube\n\ngo 1.23.0\n\n'
  sed -n '/^require (/,/^)/p' "$module/go.mod" | sed -E "s#^(\tk8s.io/[a-z-]+) v0\.0\.0( |\$)#\1 $parts\2#"
  printf 'require k8s.io/kubernetes %s\n\nreplace (\n' "$version"
  sed -nE "s#^\t(k8s.io/[a-z-]+) => ./staging/.*#\t\1 => \1 $parts#p" "$module/go.mod" | sed 's#\(endpointslice => .*\) v0.32.13#\1 v0.32.12#'
  printf ')\n'
} >go.mod
cp "$module/go.sum" . && chmod u+w go.sum
minor="${version#v1.}"
flags="-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
for program in "$@"; do
  GOFLAGS=-mod=mod nice -n 10 go build -trimpath -ldflags="$flags" -o "$folder/$program" "k8s.io/kubernetes/cmd/$program"
  mv "$folder/$program" "$target/$program-$version"
done
