#!/usr/bin/env bash
# Runs a Windows program in the prepared prefix: for "go test -exec", which starts it in the package's directory.
set -euo pipefail
directory=$PWD
cd "$(dirname "$0")/../.."
. build/wine/environment.sh
cd "$directory"
exec wine "$@"
