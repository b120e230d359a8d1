#!/usr/bin/env bash
# Runs both units under a systemd of their own, in a container made of this machine's /usr (read-only) and nothing else of it, and
# proves a model there. Needs root and Debian's systemd-container; no network, nothing is installed.
#
# usage: cluster/systemd/test.sh [FOLDER OF BINARIES]        exit codes: 0 done or skipped with a word, 1 failed
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binaries=$(realpath -m "${1:-$here/../../.build/release}")

skip() { printf 'skipped  systemd: %s\n' "$*"; exit 0; }
command -v systemd-nspawn >/dev/null || skip "there is no systemd-nspawn (Debian: apt-get install systemd-container)"
[ "$(id -u)" = 0 ] || skip "containers need root"
for program in ezkl-coord ezkl-worker; do
  [ -x "$binaries/$program" ] || skip "$program is not built"
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"/{units,etc,result,programs}
cp "$here"/*.service "$folder/units"
cp "$binaries"/ezkl-{coord,worker} "$folder/programs"
cp "$here"/../../examples/digits_mlp* "$folder/result"
cat > "$folder/units/test.service" <<'END'
[Service]
ExecStart=/bin/bash /result/test
ExecStopPost=/bin/systemctl --no-block poweroff
END
cat > "$folder/result/test" <<'END'
exec > /result/log 2>&1
set -euxo pipefail
trap 'code=$?; journalctl --no-pager --output=cat --unit=ezkl-coordinator --unit=ezkl-worker > /result/journal; echo $code > /result/code' EXIT
home=/var/lib/ezkl/coordinator
# The folder is its user's, and refuses everybody else, root too.
admin() { setpriv --reuid=ezkl --regid=ezkl --init-groups ezkl-coord "$@" --home $home; }
printf 'EZKL_LISTEN=127.0.0.1:9000\n' > /etc/ezkl/coordinator.env
printf 'EZKL_COORDINATOR=127.0.0.1:9000\nEZKL_OPTIONS=--threads 1 --name unit\n' > /etc/ezkl/worker.env
systemctl start ezkl-coordinator
for _ in $(seq 60); do admin cluster show && break; sleep 0.5; done
(umask 077; admin token create > /etc/ezkl/worker.token)
systemctl start ezkl-worker
for _ in $(seq 60); do admin worker list | grep 'unit.*live' >/dev/null && break; sleep 0.5; done
admin submit /result/digits_mlp.onnx --input /result/digits_mlp_input.json --to 127.0.0.1:9000 --workers 1 --out /var/lib/ezkl/proof.json
# A coordinator that is killed is there again, with the job and the worker.
systemctl kill --signal=KILL ezkl-coordinator
for _ in $(seq 60); do admin cluster show && break; sleep 0.5; done
admin jobs --all | grep done
for _ in $(seq 60); do admin worker list | grep 'unit.*live' >/dev/null && break; sleep 0.5; done
systemctl stop ezkl-worker
admin worker list | grep -v live
[ "$(systemctl show --property=Result --value ezkl-worker)" = success ]
# Nobody but its user reads its folder, and it runs as that user.
[ "$(stat --format=%U:%a $home)" = ezkl:700 ]
systemctl stop ezkl-coordinator
[ "$(systemctl show --property=Result --value ezkl-coordinator)" = success ]
END

binds=("--bind-ro=$folder/programs:/usr/local/bin" "--bind-ro=$folder/units:/etc/systemd/system" "--bind=$folder/etc:/etc/ezkl"
  "--bind=$folder/result:/result" "--bind-ro=$here/ezkl.sysusers.conf:/etc/sysusers.d/ezkl.conf")
# Swift's libraries, where the binaries bring none and they are not below /usr.
swift=$(ldd "$binaries/ezkl-coord" | awk '$1 == "libswiftCore.so" { print $3 }')
case $swift in "" | /usr/*) ;; *) binds+=("--bind-ro=$(dirname "$swift")") ;; esac

timeout --signal=KILL 180 systemd-nspawn --register=no --keep-unit --quiet --volatile=yes --directory=/ --private-network \
  --machine="ezkl-test-$$" "${binds[@]}" --boot -- --unit=test.service systemd.mask=systemd-firstboot.service \
  < /dev/null > "$folder/console" 2>&1 || true
if [ ! -f "$folder/result/code" ]; then
  if ! grep -q Welcome "$folder/console"; then skip "containers do not start here: $(tail -n 1 "$folder/console")"; fi
  tail -n 20 "$folder/console" "$folder/result/log"
  printf 'FAILED   systemd: the test did not end\n'
  exit 1
fi
if [ "$(cat "$folder/result/code")" != 0 ]; then
  tail -n 30 "$folder/result/log" "$folder/result/journal"
  printf 'FAILED   systemd\n'
  exit 1
fi
grep -q 'said goodbye' "$folder/result/journal" || { printf 'FAILED   systemd: no goodbye\n'; exit 1; }
printf 'ok       systemd: both units in their sandboxes: a proof, a restart after a kill, a goodbye\n'
