#!/usr/bin/env bash
# Starts compose/compose.yaml for real, by an engine whose data, sockets, networks and processes are its own: it lives in namespaces
# that end with this script, whatever ends it, and touches no other engine on the machine. compose/test.py says what is tried.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
SECONDS=0

NO_ENGINE=75
skip() { echo "SKIPPED: $*"; exit 0; }

# The part within the namespaces: the engine, then the test.
inside() {
  local run="$1"
  mount --make-rslave / && mount --make-rshared / # nothing goes out; volumes of the host's root come in
  mkdir -p "$run/data" /run/containerd /var/lib/docker
  mount -t tmpfs none /run/containerd # or it would take the containerd of another engine
  mount --bind "$run/data" /var/lib/docker # where compose.yaml looks for the logs
  ip link set lo up
  dockerd --data-root /var/lib/docker --exec-root "$run/exec" --pidfile "$run/dockerd.pid" --host "unix://$run/docker.sock" --bridge none \
    --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$(basename "$run")" >"$run/dockerd.log" 2>&1 &
  local engine=$!
  for _ in $(seq 300); do
    docker version >/dev/null 2>&1 && break
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.1
  done
  if ! docker version >/dev/null 2>&1; then
    tail -n 20 "$run/dockerd.log"
    echo "SKIPPED: Docker's engine does not start here; its last words are above"
    return "$NO_ENGINE"
  fi
  echo "== Docker $(docker version --format '{{.Server.Version}}') runs in $run"
  docker import - kansoku-distribution:local <"$run/standins/distribution.tar" >/dev/null
  python3 compose/test.py
  kill "$engine" && wait
}

if [ "${1:-}" = --inside ]; then
  inside "$2"
  exit
fi

[ "$(id -u)" -eq 0 ] || skip "an engine of its own needs root; as root 'make compose-test' starts the containers"
command -v apt-get >/dev/null || skip "the stand-ins for images are made of Debian's packages, and this is not Debian"
scripts/setup.sh containers
unshare --mount --net --pid --fork --mount-proc true 2>/dev/null || skip "this machine lets nobody have namespaces, as within a container"
make build
compose/prebuilt.sh

run="$(mktemp -d /tmp/kansoku-compose-XXXXXX)"
end() {
  [ -z "${inner:-}" ] || kill -KILL "$inner" 2>/dev/null || true # and with it every process within
  wait
  for _ in $(seq 50); do # a control group is busy until the last of its processes is gone
    find /sys/fs/cgroup -depth -type d -path "*/$(basename "$run")*" -exec rmdir {} + 2>/dev/null || true
    [ -n "$(find /sys/fs/cgroup -type d -name "$(basename "$run")" 2>/dev/null)" ] || break
    sleep 0.1
  done
  rm -rf "$run"
}
trap end EXIT
trap 'exit 130' INT TERM HUP
KANSOKU_SECRETS="$run/secrets" KANSOKU_GRAFANA_URL=https://grafana.example.org compose/secrets.sh >/dev/null
compose/standins/make.sh "$run/standins"
# `docker compose` finds it as a plug-in.
mkdir -p "$run/config/cli-plugins"
ln -s "$root/.tools/bin/docker-compose" "$run/config/cli-plugins/docker-compose"
export DOCKER_HOST="unix://$run/docker.sock" DOCKER_CONFIG="$run/config" DOCKER_BUILDKIT=1 COMPOSE_BAKE=false
export KANSOKU_SECRETS="$run/secrets" KANSOKU_STANDINS="$run/standins" KANSOKU_DOCKERFILE=compose/Dockerfile.prebuilt
unset COMPOSE_PROFILES COMPOSE_FILE KANSOKU_PORT KANSOKU_TAG KANSOKU_IMAGES
echo "== ready to start after $SECONDS s"
unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --inside "$run" &
inner=$!
status=0
wait "$inner" || status=$?
case "$status" in
  0) echo "== compose-test passed in $SECONDS s" ;;
  "$NO_ENGINE") exit 0 ;;
  *) echo "== compose-test FAILED after $SECONDS s; the engine's last words:"; tail -n 5 "$run/dockerd.log"; exit 1 ;;
esac
