#!/usr/bin/env bash
# Trains a sweep on another host, which an sshd of this machine stands for, and cuts the connection and kills what trains.
# Needs `npm run build`. The last line is `ssh: passed`, `ssh: failed` or `ssh: not tested: <reason>`, which fails nothing.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
clean() {
  "$here/sshd-here" stop "$folder/sshd"
  pkill -KILL -f -- "$folder/"
  rm -rf "$folder"
}
trap 'clean >/dev/null 2>&1' EXIT
if ! "$here/sshd-here" start "$folder/sshd" 2>"$folder/refusal"; then
  echo "ssh: not tested: $(tail -n 1 "$folder/refusal")"
  exit 0
fi
export PATH=$here:$folder/sshd/bin:$PATH SSH_HERE=$folder/sshd/bin/ssh
# Quiet machines take 40 s.
timeout --kill-after=10 900 node "$here/run.mjs" "$folder" && { echo 'ssh: passed'; exit 0; }
[ $? = 124 ] && { echo 'it did not end within 900 s; left of it:'; ps -eo pid,etimes,args | grep -F "$folder/"; }
echo 'ssh: failed'
exit 1
