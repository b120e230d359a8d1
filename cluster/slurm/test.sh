#!/usr/bin/env bash
# Proves models on workers that Slurm started: makes a Slurm cluster of two nodes on this machine in a temporary folder, runs
# workers.sbatch on it, proves and verifies, and takes the nodes away in the middle of jobs, by the signal before the end and by
# preemption. Needs root and Debian's slurm-wlm and munge; no configuration of theirs is touched.
#
# usage: cluster/slurm/test.sh [FOLDER OF BINARIES]        exit codes: 0 done or skipped with a word, 1 failed
set -euo pipefail
cd "$(dirname "$0")/../.."
binaries=$(realpath -m "${1:-.build/release}")

skip() { printf 'skipped  slurm: %s\n' "$*"; exit 0; }
fail() { printf 'FAILED   slurm: %s\n' "$*"; tail -n 30 "$folder"/*.log 2>/dev/null; exit 1; }
ok() { printf 'ok       slurm: %s\n' "$*"; }

PATH=$PATH:/usr/sbin:/sbin
for program in slurmctld slurmd sbatch munged mungekey python3; do
  command -v "$program" >/dev/null || skip "there is no $program (Debian: apt-get install slurm-wlm munge)"
done
[ "$(id -u)" = 0 ] || skip "the test starts a Slurm of its own, as root"
for program in ezkl-coord ezkl-worker; do
  [ -x "$binaries/$program" ] || skip "$program is not built"
done

folder=$(mktemp -d)
chmod 755 "$folder"
pids=()
finish() {
  code=$?
  trap - EXIT
  scancel --user=root 2>/dev/null || true
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  for pid in "${pids[@]}"; do
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
  # A step's daemon outlives its slurmd; those of this cluster know its folder.
  for step in $(pgrep slurmstepd || true); do
    if tr '\0' '\n' 2>/dev/null < "/proc/$step/environ" | grep -x "SLURM_CONF=$folder/slurm.conf" >/dev/null; then kill -9 "$step" || true; fi
  done
  rm -rf "$folder"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

until_true() {  # WHAT SECONDS COMMAND...
  local what=$1 deadline=$((SECONDS + $2)); shift 2
  until "$@"; do [ $SECONDS -lt $deadline ] || fail "waited in vain for $what"; sleep 0.3; done
}

# Slurm
free_ports=$(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in sockets))')
read -r control first second <<< "$free_ports"
mkdir -m 700 "$folder/munge" "$folder/state"
mkdir "$folder/n1" "$folder/n2"
mungekey --create --keyfile="$folder/munge/key"
munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge.socket" --pid-file="$folder/munge/pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" > "$folder/munged.log" 2>&1 &
pids+=($!)
until_true "munged" 10 test -S "$folder/munge.socket"

host=$(hostname -s)
cat > "$folder/slurm.conf" <<END
ClusterName=ezkl
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$control
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# Until its credentials have expired (usually 120 s) a job does not come back.
AuthInfo=socket=$folder/munge.socket,cred_expire=10
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
MpiDefault=none
KillWait=20
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$first CPUs=1 RealMemory=1024
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$second CPUs=1 RealMemory=1024
PartitionName=low Nodes=n1,n2 Default=YES PriorityTier=1 GraceTime=20
PartitionName=high Nodes=n1,n2 PriorityTier=10 PreemptMode=OFF
END
printf 'CgroupAutomount=no\n' > "$folder/cgroup.conf"
export SLURM_CONF=$folder/slurm.conf
slurmctld -D > "$folder/slurmctld.out" 2>&1 &
pids+=($!)
for node in n1 n2; do
  slurmd -D -N "$node" > "$folder/$node.out" 2>&1 &
  pids+=($!)
done
both_idle() { [ "$(sinfo --noheader --Node --partition=low --format=%t | grep -cx idle)" = 2 ]; }
until_true "two idle nodes" 30 both_idle
ok "a cluster of two nodes ($(slurmd -V))"

# The network
"$binaries/ezkl-coord" serve --listen 127.0.0.1:0 --home "$folder/coordinator" > "$folder/coordinator.log" 2>&1 &
pids+=($!)
coord() { "$binaries/ezkl-coord" "$@" --home "$folder/coordinator"; }
until_true "the coordinator" 60 grep -q "listening on" "$folder/coordinator.log"
coord token create > "$folder/token"
address=$(cat "$folder/coordinator/address")
model=examples/stacked_blocks.onnx

export EZKL_COORDINATOR=$address EZKL_TOKEN_FILE=$folder/token EZKL_WORKER=$binaries/ezkl-worker EZKL_SCRATCH=$folder
workers() {
  sbatch --parsable --partition=low --cpus-per-task=1 --output="$folder/job-%j.log" --open-mode=append cluster/slurm/workers.sbatch
}
live() { [ "$(coord worker list --json | python3 -c '
import json, sys
print(sum(worker["state"] in ("live", "probation") for worker in json.load(sys.stdin)))')" = "$1" ]; }
submit() { coord submit $model --input examples/stacked_blocks_input.json --to "$address" "$@"; }
stage() { coord job "$1" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["stage"])'; }
ended() { case $(stage "$1") in done | failed | cancelled) ;; *) return 1 ;; esac; }
proven() {  # JOB
  until_true "job $1" 120 ended "$1"
  [ "$(stage "$1")" = "done" ] || fail "job $1 is $(stage "$1"): $(coord job "$1")"
  coord document "$1" --out "$folder/$1.json" > /dev/null
  coord verify "$folder/$1.json" --model $model > "$folder/verdict" || fail "$(cat "$folder/verdict")"
  grep -q accepted "$folder/verdict" || fail "$(cat "$folder/verdict")"
}
tasks() { grep -c "Z task " "$folder/job-$job.log" || true; }
working() { [ "$(tasks)" -gt "$1" ]; }
gone() { [ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]; }

job=$(workers)
until_true "two workers" 60 live 2
proof=$(submit --workers 2 --detach)
proven "$proof"
ok "two workers on two nodes, a proof that is accepted"

# What Slurm does before the end of the time: the signal of --signal=B:USR1, in the middle of a proof.
before=$(tasks)
proof=$(submit --workers 2 --input-visibility public --detach)
until_true "tasks at the workers" 60 working "$before"
scancel --signal=USR1 --batch "$job"
until_true "the end of the job" 60 gone "$job"
grep -q "ending: workers finish" "$folder/job-$job.log" || fail "the batch script heard nothing"
until_true "the goodbye of both workers" 20 live 0
[ -z "$(find "$folder" -maxdepth 1 -name 'ezkl-worker.*')" ] || fail "a worker's folder is left"
job=$(workers)
proven "$proof"
ok "told before the end, workers left by themselves; the next ones went on, accepted"

# Preemption in the middle of a proof: the workers have GraceTime, and Slurm puts them in the queue again.
until_true "two workers" 60 live 2
before=$(tasks)
proof=$(submit --workers 2 --max-constraints 16384 --detach)
until_true "tasks at the workers" 60 working "$before"
urgent=$(sbatch --parsable --partition=high --ntasks=2 --output=/dev/null --wrap "sleep 5")
until_true "workers that make room" 60 live 0
until_true "the urgent job's end" 60 gone "$urgent"
until_true "the workers' return" 180 live 2
proven "$proof"
ok "preempted, workers left and came back; the job went on, accepted"
scancel "$job"
until_true "the end of the job" 60 gone "$job"
until_true "the goodbye of both workers" 20 live 0
ok "scancel: goodbye"
