#!/usr/bin/env bash
# Runs the built tests. Where some fail, the last lines say which and why, whatever came before.
# Usage: scripts/test.sh [ARGUMENTS OF swift test]      (FILTER=name runs some; TEST_LIMIT=40m allows more than 25 minutes)
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
timeout --foreground --signal=INT --kill-after=15 "${TEST_LIMIT:-25m}" \
  swift test "$@" --skip-build ${FILTER:+--filter "$FILTER"} 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# Skipped suites and tests by name, each once, with what they need.
skipped=$(sed -n -E 's/^➜ ((Suite|Test) .*) skipped(: (.*))?$/\1: \4/p' "$log" | sed 's/: $//' | sort -u)
if [ -n "$skipped" ]; then
  printf '\n== skipped: %s\n%s\n' "$(printf '%s\n' "$skipped" | wc -l)" "$skipped"
else
  printf '\n== skipped: 0\n'
fi
[ "$status" = 0 ] && exit 0

printf '\n== make test failed (exit %s)\n' "$status"
[ "$status" = 124 ] && printf 'ended after %s\n' "${TEST_LIMIT:-25m}"
# Every issue with what was expected, and which test it belongs to.
awk '/^✘ / { print; detail = 1; next } detail && /^(↳|  )/ { print; next } { detail = 0 }' "$log"
# Tests that began and never ended: a crash, or the time limit.
awk '/^◇ Test case / { next }
  /^◇ Test .* started\.$/ { sub(/^◇ Test /, ""); sub(/ started\.$/, ""); open[$0]++ }
  /^(✔|✘) Test .* (passed|failed) after / { sub(/^(✔|✘) Test /, ""); sub(/ (passed|failed) after .*/, "")
    sub(/ with [0-9]+ test cases?$/, ""); open[$0]-- }
  END { for (name in open) if (name != "run" && open[name] > 0) print "did not end: " name }' "$log"
grep -E '(^|[^a-z])(Fatal error|fatal error|error: .*signal)' "$log" | tail -5
exit "$status"
