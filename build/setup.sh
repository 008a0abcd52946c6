#!/usr/bin/env bash
# Installs what a bare Debian 12 with Go, Node and make is missing.
#
#   build/setup.sh build     compile the programs for this machine
#   build/setup.sh test      everything that make test and make demo use
#   build/setup.sh windows   cross-compile and pack for Windows
#
# Safe to repeat: when everything is there it only looks and says nothing.
# Without root it prints the one command to run first and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-build}

# git names the version; the rest is what Wails compiles against.
build_packages=(git ca-certificates gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
windows_packages=(gcc-mingw-w64-x86-64 nsis)
test_packages=(
  xvfb xauth xdotool imagemagick sqlite3     # the window test
  chromium fonts-liberation                  # the end-to-end tests
  softhsm2 opensc libnss3-tools openssl      # tokens and keys
  poppler-utils qpdf mupdf-tools zbar-tools  # second opinions on PDFs and QR codes
  ghostscript                                # PDFs made by somebody else
  default-jre-headless libpdfbox2-java       # PDF/A preflight, and what it loads without depending on it
  libcommons-io-java libjaxb-api-java libactivation-java
  fuse3 mount util-linux procps              # faults: a lossy disk, a full one, processes that are killed
  gcc-mingw-w64-x86-64 wine wine64           # the Windows parts, compiled and run
)

case $profile in
  build)   packages=("${build_packages[@]}") ;;
  test)    packages=("${build_packages[@]}" "${test_packages[@]}") ;;
  windows) packages=("${build_packages[@]}" "${windows_packages[@]}") ;;
  *) echo "usage: build/setup.sh build|test|windows" >&2; exit 2 ;;
esac

# installed PACKAGE: present under its own name, or provided by another one (a newer JRE, for one).
installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed && return
  [ "$1" = default-jre-headless ] && command -v java >/dev/null
}

missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "This set-up knows Debian only; install these yourself: ${missing[*]}" >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "Some Debian packages are missing. Run this first, then repeat the command:" >&2
    echo >&2
    echo "  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  apt() { apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null; }
  if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
    cat "$log" >&2
    echo "setup: apt-get failed; see above" >&2
    exit 1
  fi
  rm -f "$log"
fi

# need NAME VERSION MINIMUM: a tool the set-up does not install itself.
need() {
  if [ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -1)" != "$3" ]; then
    echo "setup: $1 $3 or newer is needed, found: ${2:-none}" >&2
    exit 1
  fi
}
need Go "$(go env GOVERSION 2>/dev/null | sed 's/^go//')" 1.26
need Node "$(node --version 2>/dev/null | sed 's/^v//')" 20.19

# The frontend's packages, only when the lockfile changed since they were installed.
stamp=frontend/node_modules/.seirs-lock
lock=$(sha256sum frontend/package-lock.json | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
  echo "setup: installing the frontend's packages"
  (cd frontend && npm ci --no-audit --no-fund --loglevel=error </dev/null)
  echo "$lock" >"$stamp"
fi
