#!/usr/bin/env bash
# Has a headless Chromium look at the dashboard of a real coordinator, and use it.
# Usage: scripts/dashboard-check.sh BINARIES [options of Tests/Dashboard/check.py]
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/python -c 'import websockets' 2>/dev/null ||
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/Dashboard/requirements.txt || {
  printf 'dashboard-check: websockets could not be installed from PyPI; skipped\n' >&2
  exit 0
}
exec .venv/bin/python Tests/Dashboard/check.py "$@"
