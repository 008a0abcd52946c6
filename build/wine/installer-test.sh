#!/usr/bin/env bash
# Installs the packed program silently under wine, as a user without rights, runs what can run
# there (the console program), and removes it. Needs make windows first.
set -euo pipefail
cd "$(dirname "$0")/../.."
build/wine/prepare.sh
. build/wine/environment.sh
trap 'wineserver -k 2>/dev/null || true' EXIT

fail() { echo "installer: $*" >&2; exit 1; }
installed=$(find "$WINEPREFIX/drive_c/users" -maxdepth 1 -name "$(id -un)")/AppData/Local/Programs/"SEI RS Desktop"

timeout 120 wine build/bin/sei-rs-desktop-setup.exe /S
for file in sei-rs-desktop.exe seirs.exe desinstalar.exe; do
  [ -f "$installed/$file" ] || fail "$file was not installed"
done
version=$(timeout 60 wine "$installed/seirs.exe" --version | tr -d '\r')
[[ $version == *"$(cat build/cache/windows/version)"* ]] || fail "seirs.exe says $version"
find "$WINEPREFIX/drive_c/users" -name 'SEI RS Desktop.lnk' | grep -q . || fail "no shortcut"

# The uninstaller copies itself away and goes on from there: wineserver waits for it.
timeout 120 wine "$installed/desinstalar.exe" /S
timeout 60 wineserver -w
[ ! -e "$installed" ] || fail "files were left behind"
echo "installed, ran ($version) and removed"
