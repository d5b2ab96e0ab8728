#!/usr/bin/env bash
# compose/standins/make.sh FOLDER: puts there what the stand-ins copy, and distribution.tar, the image they all begin with. The
# latter is made of the distribution's packages without installing them, once: it is kept in the user's cache.
set -euo pipefail
cd "$(dirname "$0")"
folder="${1:?name a folder}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/kansoku/standins"
packages=(bash coreutils busybox-static util-linux ca-certificates tzdata postgresql-15 redis-server prometheus prometheus-alertmanager
  prometheus-node-exporter prometheus-postgres-exporter prometheus-redis-exporter)

distribution() {
  local root="$1/root" debs="$1/debs" package
  mkdir -p "$root"/{etc,tmp,run/postgresql,var,usr/{bin,sbin,lib,lib64}} "$debs/archives/partial"
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root"
  ln -s /run "$root/var/run"
  : >"$1/status" # as if nothing were installed, so that all that is needed comes
  apt-get -q install -y --download-only --no-install-recommends -o Dir::State::status="$1/status" -o Dir::Cache::archives="$debs/archives" \
    -o APT::Sandbox::User=root "${packages[@]}" >"$1/log" 2>&1 || { cat "$1/log" >&2; return 1; }
  # Neither what is read by people, nor what compiles queries, nor what the servers' own pages are drawn by.
  for package in "$debs"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
      --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*' --exclude='./usr/share/javascript/*' --exclude='./usr/share/nodejs/*' \
      --exclude='*libLLVM*' --exclude='*llvmjit*' --exclude='./usr/lib/postgresql/15/lib/bitcode/*' --exclude='./usr/bin/promtool' --exclude='./usr/bin/amtool'
  done
  ln -sf busybox "$root/usr/bin/wget"
  ln -sf bash "$root/usr/bin/sh"
  ln -sf redis-check-rdb "$root/usr/bin/valkey-server"
  ln -sf redis-cli "$root/usr/bin/valkey-cli"
  printf '%s\n' root:x:0:0::/root:/bin/sh postgres:x:70:70::/var/lib/postgresql:/bin/sh nobody:x:65534:65534::/:/bin/false >"$root/etc/passwd"
  printf '%s\n' root:x:0: postgres:x:70: nogroup:x:65534: >"$root/etc/group"
  chmod 1777 "$root/tmp"
  tar -C "$root" --numeric-owner --owner=0 --group=0 -cf "$1/distribution.tar" .
}

tar="$cache/$(sha256sum make.sh | cut -c1-12).tar"
if [ ! -f "$tar" ]; then
  echo "Fetching Postgres, Redis, Prometheus and its like from the distribution (half a minute or more); kept in $cache" >&2
  mkdir -p "$cache"
  fresh="$(mktemp -d)"
  trap 'rm -rf "$fresh"' EXIT
  distribution "$fresh"
  rm -f "$cache"/*.tar
  cp "$fresh/distribution.tar" "$tar.new" && mv "$tar.new" "$tar"
fi
mkdir -p "$folder/empty"
cp Dockerfile nats.sh postgres.sh "$folder/"
cp "$(readlink -f ../../.tools/bin/nats-server)" "$folder/"
[ ! -x ../../.tools/bin/otelcol ] || cp ../../.tools/bin/otelcol "$folder/"
ln -s "$tar" "$folder/distribution.tar"
