#!/usr/bin/env bash
# Tests the clients of clients/ against scripted faults and a real coordinator and worker.
# Usage: scripts/clients-check.sh BINARIES
set -euo pipefail
cd "$(dirname "$0")/.."
export EZKL_BIN
EZKL_BIN=$(cd "$1" && pwd)

skip() { printf 'clients-check: %s; skipped\n' "$*" >&2; }

check_python() {
  command -v python3 >/dev/null || { skip 'no python3 in PATH: the Python client'; return; }
  local environment=.build/clients-venv
  [ -x $environment/bin/pip ] || python3 -m venv $environment || { skip 'python3 has no venv: the Python client'; return; }
  # Found anew when what it needs has changed.
  if ! cmp -s clients/python/pyproject.toml $environment/installed; then
    $environment/bin/python -m pip install --quiet --disable-pip-version-check -e 'clients/python[test]' || {
      skip 'httpx, pytest or mypy could not be installed from PyPI: the Python client'
      return
    }
    cp clients/python/pyproject.toml $environment/installed
  fi
  (cd clients/python && ../../$environment/bin/mypy --cache-dir ../../.build/mypy && ../../$environment/bin/pytest -q -p no:cacheprovider)
}

check_javascript() {
  local version
  version=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p') || true
  [ "${version:-0}" -ge 18 ] || { skip "Node 18 or later is needed (found: ${version:-none}): the JavaScript client"; return; }
  # Its runner came bit by bit.
  node -e 'process.exit(require("node:test").before ? 0 : 1)' || { skip "Node's test runner is too old: the JavaScript client"; return; }
  (cd clients/js && node --test test/*.test.js >"$log") || { cat "$log" >&2; exit 1; }
  grep -E '^(# |ℹ )(tests|pass|skipped) ' "$log"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
check_python
check_javascript
printf 'clients-check: nothing found\n'
