#!/bin/sh
# Fetches what PageTest drives the page with: playwright-core from npm, and Debian's chromium where
# there is none and we may install it. What fails is told; the test then says that it is skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
status=0
(cd "$here" && npm ci --ignore-scripts --no-audit --no-fund) || { echo "fetch: playwright-core could not be fetched"; status=1; }
if ! command -v chromium >/dev/null && [ -z "${CHROMIUM:-}" ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium; } </dev/null ||
      { echo "fetch: chromium could not be installed"; status=1; }
  else
    echo "fetch: no chromium on the path; install it, or name one in CHROMIUM"
    status=1
  fi
fi
exit $status
