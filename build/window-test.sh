#!/usr/bin/env bash
# The built desktop binary as a servant meets it: a window on a display (Xvfb) and a keyboard. Logs
# in, finds a process by the search dialog and receives it, opens the sending dialog, and puts a
# picture chosen in the system's file dialog into a new document. The central is the witness: its
# audit of the log-in, its accepted commands, the picture's very bytes among its files.
# Keeps pictures of each step in build/out/window*.png.
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
until_true 60 "the display's number" test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY

# Software drawing, and no session bus or keyring of the person who runs the test.
env -u DBUS_SESSION_BUS_ADDRESS HOME="$work/home" XDG_RUNTIME_DIR="$work" NO_AT_BRIDGE=1 \
  WEBKIT_DISABLE_DMABUF_RENDERER=1 LIBGL_ALWAYS_SOFTWARE=1 \
  "$desktop" --central "$url" --profile "$work/desk" >"$work/desktop.log" 2>&1 &
pids+=($!)

window_there() { alive; window=$(xdotool search --onlyvisible --name 'SEI RS' 2>/dev/null | head -1) && [ -n "$window" ]; }
until_true 60 "the window" window_there

# shot FILE: the screen as it is now.
shot() { import -window root "$1" 2>>"$work/pictures.log"; }

# A blank window has a handful of colours; text on a page has dozens of shades.
painted() { [ "$(identify -format %k "$1")" -ge 40 ]; }

# Two pictures that differ by no more than a blinking caret show the same.
caret=400 # pixels
same() {
  local differing
  differing=$(compare -metric AE "$1" "$2" null: 2>&1) || true
  [ "${differing%%[!0-9]*}" -le $caret ]
}

# still FILE: the screen is painted and has come to rest; FILE shows it.
still() {
  shot "$1" && painted "$1" || return 1
  sleep 0.4
  mv "$1" "$work/before.png"
  shot "$1" && same "$work/before.png" "$1"
}

# brightness FILE GEOMETRY: of that part of a picture, in thousandths.
brightness() { convert "$1" -crop "$2" +repage -colorspace Gray -format '%[fx:int(1000*mean)]' info:; }

# A dialog dims the training banner at the top, and its paper is light in the middle: one without
# height would dim and show nothing.
banner=200x12+20+6
middle=300x40+533+340
in_dialog() {
  still "$1" && [ "$(brightness "$1" $banner)" -lt $((bright * 8 / 10)) ] && [ "$(brightness "$1" $middle)" -ge 800 ]
}
# opens KEY FILE: the key opens a dialog. It is pressed again where it fell on a screen that was
# still being built; inside a dialog these keys do nothing.
opens() { in_dialog "$2" || { keys "$1"; in_dialog "$2"; }; }
no_dialog() { still "$1" && [ "$(brightness "$1" $banner)" -ge $((bright * 9 / 10)) ]; }

