#!/usr/bin/env bash
# Prints the version that the programs carry, from the nearest tag v1.2.3 and the commits since.
#
#   build/version.sh            1.2.3, or 1.2.3-dev.4+g0123abc between releases
#   build/version.sh numeric    1,2,3,4: the four numbers of a Windows version resource
set -euo pipefail
cd "$(dirname "$0")/.."

# Without a tag (a shallow clone, an unpacked archive) the version of the module's first release line counts.
described=$(git describe --tags --long --match 'v[0-9]*' 2>/dev/null || true)
if [[ $described =~ ^v([0-9]+\.[0-9]+\.[0-9]+)-([0-9]+)-(g[0-9a-f]+)$ ]]; then
  base=${BASH_REMATCH[1]} commits=${BASH_REMATCH[2]} hash=${BASH_REMATCH[3]}
else
  base=0.1.0
  commits=$(git rev-list --count HEAD 2>/dev/null || echo 0)
  hash=g$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
  described=
fi

if [ "${1:-}" = numeric ]; then
  echo "${base//./,},$((commits > 65535 ? 65535 : commits))"
elif [ -n "$described" ] && [ "$commits" -eq 0 ]; then
  echo "$base"
else
  echo "$base-dev.$commits+$hash"
fi
