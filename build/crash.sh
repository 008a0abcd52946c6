#!/usr/bin/env bash
# Tries what the built programs keep when they are killed, cut from the power, and
# short of disk and network (app/crash).
#
#   ROUNDS=500 SEED=7 build/crash.sh loop    the crash loop alone
#   ROUNDS=3 build/crash.sh                  everything
#
# Without SEED every run takes another, and says which.
set -euo pipefail
cd "$(dirname "$0")/.."

only=()
[ "${1:-}" != loop ] || only=(-run '^TestNothingAcknowledgedIsLostWhenProgramsAreKilled$')
# A round takes about five seconds; twenty leave room for a slow machine.
SEIRS_PROGRAM=$PWD/build/bin/seirs CRASH_ROUNDS=${ROUNDS:-3} CRASH_SEED=${SEED:-} \
  go test -tags sqlite_fts5 -count=1 -parallel 3 -v -timeout $((600 + ${ROUNDS:-3} * 20))s "${only[@]}" ./app/crash
