#!/usr/bin/env bash
# Prints which Chromium the browser test uses, or nothing where there is none.
for name in "${KANSOKU_CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && type -P "$name"; then break; fi
done
exit 0
