#!/usr/bin/env bash
# make run: a demonstration central and the window on it. Without a display it serves the
# window over loopback and prints its address. Ctrl+C ends both; the data stays in build/cache/run.
set -euo pipefail
cd "$(dirname "$0")/.."

data=$PWD/build/cache/run
port=${SEIRS_PORT:-8377}
mkdir -p "$data"
log=$data/central.log
pids=()
finish() {
  trap - EXIT INT TERM
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
}
trap finish EXIT
trap 'exit 130' INT TERM

# The same address every time: a workstation belongs to its central's.
build/bin/seirs central --demo --listen "127.0.0.1:$port" --data "$data/central" >"$log" 2>&1 &
pids+=($!)
url=
for _ in $(seq 600); do
  url=$(sed -n 's/^central: //p' "$log" | head -1)
  [ -z "$url" ] || break
  if ! kill -0 "${pids[0]}" 2>/dev/null; then
    cat "$log" >&2
    echo "The demonstration central did not start. If port $port is taken: SEIRS_PORT=8400 make run" >&2
    exit 1
  fi
  sleep 0.1
done
[ -n "$url" ] || { cat "$log" >&2; echo "The demonstration central printed no address." >&2; exit 1; }
echo "Demonstration central: $url   (log: ${log#"$PWD"/})"
echo "Certificates to sign with: build/cache/run/central/certificados/*.pfx (password: demonstracao)"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  echo "Opening the window; closing it ends the demonstration."
  build/bin/sei-rs-desktop --central "$url" --profile "$data/desk" &
else
  echo "There is no display here. Open this address in a browser (it works once); Ctrl+C ends:"
  build/bin/seirs desk --listen 127.0.0.1:0 --central "$url" --profile "$data/desk" &
fi
pids+=($!)
wait "${pids[1]}"
