#!/usr/bin/env bash
# Makes a token for workers and writes it into a Secret, with the rights of the pod's service account.
# Expects COORDINATOR (HOST:PORT), COORDINATOR_HOME, EXPIRES, SECRET, NAMESPACE; KUBERNETES_API and ACCOUNT for tests.
set -euo pipefail
account=${ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
api=${KUBERNETES_API:-https://kubernetes.default.svc}

until token=$(ezkl-coord token create --to "$COORDINATOR" --home "$COORDINATOR_HOME" --expires "$EXPIRES"); do
  [ "$SECONDS" -lt 600 ] || exit 1
  sleep 5
done
# Neither token may be in a command line: those are for everybody to see.
trust=()
[ ! -f "$account/ca.crt" ] || trust=(--cacert "$account/ca.crt")
printf '{"data":{"token":"%s"}}' "$(printf %s "$token" | base64 --wrap=0)" |
  curl --silent --show-error --fail --output /dev/null --request PATCH "${trust[@]}" \
    --header @<(printf 'Authorization: Bearer %s' "$(cat "$account/token")") \
    --header 'Content-Type: application/merge-patch+json' --data-binary @- \
    "$api/api/v1/namespaces/$NAMESPACE/secrets/$SECRET"
printf 'a token for workers, good for %s, is in the secret %s\n' "$EXPIRES" "$SECRET"
