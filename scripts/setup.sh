#!/usr/bin/env bash
# Makes this machine able to build: checks the Swift toolchain, installs the system libraries by apt.
# Usage: scripts/setup.sh [--python]   (--python also prepares .venv with the independent peers that the tests talk to)
set -euo pipefail
cd "$(dirname "$0")/.."

libraries=(libsodium-dev libzstd-dev zlib1g-dev libsqlite3-dev libb2-dev libmicrohttpd-dev libcurl4-openssl-dev)

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

swift_version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1) || true
[ -n "$swift_version" ] || fail "no Swift toolchain found in PATH. Install Swift 6.2 or later from https://www.swift.org/install/linux and run again."
case "$swift_version" in
  [0-5].* | 6.0 | 6.1) fail "Swift $swift_version is too old: the package needs 6.2 or later (https://www.swift.org/install/linux)." ;;
esac

install_packages() {
  command -v apt-get >/dev/null || fail "missing: $*. This script installs them with apt-get only; install the same libraries with your package manager."
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "missing: $*. Run as root: apt-get install $*"
    as_root=(sudo)
  fi
  printf 'setup: installing %s\n' "$*"
  "${as_root[@]}" apt-get update -qq || printf 'setup: apt-get update failed, trying with the lists at hand\n' >&2
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "apt-get could not install: $*"
}

missing=()
for package in "${libraries[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

if [ "${1:-}" = --python ]; then
  command -v python3 >/dev/null || install_packages python3
  if [ ! -x .venv/bin/python ]; then
    python3 -m venv .venv 2>/dev/null || { install_packages python3-venv; python3 -m venv .venv; }
  fi
  .venv/bin/python -c 'import noise' 2>/dev/null ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check noiseprotocol==0.3.1 ||
    printf 'setup: noiseprotocol could not be installed from PyPI; the test against it will say that it is skipped\n' >&2
  .venv/bin/python -c 'import onnx, onnxruntime' 2>/dev/null ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/Conformance/requirements.txt ||
    printf 'setup: onnx and onnxruntime could not be installed from PyPI; comparisons with them will say that they are skipped\n' >&2
fi
