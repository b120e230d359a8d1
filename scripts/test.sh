#!/usr/bin/env bash
# Runs the built tests. Where some fail, the last lines say which and why, whatever came before.
# Usage: scripts/test.sh [ARGUMENTS OF swift test]      (FILTER=name runs some; TEST_LIMIT=40m allows more than 25 minutes)
#
# A test that waits for a server or a process holds a thread while it waits, and one process has a thread per core for its
# tests. So the suites run in several processes beside each other, cut so that the cores are busy while others wait.
set -uo pipefail
cd "$(dirname "$0")/.."

waiting='WireTests|WorkerTests|HTTPTests|ConsoleTests'
if [ -n "${FILTER:-}" ]; then
  names=(chosen); filters=("$FILTER"); skips=('')
else
  names=(computing waiting coordinator-a-h coordinator-i-z end-to-end)
  filters=('' "^($waiting)\\." '^CoordinatorTests\.[A-H]' '^CoordinatorTests\.[^A-H]' '^EndToEnd\.')
  skips=("^(CoordinatorTests|EndToEnd|$waiting)\\." '' '' '' '')
fi

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
for index in "${!names[@]}"; do
  (
    log="$logs/${names[$index]}"
    timeout --signal=INT --kill-after=15 "${TEST_LIMIT:-25m}" swift test "$@" --skip-build --ignore-lock \
      ${filters[$index]:+--filter "${filters[$index]}"} ${skips[$index]:+--skip "${skips[$index]}"} > "$log" 2>&1
    echo $? > "$log.status"
    printf '== tests: %s\n%s\n' "${names[$index]}" "$(cat "$log")"
  ) &
done
wait

log=$logs/all
status=0
for name in "${names[@]}"; do
  cat "$logs/$name" >> "$log"
  ended=$(cat "$logs/$name.status")
  [ "$ended" = 0 ] || { status=$ended; printf '\n== %s ended with %s%s\n' "$name" "$ended" \
    "$([ "$ended" = 124 ] && echo " after ${TEST_LIMIT:-25m}")"; }
done

# Skipped suites and tests by name, each once, with what they need.
skipped=$(sed -n -E 's/^➜ ((Suite|Test) .*) skipped(: (.*))?$/\1: \4/p' "$log" | sed 's/: $//' | sort -u)
if [ -n "$skipped" ]; then
  printf '\n== skipped: %s\n%s\n' "$(printf '%s\n' "$skipped" | wc -l)" "$skipped"
else
  printf '\n== skipped: 0\n'
fi
sed -n -E 's/^. Test run with ([0-9]+) tests? .*/\1/p' "$log" | awk '{ sum += $1 } END { print "== tests run: " sum + 0 }'
[ "$status" = 0 ] && exit 0

printf '\n== make test failed (exit %s)\n' "$status"
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
