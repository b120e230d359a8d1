#!/usr/bin/env bash
# Runs the playbooks in a container with a systemd of its own, made of this machine's files (what is written goes to memory):
# installs a coordinator and a worker, proves a model, installs again without a change, drains. Needs root, Debian's
# systemd-container, Ansible, and the system libraries that scripts/setup.sh installs; no network.
#
# usage: cluster/ansible/test.sh [FOLDER OF BINARIES]        exit codes: 0 done or skipped with a word, 1 failed
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
binaries=$(realpath -m "${1:-$root/.build/release}")
PATH=$PATH:$root/.venv/bin

skip() { printf 'skipped  ansible: %s\n' "$*"; exit 0; }
command -v systemd-nspawn >/dev/null || skip "there is no systemd-nspawn (Debian: apt-get install systemd-container)"
ansible=$(command -v ansible-playbook) || skip "there is no ansible-playbook (PyPI: ansible-core)"
[ "$(id -u)" = 0 ] || skip "containers need root"
for program in ezkl-coord ezkl-worker; do
  [ -x "$binaries/$program" ] || skip "$program is not built"
done

folder=$(mktemp -d)
finish() {
  umount "$folder/root" "$folder/written" 2>/dev/null || true
  rm -rf --one-file-system "$folder"
}
trap finish EXIT
mkdir "$folder"/{result,root,written}
mount -t tmpfs -o mode=755 tmpfs "$folder/written"
mkdir "$folder"/written/{upper,work}
mount -t overlay -o "lowerdir=/,upperdir=$folder/written/upper,workdir=$folder/written/work" overlay "$folder/root" 2>/dev/null ||
  skip "files cannot be laid over others here (overlay)"
cat > "$folder/test.service" <<'END'
[Service]
ExecStart=/bin/bash /result/test
ExecStopPost=/bin/systemctl --no-block poweroff
END
cat > "$folder/result/inventory.yml" <<'END'
all:
  vars:
    ansible_connection: local
    ezkl_binaries: /programs
    ezkl_address: 127.0.0.1:9000
    ezkl_worker_options: --threads 1
    ezkl_apt_update: false
  children:
    ezkl_coordinator:
      hosts:
        localhost:
    ezkl_workers:
      hosts:
        localhost:
END
printf '#!/bin/bash\nexec %q "$@"\n' "$ansible" > "$folder/result/ansible-playbook"
chmod +x "$folder/result/ansible-playbook"
cat > "$folder/result/test" <<'END'
exec > /result/log 2>&1
set -euxo pipefail
trap 'code=$?; journalctl --no-pager --output=cat --unit=ezkl-coordinator --unit=ezkl-worker > /result/journal; echo $code > /result/code' EXIT
export HOME=/root LC_ALL=C.UTF-8
admin() { runuser -u ezkl -- ezkl-coord "$@" --home /var/lib/ezkl/coordinator; }
cd /checkout/cluster/ansible
/result/ansible-playbook -i /result/inventory.yml site.yml
for _ in $(seq 60); do admin worker list | grep ' live ' && break; sleep 0.5; done
cd /checkout/examples
admin submit digits_mlp.onnx --input digits_mlp_input.json --to 127.0.0.1:9000 --workers 1 --out /var/lib/ezkl/proof.json
cd /checkout/cluster/ansible
/result/ansible-playbook -i /result/inventory.yml site.yml > /result/again
cat /result/again
grep 'changed=0 .*failed=0' /result/again
/result/ansible-playbook -i /result/inventory.yml drain.yml
[ "$(systemctl is-active ezkl-worker)" = inactive ]
[ "$(systemctl is-enabled ezkl-worker)" = disabled ]
END

binds=("--bind-ro=$root:/checkout" "--bind-ro=$binaries:/programs" "--bind=$folder/result:/result"
  "--bind-ro=$folder/test.service:/etc/systemd/system/ezkl-test.service")
# Ansible's own folder, and its Python's, where /tmp hides it.
case $ansible in /tmp/*) binds+=("--bind-ro=$(dirname "$(dirname "$ansible")")") ;; esac

timeout --signal=KILL 300 systemd-nspawn --register=no --keep-unit --quiet --directory="$folder/root" --private-network \
  --machine="ezkl-test-$$" "${binds[@]}" --boot -- --unit=ezkl-test.service systemd.mask=systemd-firstboot.service \
  < /dev/null > "$folder/console" 2>&1 || true
if [ ! -f "$folder/result/code" ]; then
  if ! grep -q Welcome "$folder/console"; then skip "containers do not start here: $(tail -n 1 "$folder/console")"; fi
  tail -n 20 "$folder/console" "$folder/result/log"
  printf 'FAILED   ansible: the test did not end\n'
  exit 1
fi
if [ "$(cat "$folder/result/code")" != 0 ]; then
  tail -n 40 "$folder/result/log" "$folder/result/journal"
  printf 'FAILED   ansible\n'
  exit 1
fi
grep -q 'said goodbye' "$folder/result/journal" || { printf 'FAILED   ansible: no goodbye\n'; exit 1; }
printf 'ok       ansible: a coordinator and a worker, a proof, again without a change, a drain\n'
