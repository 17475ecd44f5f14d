#!/usr/bin/env bash
# Trains a sweep on a real Slurm of this machine, and does to it what happens on clusters. Needs root and `npm run build`.
# The last line is `slurm: passed`, `slurm: failed` or `slurm: not tested: <reason>`, which fails nothing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "slurm: not tested: it needs root and Debian's packages"
  exit 0
fi
folder=$(mktemp -d)
sshd=$here/../ssh/sshd-here
# What outlives the test would keep its folder, and whoever reads its output, waiting.
clean() {
  "$here/slurm-here" stop "$folder/slurm"
  "$sshd" stop "$folder/sshd"
  pkill -KILL -f -- "$folder/"
  rm -rf "$folder"
}
trap 'clean >/dev/null 2>&1' EXIT
# So few tasks an array that the sweep takes three.
if ! started=$(SLURM_HERE_ARRAY=5 SLURM_HERE_PORT=${SLURM_HERE_PORT:-$((20000 + RANDOM % 10000))} "$here/slurm-here" start "$folder/slurm" 2>"$folder/refusal"); then
  echo "slurm: not tested: $(tail -n 1 "$folder/refusal")"
  exit 0
fi
export SLURM_CONF=${started#SLURM_CONF=}
# The same Slurm from another host, where an sshd can be had.
"$sshd" start "$folder/sshd" && export PATH=$folder/sshd/bin:$PATH BY_SSH=here
# Quiet machines take 70 s.
timeout --kill-after=10 900 bash -c 'node "$0/run.mjs" "$@" && node "$0/in-rounds.mjs" "$1"' "$here" "$folder" "$@" && { echo 'slurm: passed'; exit 0; }
[ $? = 124 ] && { echo 'it did not end within 900 s; the queue then:'; timeout 10 squeue --array --states=all; ps -eo pid,etimes,args | grep -F "$folder/"; }
echo 'slurm: failed'
exit 1
