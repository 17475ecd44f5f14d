import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines, program, takeFewDigits, type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace();
  takeFewDigits(place);
});
afterAll(() => place.leave());

type Stream = 'pipe' | 'closed' | 'full';

/** Runs a command with its two outputs as asked, and what it could still say on `err`. */
async function printing(args: readonly string[], out: Stream, err: Stream = 'pipe') {
  const full = openSync('/dev/full', 'w');
  const stream = (kind: Stream) => (kind === 'full' ? full : 'pipe');
  const child = spawn(process.execPath, [program, ...args], {
    cwd: place.folder,
    env: { ...process.env, CI: '1', NO_COLOR: '1', AEDSL_DATA: '' },
    stdio: ['ignore', stream(out), stream(err)],
  });
  let said = '';
  if (out === 'closed') child.stdout?.destroy();
  else child.stdout?.resume();
  if (err === 'closed') child.stderr?.destroy();
  else
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  await once(child, 'close');
  closeSync(full);
  return { status: child.exitCode, said };
}

const training = ['run', 'experiments/first.ae', '--max-steps', '2', '--epochs', '1'];

describe.skipIf(!existsSync('/dev/full'))('output that cannot be written', () => {
  it('ends no training: what nobody reads is dropped, and the run is kept', async () => {
    expect(await printing([...training, '--json'], 'closed')).toEqual({
      status: 0,
      said: 'standard output is closed; continuing without it\n',
    });
    expect(await printing([...training, '--json', '--seed', '2'], 'closed', 'closed')).toEqual({ status: 0, said: '' });
    expect(await printing([...training, '--seed', '3'], 'pipe', 'full')).toEqual({ status: 0, said: '' });
    expect(await printing([...training, '--json', '--seed', '4'], 'full', 'full')).toEqual({ status: 4, said: '' });
    const sweep = ['sweep', 'experiments/first.ae', '--seeds', '2', '--epochs', '1', '--json'];
    expect((await printing(sweep, 'closed')).status).toBe(0);
    const runs = lines(place.aedsl('ls', '--json', '--runs').stdout);
    expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'complete'));
  }, 60_000);

  it.each([
    ['ls'],
    ['compile', 'experiments/first.ae'],
    ['export', 'last', '--as', 'csv', '--rows', 'steps'],
    ['--help'],
  ])(
    'of %s is nothing to talk about when its reader has enough, and an error of the system when the disk is full',
    async (...args) => {
      if (args[0] !== 'compile' && args[0] !== '--help') place.aedsl(...training);
      expect(await printing(args, 'closed')).toEqual({ status: 0, said: '' });
      expect(await printing(args, 'full')).toEqual({
        status: 4,
        said: 'aedsl: cannot write to standard output: the disk is full\n',
      });
    },
  );

  it('does not let watch go on for ever', async () => {
    const child = spawn(process.execPath, [program, 'run', 'experiments/first.ae', '--epochs', '100000'], {
      cwd: place.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    child.stdout.resume();
    expect(await printing(['watch', 'last', '--json'], 'closed')).toEqual({ status: 0, said: '' });
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
