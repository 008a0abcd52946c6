#!/usr/bin/env bash
# Compiles the given packages' tests for Windows and runs them under wine.
#
#   build/wine/test.sh ./internal/local ./internal/intake ./internal/sei
set -euo pipefail
cd "$(dirname "$0")/../.."
build/wine/prepare.sh
overlay=$(build/wine/overlay.sh)

# Whatever the tests started in this prefix ends with them.
trap '(. build/wine/environment.sh; wineserver -k 2>/dev/null) || true' EXIT
CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc GOOS=windows GOARCH=amd64 \
  go test -overlay "$overlay" -tags sqlite_fts5 -timeout 300s -vet=off -exec "$PWD/build/wine/run.sh" "$@"
