#!/usr/bin/env bash
# Cross-compiles both programs for Windows 10/11 on amd64 and packs the installer:
#
#   build/bin/windows/sei-rs-desktop.exe   the window (icon, manifest, version; no console)
#   build/bin/windows/seirs.exe            the console program
#   build/bin/sei-rs-desktop-setup.exe     installs both for the current user, without administrator rights
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(build/version.sh)
numeric=$(build/version.sh numeric)
work=build/cache/windows
out=build/bin/windows
mkdir -p "$work" "$out"
echo "$version" >"$work/version" # for the installer's test

# resources PROGRAM DESCRIPTION DIRECTORY: the .syso that the Go linker takes into the program of that directory.
resources() {
  cp build/windows/icon.ico build/windows/app.manifest "$work/"
  sed -e "s/@VERSION@/$version/g; s/@NUMERIC@/$numeric/g; s/@PROGRAM@/$1/g; s/@DESCRIPTION@/$2/g" \
    build/windows/info.rc >"$work/$1.rc"
  (cd "$work" && x86_64-w64-mingw32-windres --codepage=65001 -O coff -i "$1.rc" -o "$1.syso")
  mv "$work/$1.syso" "$3/rsrc_windows_amd64.syso"
}

export CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc GOOS=windows GOARCH=amd64
ldflags="-s -w -X main.version=$version"

# Without WebView2 the window says so and opens the download page; it never runs a download by itself.
resources sei-rs-desktop "SEI RS Desktop" .
go build -buildvcs=false -trimpath -tags desktop,production,wv2runtime.browser,sqlite_fts5 \
  -ldflags "$ldflags -H windowsgui" -o "$out/sei-rs-desktop.exe" .

resources seirs "SEI RS Desktop, programa de console" app/seirs
go build -buildvcs=false -trimpath -tags sqlite_fts5 -ldflags "$ldflags" -o "$out/seirs.exe" ./app/seirs

makensis -V2 -WX -INPUTCHARSET UTF8 -NOCD \
  -DVERSION="$version" -DNUMERIC="${numeric//,/.}" -DPROGRAMS="$PWD/$out" -DICON="$PWD/build/windows/icon.ico" \
  -DOUTPUT="$PWD/build/bin/sei-rs-desktop-setup.exe" build/windows/installer.nsi

ls -l "$out"/*.exe build/bin/sei-rs-desktop-setup.exe | awk '{printf "%8.1f MB  %s\n", $5/1e6, $NF}'
