#!/usr/bin/env bash
# The built desktop binary as a servant meets it: a window on a display (Xvfb), a real log-in by
# keyboard, a demonstration central that must have seen it. Keeps build/out/window-login.png and
# build/out/window.png.
set -euo pipefail
cd "$(dirname "$0")/.."

seirs=${SEIRS:-build/bin/seirs}
desktop=${DESKTOP:-build/bin/sei-rs-desktop}
# A user of the demonstration central; the log-in screen names them all.
agency=${DEMO_AGENCY:-SPGG}
user=${DEMO_USER:-ana.schneider}
password=${DEMO_PASSWORD:-demonstracao}

out=build/out
work=$(mktemp -d)
mkdir -p "$out"
pids=()
finish() {
  local code=$?
  [ $code -eq 0 ] || [ -z "${DISPLAY:-}" ] || import -window root "$out/window-FAILED.png" 2>/dev/null || true
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
unset DISPLAY WAYLAND_DISPLAY

# until_true SECONDS WHAT COMMAND...: waits for something that no event tells a shell of.
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ $SECONDS -ge $end ]; then
      echo "not seen in time: $what" >&2
      tail -n 50 "$work"/*.log >&2
      exit 1
    fi
    sleep 0.1
  done
}

alive() { kill -0 "${pids[-1]}" 2>/dev/null || { echo "a program ended early" >&2; tail -n 50 "$work"/*.log >&2; exit 1; }; }

"$seirs" central --demo --listen 127.0.0.1:0 --data "$work/central" >"$work/central.log" 2>&1 &
pids+=($!)
central_url() { url=$(sed -n 's/^central: //p' "$work/central.log" | head -1) && [ -n "$url" ]; }
until_true 60 "the central's address" central_url

Xvfb -displayfd 3 -screen 0 1366x768x24 -nolisten tcp 3>"$work/display" >"$work/xvfb.log" 2>&1 &
pids+=($!)
until_true 30 "the display's number" test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY

# Software drawing, and no session bus or keyring of the person who runs the test.
env -u DBUS_SESSION_BUS_ADDRESS HOME="$work/home" XDG_RUNTIME_DIR="$work" NO_AT_BRIDGE=1 \
  WEBKIT_DISABLE_DMABUF_RENDERER=1 LIBGL_ALWAYS_SOFTWARE=1 \
  "$desktop" --central "$url" --profile "$work/desk" >"$work/desktop.log" 2>&1 &
pids+=($!)

window_there() { alive; window=$(xdotool search --onlyvisible --name 'SEI RS' 2>/dev/null | head -1) && [ -n "$window" ]; }
until_true 60 "the window" window_there

# A blank window has a handful of colours; text on a page has dozens of shades.
painted() {
  import -window root "$1" 2>/dev/null
  [ "$(identify -format %k "$1")" -ge "${2:-40}" ]
}
still() {
  painted "$1" || return 1
  local before
  before=$(identify -format %# "$1")
  sleep 0.4
  import -window root "$1"
  [ "$before" = "$(identify -format %# "$1")" ]
}
until_true 60 "the log-in screen painted" still "$out/window-login.png"

# The central's own audit is the witness; making its samples logged people in too.
logins() {
  sqlite3 -readonly "$work/central/central.db" "SELECT count(*) FROM audit JOIN users ON users.id = audit.user_id
    WHERE act = 'login' AND code = '' AND login = '$user'" 2>>"$work/sqlite.log"
}
before=$(logins)

# The first empty field has the focus: the user's. The list of agencies is before it, and takes what is typed.
xdotool windowfocus "$window"
xdotool key shift+Tab
xdotool type --delay 15 "$agency"
xdotool key Tab
xdotool type --delay 15 "$user"
xdotool key Tab
xdotool type --delay 15 "$password"
xdotool key Return

login_seen() {
  alive
  [ "$(logins)" = $((before + 1)) ]
}
until_true 30 "the log-in at the central" login_seen

changed() { still "$out/window.png" && [ "$(identify -format %# "$out/window.png")" != "$(identify -format %# "$out/window-login.png")" ]; }
until_true 30 "the screen after the log-in" changed
echo "window: $agency/$user logged in at $url; pictures in $out/window-login.png and $out/window.png"
