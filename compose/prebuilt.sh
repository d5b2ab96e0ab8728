#!/usr/bin/env bash
# Lays out in target/image what Dockerfile.prebuilt copies: the stripped programs, the libraries they are linked with, and the
# certificates of public authorities, from this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
image=target/image
certificates=/etc/ssl/certs/ca-certificates.crt
[ -f "$certificates" ] || { echo "compose/prebuilt.sh: $certificates is missing; install ca-certificates" >&2; exit 1; }
rm -rf "$image"
mkdir -p "$image"/{bin,empty,root/etc/ssl/certs}
for program in fetcher archive validator loader replayer query-api jikan-sim topology kansoku stack; do
  strip -o "$image/bin/$program" "target/release/$program"
done
ldd "$image"/bin/* | grep -o '/[^ :]*\.so[^ ]*' | sort -u | while read -r library; do
  install -D -m 755 "$library" "$image/root$library"
done
cp -L "$certificates" "$image/root$certificates"
echo 'nonroot:x:65532:65532::/:/sbin/nologin' >"$image/root/etc/passwd"
echo 'nonroot:x:65532:' >"$image/root/etc/group"
echo 'hosts: files dns' >"$image/root/etc/nsswitch.conf"
