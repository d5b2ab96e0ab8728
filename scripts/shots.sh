#!/usr/bin/env bash
# Takes every picture of the README and the guides, and the short animation, from a stack of its own that is gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
KANSOKU_CHROMIUM="$(scripts/browser.sh)"
export KANSOKU_CHROMIUM="${KANSOKU_CHROMIUM:-/usr/bin/chromium}"
stack="${KANSOKU_STACK:-$root/target/release/stack}" # its programs lie beside it
scripts/build-web.sh
KANSOKU_DATA="$(mktemp -d)" KANSOKU_FRAMES="$(mktemp -d)"
export KANSOKU_DATA KANSOKU_FRAMES KANSOKU_ROOT="$root" KANSOKU_STACK="$stack"
stop() { "$stack" observe-down >/dev/null 2>&1 || true; "$stack" reset --yes >/dev/null 2>&1 || true; rm -rf "$KANSOKU_DATA" "$KANSOKU_FRAMES"; }
trap stop EXIT
"$stack" up --days 120
# Watched as well, for the message that an alert sends.
KANSOKU_SINK="$("$stack" observe | sed -nE 's#^ +slack +(http://[0-9.:]+) .*#\1/#p')"
export KANSOKU_SINK
eval "$("$stack" env)"
(cd web && npx playwright test --config shots.config.ts)

# Two seconds a frame, the last one longer.
last="$(find "$KANSOKU_FRAMES" -name '*.png' | sort | tail -1)"
img2webp -loop 0 -lossy -q 60 -m 6 -d 2200 "$KANSOKU_FRAMES"/*.png -d 3500 "$last" -o docs/pictures/story.webp >/dev/null
for picture in docs/pictures/*.webp; do
  most=150000
  [ "$picture" = docs/pictures/story.webp ] && most=1000000
  size="$(stat -c %s "$picture")"
  printf '%8d bytes  %s\n' "$size" "$picture"
  [ "$size" -le "$most" ] || { echo "shots: $picture is larger than $most bytes"; exit 1; }
done
