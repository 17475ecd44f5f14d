import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface FakeSlurm {
  /** Tasks as squeue prints them, one a line: `JOB|INDEX|STATE`, and why it waits, `|REASON`. */
  readonly queue: string;
  /** While this file exists, sbatch complains with its text; with a number in `…-from`, once it has taken as many arrays. */
  readonly complaint: string;
  /** The most tasks of an array, 3 without this file. */
  readonly arraySize: string;
  /** Gives the process its PATH back. */
  readonly leave: () => void;
}

/** Puts a Slurm into the PATH that takes every array, of at most three tasks, and whose queue is a file. */
export function fakeSlurm(folder: string): FakeSlurm {
  const bin = join(folder, 'bin');
  const queue = join(folder, 'queue');
  const arrays = join(folder, 'arrays');
  const complaint = join(folder, 'complaint');
  const arraySize = join(folder, 'array-size');
  const scripts = {
    sbatch: `case "$*" in *--test-only*) exit;; esac
[ -f '${complaint}' ] && [ $(wc -l < '${arrays}') -ge $(cat '${complaint}-from' 2>/dev/null || echo 0) ] && { cat '${complaint}' >&2; exit 1; }
job=$((100 + $(wc -l < '${arrays}')))
all="$* "; name=\${all#*--job-name=}; last=\${all#*--array=0-}
echo "$job \${name%% *}" >> '${arrays}'
for i in $(seq 0 "\${last%%[!0-9]*}"); do echo "$job|$i|PENDING" >> '${queue}'; done
echo $job`,
    scontrol: `echo "MaxArraySize = $(cat '${arraySize}' 2>/dev/null || echo 3)"`,
    squeue: `all="$* "; names=\${all#*--name=}
awk -v names=",\${names%% *}," 'NR == FNR { if (index(names, "," $2 ",")) known[$1]; next } { split($0, part, "|"); if (part[1] in known || part[1] !~ /^[0-9]/) print $0 (part[4] == "" ? "|None" : "") }' '${arrays}' '${queue}'`,
  };
  mkdirSync(bin);
  for (const path of [queue, arrays]) writeFileSync(path, '');
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const { PATH } = process.env;
  process.env.PATH = `${bin}${delimiter}${PATH}`;
  return {
    queue,
    complaint,
    arraySize,
    leave: () => {
      process.env.PATH = PATH;
    },
  };
}
