// Columns of the determinism matrix that go through the command line.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const shortened = fileURLToPath(new URL('shortened.ae', import.meta.url));

function aedsl(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`aedsl ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

const commonArguments = ({ data, steps }) => [...(data ? ['--data', data] : []), '--max-steps', String(steps)];

/** `aedsl run --no-store`, which prints the hash of the weights. */
const command = (committed) => ({
  title: 'aedsl run',
  async measure(rows) {
    const trials = Object.entries(committed.trials).filter(([name]) => rows.includes(name));
    const hashes = trials.map(([name, trial]) => {
      const printed = aedsl(['run', `${shortened}:${name}`, '--no-store', ...commonArguments(trial)]);
      return [name, printed.trim().split('\n').at(-1)];
    });
    return { hashes: new Map(hashes) };
  },
});

/** Two trials of a sweep, with the seeds 1 and 2, one after the other or side by side; the first is the committed one. */
const sweep = (jobs) => (committed) => ({
  title: `${jobs} job${jobs > 1 ? 's' : ''}`,
  async measure(rows) {
    const trials = Object.entries(committed.trials).filter(([name]) => rows.includes(name));
    const hashes = trials.map(([name, trial]) => {
      const seeds = ['--seeds', '2', '--jobs', String(jobs), '--only', '--no-store', '--json'];
      const printed = aedsl(['sweep', `${shortened}:${name}`, ...seeds, ...commonArguments(trial)]);
      const events = printed.split('\n').filter((line) => line !== '');
      const done = events
        .map((line) => JSON.parse(line))
        .find(({ event, trial: number, state }) => event === 'trial_state' && number === 0 && state === 'complete');
      if (done === undefined) throw new Error(`${name}: the sweep did not complete its first trial`);
      return [name, done.weightsSha256];
    });
    return { hashes: new Map(hashes) };
  },
});

export function commandColumns(committed) {
  return [command, sweep(1), sweep(2)].map((column) => column(committed));
}