# central SQL, desk SQL: what their stores answer.
central() { sqlite3 -readonly "$work/central/central.db" "$1" 2>>"$work/sqlite.log"; }
desk() { sqlite3 -readonly "$work"/desk/stores/*/store.db "$1" 2>>"$work/sqlite.log"; }
logins() { central "SELECT count(*) FROM audit JOIN users ON users.id = audit.user_id WHERE act = 'login' AND code = '' AND login = '$user'"; }
accepted() { central "SELECT count(*) FROM commands JOIN users ON users.id = commands.user_id WHERE accepted AND kind = '$1' AND login = '$user'"; }

# more_than COUNT COMMAND...: what it counts has grown.
more_than() {
  local was=$1 now
  shift
  alive
  now=$("$@") && [ -n "$now" ] && [ "$now" -gt "$was" ]
}

keys() { xdotool key "$@"; }
words() { xdotool type --delay 15 "$1"; }

# find WORDS: opens the first thing that the search dialog finds.
find_process() {
  until_true 60 "the search dialog" opens ctrl+k "$out/window-search.png"
  words "$1"
  keys Return
}

# --- log-in ---------------------------------------------------------------------------------

until_true 60 "the log-in screen painted" still "$out/window-login.png"
before=$(logins)
xdotool windowfocus --sync "$window"
# Nobody's agency is guessed, so the list of agencies has the focus and takes what is typed.
words "$agency"
keys Tab
words "$user"
keys Tab
words "$password"
keys Return
until_true 60 "the log-in at the central" more_than "$before" logins
changed() { alive; still "$out/window.png" && ! same "$out/window.png" "$out/window-login.png"; }
until_true 60 "the screen after the log-in" changed
synced() { alive; [ "$(desk 'SELECT count(*) FROM findable' || echo 0)" -ge 10 ]; }
until_true 60 "the processes at the desk" synced
until_true 60 "the list of processes at rest" still "$out/window.png"
bright=$(brightness "$out/window.png" $banner)

# --- find and receive, open the sending dialog ----------------------------------------------

before=$(accepted Receive)
find_process tratamento
until_true 60 "the receiving at the central" more_than "$before" accepted Receive
until_true 60 "the process" no_dialog "$out/window-process.png"
until_true 60 "the sending dialog" opens ctrl+shift+e "$out/window-send.png"
keys Escape
until_true 60 "the sending dialog closed" no_dialog "$out/window-process.png"

# --- a file's content, from the system's file dialog to the central -------------------------

convert -size 320x80 gradient:red-blue "$work/figura.png"
sha=$(sha256sum "$work/figura.png" | cut -c1-64)

find_process mobili
# The process that was searched for is another picture than the one before.
another() { no_dialog "$work/now.png" && ! same "$work/now.png" "$out/window-process.png"; }
until_true 60 "the other process" another
before=$(accepted AddDocument)
until_true 60 "the dialog of a new document" opens alt+n "$work/now.png"
words Despacho
until_true 60 "the types with that word" still "$work/now.png"
keys Return
until_true 60 "the type chosen" still "$work/now.png"
keys Return
until_true 60 "the document at the central" more_than "$before" accepted AddDocument
until_true 60 "the editor" no_dialog "$work/now.png"
until_true 60 "the dialog of a picture" opens ctrl+shift+g "$work/now.png"
keys Return

chooser_there() { alive; chooser=$(xdotool search --onlyvisible --name 'Select File|Open File' 2>/dev/null | head -1) && [ -n "$chooser" ]; }
chooser_gone() { alive; ! xdotool search --onlyvisible --name 'Select File|Open File' >/dev/null 2>&1; }
until_true 60 "the system's file dialog" chooser_there
# It completes what is typed and so may swallow a letter; what it did not find is typed again.
choose() {
  chooser_gone && return
  xdotool windowfocus --sync "$chooser"
  keys ctrl+l
  still "$work/now.png" || true
  keys ctrl+a
  xdotool type --delay 60 "$work/figura.png"
  still "$work/now.png" || true
  keys Return
  for _ in $(seq 30); do
    chooser_gone && return
    sleep 0.1
  done
  # Its complaint is answered, it is left open.
  keys Return
  return 1
}
until_true 60 "the picture chosen" choose
xdotool windowfocus --sync "$window"
until_true 60 "the dialog of a picture again" in_dialog "$out/window-picture.png"
keys Tab
words "Uma faixa"
keys Tab
keys Return
until_true 60 "the picture in the text" no_dialog "$work/now.png"
cited() {
  alive
  [ "$(central "SELECT count(*) FROM revision_blobs WHERE sha256 = '$sha'")" = 1 ] || { keys ctrl+s; sleep 0.5; return 1; }
}
until_true 60 "the picture in the minute at the central" cited
cmp "$work/figura.png" "$(find "$work/central/blobs" -type f -name "$sha")"
until_true 60 "the editor at rest" no_dialog "$out/window-editor.png"

echo "window: $agency/$user logged in at $url, found and received a process, opened the sending dialog, and put a picture into a document; pictures in $out/window*.png"
