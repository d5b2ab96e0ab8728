#!/usr/bin/env bash
# Builds kube-apiserver of one version from its Go module: some five minutes of processor time.
#   scripts/kube-apiserver.sh VERSION FILE
set -euo pipefail
version="$1" file="$2"

module="$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
[ -n "$module" ] || { echo "kube-apiserver: the Go module k8s.io/kubernetes $version is not to be had" >&2; exit 1; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# The module replaces its parts by folders that are not in it; they are modules too, v0.32.1 beside v1.32.1.
parts="v0.${version#v1.}"
{
  printf 'module kube\n\ngo 1.23.0\n\n'
  sed -n '/^require (/,/^)/p' "$module/go.mod" | sed -E "s#^(\tk8s.io/[a-z-]+) v0\.0\.0( |\$)#\1 $parts\2#"
  printf 'require k8s.io/kubernetes %s\n\nreplace (\n' "$version"
  sed -nE "s#^\t(k8s.io/[a-z-]+) => ./staging/.*#\t\1 => \1 $parts#p" "$module/go.mod"
  printf ')\n'
} >go.mod
cp "$module/go.sum" . && chmod u+w go.sum
minor="${version#v1.}"
flags="-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
GOFLAGS=-mod=mod nice -n 10 go build -trimpath -ldflags="$flags" -o "$file.new" k8s.io/kubernetes/cmd/kube-apiserver
mv "$file.new" "$file"
