#!/usr/bin/env bash
# Makes the wine prefix in build/cache/wine/prefix in which Go programs for Windows run.
# Does nothing when it is there and newer than its parts.
set -euo pipefail
cd "$(dirname "$0")/../.."
. build/wine/environment.sh

mkdir -p build/cache/wine
dll=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
if [ "$dll" -nt build/wine/bcryptprimitives.c ] && [ "$dll" -nt build/wine/prepare.sh ]; then
  exit 0
fi
rm -rf "$WINEPREFIX"
timeout 180 wine wineboot --init >build/cache/wine/boot.log 2>&1 </dev/null || { cat build/cache/wine/boot.log >&2; echo "wine: the prefix could not be made" >&2; exit 1; }
# Go 1.26 and the program both ask for Windows 10.
timeout 60 wine reg add 'HKEY_CURRENT_USER\Software\Wine' /v Version /d win10 /f >>build/cache/wine/boot.log 2>&1 </dev/null
wineserver -w
x86_64-w64-mingw32-gcc -shared -O2 -s -o "$dll" build/wine/bcryptprimitives.c -ladvapi32
