#!/usr/bin/env bash
# Runs every fuzz target of the module for a while: build/fuzz.sh 20s
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:-20s}
found=0
while IFS=: read -r file target; do
  echo "== $(dirname "$file") $target"
  go test -tags sqlite_fts5 -run '^$' -fuzz "^$target\$" -fuzztime "$duration" "$(dirname "$file")"
  found=$((found + 1))
done < <(find . -name '*_test.go' -not -path './frontend/node_modules/*' -not -path './build/cache/*' -print0 | xargs -0 grep -oHE '^func Fuzz[A-Za-z0-9_]+' | sed 's/func //')
[ $found -gt 0 ] || { echo "no fuzz target was found" >&2; exit 1; }
