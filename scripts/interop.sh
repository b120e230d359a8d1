#!/usr/bin/env bash
# Asks snarkVM about this prover's proofs, and this verifier about snarkVM's. Usage: scripts/interop.sh [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.cache/interop/venv
requirements=Tests/Interop/requirements.txt

if ! cmp -s "$requirements" "$environment/requirements.txt"; then
  rm -rf "$environment"
  mkdir -p "$(dirname "$environment")"
  python3 -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$environment/requirements.txt"
fi
exec "$environment/bin/python" -u Tests/Interop/run.py "$@"
