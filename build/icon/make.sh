#!/usr/bin/env bash
# Renders the icon's two drawings into build/appicon.png and build/windows/icon.ico.
# Run it after changing a drawing; the results are committed, so that a build needs no browser.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# render DRAWING SIZE: Chromium draws SVG faithfully and keeps transparency.
render() {
  cat >"$work/page.html" <<HTML
<style>*{margin:0}svg{display:block;width:$2px;height:$2px}</style>
$(cat "$1")
HTML
  # Windows under 500 pixels are widened by the browser: draw large, then crop.
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --default-background-color=00000000 --window-size=1024,1024 --user-data-dir="$work/profile" \
    --screenshot="$work/$2.png" "file://$work/page.html" >/dev/null 2>&1
  convert "$work/$2.png" -crop "$2x$2+0+0" +repage -strip "PNG32:$work/$2.png"
}

for size in 16 24 32; do render icon-small.svg "$size"; done
for size in 48 64 128 256 512; do render icon.svg "$size"; done
cp "$work/512.png" ../appicon.png
convert "$work"/{16,24,32,48,64,128,256}.png ../windows/icon.ico
