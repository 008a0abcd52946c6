#!/usr/bin/env bash
# Writes frontend/wailsjs, the frontend's view of the bound Go types, from app/desktop.
#
#   build/bindings.sh          writes it
#   build/bindings.sh check    fails when the committed one is out of date
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go build -buildvcs=false -tags bindings,sqlite_fts5 -o "$work/bindings" .
# Wails writes beside the wails.json of the directory it runs in, and says a great deal.
mkdir "$work/frontend"
cp wails.json "$work/"
(cd "$work" && tsoutputtype=interfaces ./bindings >log 2>&1) || { tail -n 20 "$work/log" >&2; exit 1; }
[ -d "$work/frontend/wailsjs/go" ] || { echo "bindings: Wails wrote nothing" >&2; exit 1; }

if [ "${1:-}" = check ]; then
  if ! diff -r "$work/frontend/wailsjs" frontend/wailsjs >"$work/diff"; then
    head -n 40 "$work/diff"
    echo "frontend/wailsjs does not match app/desktop: run make bindings and commit the result" >&2
    exit 1
  fi
else
  rm -rf frontend/wailsjs
  mv "$work/frontend/wailsjs" frontend/wailsjs
fi
