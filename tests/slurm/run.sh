#!/usr/bin/env bash
# Trains a sweep on a real Slurm of this machine, and does to it what happens on clusters. Needs root and `npm run build`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "slurm: not tested (it needs root and Debian's packages)"
  exit 0
fi
folder=$(mktemp -d)
trap '"$here/slurm-here" stop "$folder/slurm" || true; rm -rf "$folder"' EXIT
# So few tasks an array that the sweep takes three.
SLURM_CONF=$(SLURM_HERE_ARRAY=5 "$here/slurm-here" start "$folder/slurm" | sed 's/^SLURM_CONF=//')
export SLURM_CONF
node "$here/run.mjs" "$folder"
