#!/usr/bin/env bash
# Asks a real coordinator over HTTP for all that its OpenAPI document names, rightly and wrongly, and compares what comes with it.
# Usage: scripts/http-check.sh BINARIES [options of 'schemathesis run']
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
binaries=$1
shift

.venv/bin/python -c 'import schemathesis' 2>/dev/null ||
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/HTTP/requirements.txt || {
  printf 'http-check: schemathesis could not be installed from PyPI; skipped\n' >&2
  exit 0
}

folder=$(mktemp -d)
started=()
finish() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  wait
  rm -rf "$folder"
}
trap finish EXIT
coordinator=(--home "$folder/coordinator")

"$binaries/ezkl-coord" serve "${coordinator[@]}" --listen 127.0.0.1:0 --http 127.0.0.1:0 >"$folder/log" 2>&1 &
started+=($!)
for _ in $(seq 100); do
  grep -q 'listening on' "$folder/log" && break
  sleep 0.1
done
url=$(sed -n 's/.*HTTP on \(http:[^ ]*\).*/\1/p' "$folder/log")
[ -n "$url" ] || { cat "$folder/log" >&2; exit 1; }
token=$("$binaries/ezkl-coord" token create "${coordinator[@]}" --http check --role operator)
"$binaries/ezkl-coord" token create "${coordinator[@]}" >"$folder/token"
"$binaries/ezkl-worker" join "$(cat "$folder/coordinator/address")" --token-file "$folder/token" --home "$folder/worker" \
  >"$folder/worker.log" 2>&1 &
started+=($!)

ask() { curl --silent --show-error --fail -H "Authorization: Bearer $token" "$@"; }
upload() { # FILE: uploads it, and says its digest
  local digest
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  ask -X PUT --data-binary "@$1" "$url/v1/artifacts/$digest" >/dev/null
  printf '%s' "$digest"
}
member() { python3 -c 'import json, sys; print(eval(sys.argv[1], {"it": json.load(sys.stdin)}))' "$1"; }

model=$(upload examples/digits_mlp.onnx)
input=$(upload examples/digits_mlp_input.json)
job=$(ask -H 'Content-Type: application/json' -d "{\"model\": \"$model\", \"input\": \"$input\"}" "$url/v1/jobs" | member 'it["job"]["id"]')
for _ in $(seq 300); do
  stage=$(ask "$url/v1/jobs/$job" | member 'it["job"]["stage"]')
  case "$stage" in done) break ;; failed | cancelled) ask "$url/v1/jobs/$job" >&2; exit 1 ;; esac
  sleep 0.2
done
ask "$url/v1/jobs/$job/proof" >"$folder/proof.json"
"$binaries/ezkl-coord" verify "$folder/proof.json" --model examples/digits_mlp.onnx >/dev/null
worker=$(ask "$url/v1/workers" | member 'it["workers"][0]["id"]')

# The same over TLS: by a certificate of one's own, by nothing older than TLS 1.2, and not in the clear.
if command -v openssl >/dev/null; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
  "$binaries/ezkl-coord" serve --home "$folder/tls" --listen 127.0.0.1:0 --http 127.0.0.1:0 \
    --tls-cert "$folder/cert.pem" --tls-key "$folder/key.pem" >"$folder/tls.log" 2>&1 &
  started+=($!)
  for _ in $(seq 100); do
    grep -q 'listening on' "$folder/tls.log" && break
    sleep 0.1
  done
  secure=$(sed -n 's/.*HTTP on \(https:[^ ]*\).*/\1/p' "$folder/tls.log")
  [ -n "$secure" ] || { cat "$folder/tls.log" >&2; exit 1; }
  refused() { # WORDS: fails if a request that must fail does not
    if curl --silent --max-time 10 "${@:2}" >/dev/null 2>&1; then
      printf 'http-check: %s\n' "$1" >&2
      exit 1
    fi
  }
  for version in 1.2 1.3; do
    [ "$(curl --silent --show-error --fail --max-time 10 --cacert "$folder/cert.pem" "--tlsv$version" --tls-max $version "$secure/healthz")" = ok ]
  done
  refused 'a certificate that nobody vouches for is taken' "$secure/healthz"
  refused 'TLS 1.1 is spoken' --cacert "$folder/cert.pem" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "$secure/healthz"
  refused 'the port of TLS answers in the clear' --fail "${secure/https:/http:}/healthz"
else
  printf 'http-check: there is no openssl to make a certificate with; TLS skipped\n' >&2
fi

# Streams of events do not end, and have tests of their own. First with the names of things that are there, then with whatever names,
# of which some are deleted.
run() {
  # What it keeps between runs goes with the folder.
  (cd "$folder" && "$root/.venv/bin/schemathesis" --config-file "$1" run "$url/v1/openapi.json" \
    --header "Authorization: Bearer $token" --checks all \
    --exclude-path /v1/events --exclude-path '/v1/jobs/{job}/events' --exclude-path /v1/workers/{worker}/revoke \
    --exclude-path '/v1/tokens/{token}/revoke' --phases examples,coverage,fuzzing --request-timeout 30 --seed 1 --no-color "${@:2}")
}
{
  printf 'parameters = { "path.job" = "%s", "path.worker" = "%s" }\n' "$job" "$worker"
  cat Tests/HTTP/schemathesis.toml
} >"$folder/given.toml"
run "$folder/given.toml" --max-examples 15 --include-path-regex '\{(job|worker)\}' --exclude-method DELETE "$@"
run "$root/Tests/HTTP/schemathesis.toml" --max-examples 30 "$@"
printf 'http-check: nothing found\n'
