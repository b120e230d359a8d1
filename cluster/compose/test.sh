#!/usr/bin/env bash
# Runs the Compose file: workers join, a proof from outside of it, a worker and the coordinator go and come back. Needs a Docker
# daemon, Compose, and the image (EZKL_IMAGE, default ezkl) that Containerfile makes.
#
# usage: cluster/compose/test.sh [FOLDER OF BINARIES]        exit codes: 0 done or skipped with a word, 1 failed
set -euo pipefail
cd "$(dirname "$0")/../.."
binaries=$(realpath -m "${1:-.build/release}")

skip() { printf 'skipped  compose: %s\n' "$*"; exit 0; }
fail() { printf 'FAILED   compose: %s\n' "$*"; compose logs --tail=20; exit 1; }
command -v docker >/dev/null || skip "there is no docker"
docker info >/dev/null 2>&1 || skip "no Docker daemon answers"
docker image inspect "${EZKL_IMAGE:-ezkl}" >/dev/null 2>&1 || skip "there is no image ${EZKL_IMAGE:-ezkl}"
if docker compose version >/dev/null 2>&1; then program=(docker compose)
elif command -v docker-compose >/dev/null; then program=(docker-compose)
else skip "there is no Compose"; fi
[ -x "$binaries/ezkl-coord" ] || skip "ezkl-coord is not built"

compose() { "${program[@]}" --project-name "ezkltest$$" --file cluster/compose/compose.yaml "$@"; }
admin() { compose exec -T coordinator ezkl-coord "$@" --home /data/coordinator; }
until_true() {  # WHAT SECONDS COMMAND...
  local what=$1 deadline=$((SECONDS + $2)); shift 2
  until "$@"; do [ $SECONDS -lt "$deadline" ] || fail "waited in vain for $what"; sleep 1; done
}
live() { [ "$(admin worker list 2>/dev/null | grep -c ' live ')" = "$1" ]; }

folder=$(mktemp -d)
finish() { compose down --volumes >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap finish EXIT
trap 'exit 130' INT TERM
EZKL_PORT=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
export EZKL_PORT

compose up --detach --no-build >/dev/null 2>&1 || fail "it does not start"
until_true "two workers" 120 live 2
admin token create --role client > "$folder/token"
"$binaries/ezkl-coord" submit examples/digits_cnn.onnx --input examples/digits_cnn_input.json --to "localhost:$EZKL_PORT" \
  --token-file "$folder/token" --home "$folder/home" --out "$folder/proof.json" > "$folder/log" 2>&1 || fail "$(cat "$folder/log")"
"$binaries/ezkl-coord" verify "$folder/proof.json" --model examples/digits_cnn.onnx --home "$folder/home" > "$folder/log" ||
  fail "$(cat "$folder/log")"

worker=$(compose ps -q worker | head -n 1)
docker stop --time 60 "$worker" >/dev/null
docker logs "$worker" 2>&1 | grep 'finishing what is held' >/dev/null || fail "a worker said no goodbye"
until_true "one worker" 30 live 1
docker kill "$(compose ps -q coordinator)" >/dev/null
compose up --detach --no-build >/dev/null 2>&1 || fail "it does not start again"
until_true "both workers again" 60 live 2
printf 'ok       compose: two workers, a proof from outside, a goodbye, a coordinator that was killed\n'
