# shellcheck shell=bash
# What the distribution brings. Sourced by scripts/setup.sh.
# `want WHAT …` asks for what is missing of it, `install_packages` installs all that was asked for.

packages=() need_postgres=

want() { # what …
  local what
  for what in "$@"; do "want_$what"; done
}

want_servers() {
  need_postgres=1
  has_postgres || packages+=(postgresql)
  command -v redis-server >/dev/null || packages+=(redis-server)
  command -v setpriv >/dev/null || packages+=(util-linux)
  type -P kill >/dev/null || packages+=(procps) # the shell's own is of no use to a program
}
want_watchers() {
  command -v prometheus >/dev/null || packages+=(prometheus)
  command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null || packages+=(prometheus-alertmanager)
}
want_pip() { python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip); }
want_git() { command -v git >/dev/null || packages+=(git); } # lists the source files
want_browser() { [ -n "$(scripts/browser.sh)" ] || packages+=(chromium); }
want_webp() { command -v img2webp >/dev/null || packages+=(webp); }
want_faketime() { compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(faketime); }
want_haproxy() { command -v haproxy >/dev/null || [ -x /usr/sbin/haproxy ] || packages+=(haproxy); }
want_etcd() { command -v etcd >/dev/null || packages+=(etcd-server); }
want_node() {
  command -v containerd >/dev/null || packages+=(containerd)
  [ -x /usr/lib/cni/bridge ] || packages+=(containernetworking-plugins)
  command -v iptables >/dev/null || packages+=(iptables)
  command -v ip >/dev/null || packages+=(iproute2)
  [ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)
}
want_docker() {
  local program
  for program in dockerd docker iptables; do command -v "$program" >/dev/null || { packages+=(docker.io); break; }; done
  command -v unshare >/dev/null || packages+=(util-linux)
  command -v ip >/dev/null || packages+=(iproute2)
}

install_packages() {
  [ "${#packages[@]}" -gt 0 ] || return 0
  say "Installing from the distribution, by apt-get as root: ${packages[*]}"
  say "Until that is done a /usr/sbin/policy-rc.d, unless there is one, keeps their own services from starting."
  apt_install "${packages[@]}"
  [ -z "$need_postgres" ] || has_postgres || fail "the distribution's Postgres is older than 15; Debian 12 or Ubuntu 24.04 bring a newer one"
}

has_postgres() {
  local folder
  for folder in /usr/lib/postgresql/*/bin; do
    [ -x "$folder/postgres" ] && [ "$(basename "$(dirname "$folder")")" -ge 15 ] && return 0
  done
  return 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "'$*' needs root, and there is no sudo; run it as root once, then go on"; fi
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
  # A new machine brings itself up to date: whoever holds the lock is waited for.
  local apt_get=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
  as_root "${apt_get[@]}" update >&2 || fail "apt-get update failed; see above"
  as_root "${apt_get[@]}" install -y --no-install-recommends "$@" >&2 ||
    fail "apt-get install $* failed; see above (for Chromium, KANSOKU_CHROMIUM may name a Chromium or Chrome that is there)"
}
