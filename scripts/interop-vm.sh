#!/usr/bin/env bash
# Runs exported programs in snarkVM's own virtual machine, where that judge is present. Usage: scripts/interop-vm.sh [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."
INTEROP_FOLDER=Tests/InteropVM exec python3 -u Tests/Interop/run.py "$@"
