#!/usr/bin/env bash
# Trains a sweep on another host, which an sshd of this machine stands for, and cuts the connection and kills what trains.
# Needs `npm run build`. The last line is `ssh: passed`, `ssh: failed` or `ssh: not tested: <reason>`, which fails nothing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap '"$here/sshd-here" stop "$folder/sshd" || true; rm -rf "$folder"' EXIT
if ! "$here/sshd-here" start "$folder/sshd" 2>"$folder/refusal"; then
  echo "ssh: not tested: $(tail -n 1 "$folder/refusal")"
  exit 0
fi
export PATH=$here:$folder/sshd/bin:$PATH SSH_HERE=$folder/sshd/bin/ssh
if node "$here/run.mjs" "$folder"; then echo 'ssh: passed'; else echo 'ssh: failed'; exit 1; fi
