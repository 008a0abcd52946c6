#!/usr/bin/env bash
# Writes build/cache/wine/overlay.json, for go's -overlay flag, and prints its path.
#
# wine 8 answers STATUS_NOT_IMPLEMENTED when Go asks for POSIX deletion; real Windows never
# does. The overlay adds that answer to those on which Go falls back to the older call, so
# that os.RemoveAll works in tests under wine. Released programs are built without it.
set -euo pipefail
cd "$(dirname "$0")/../.."
original=$(go env GOROOT)/src/internal/syscall/windows/at_windows.go
# Not *.go, or the pattern ./... would find a package there.
changed=$PWD/build/cache/wine/at_windows.go.txt
mkdir -p build/cache/wine

awk '
  /case STATUS_INVALID_INFO_CLASS,/ && !done { print; print "\t\tNTStatus(0xC0000002), // STATUS_NOT_IMPLEMENTED, from wine"; done = 1; next }
  { print }
  END { exit !done }
' "$original" >"$changed.new" || { echo "overlay: $original has changed; this script must follow it" >&2; exit 1; }
cmp -s "$changed.new" "$changed" || mv "$changed.new" "$changed"
rm -f "$changed.new"
printf '{"Replace": {"%s": "%s"}}\n' "$original" "$changed" | tee build/cache/wine/overlay.json >/dev/null
echo build/cache/wine/overlay.json
