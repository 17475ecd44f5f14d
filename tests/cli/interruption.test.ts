import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interruptibleOnceBegun } from '../../src/cli/interruption.js';
import { lines, program, takeFewDigits, type Workplace, workplace } from './command.js';
import { recordedConsole } from './recorded-console.js';

/** util-linux's program that runs a command in a terminal of its own. */
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') === true;
const hasPerl = spawnSync('perl', ['-e', 'setpgrp(0, 0)']).status === 0;

let place: Workplace;
beforeAll(() => {
  place = workplace();
  takeFewDigits(place);
});
afterAll(() => place.leave());

const long = [process.execPath, program, 'run', 'experiments/first.ae', '--epochs', '100000', '--json'] as const;

/** A run that would take hours, once it trains. */
async function longRun(command: readonly [string, ...(readonly string[])] = long): Promise<ChildProcess> {
  const child = spawn(command[0], command.slice(1), {
    cwd: place.folder,
    env: { ...process.env, XDG_CACHE_HOME: join(place.folder, 'cache') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stderr?.resume();
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('"event":"epoch"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} before its first epoch: ${printed}`)));
  });
  return child;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** `T` while it is stopped. */
function stateOf(pid: number): string {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

const listed = () => lines(place.aedsl('ls', '--json').stdout);

it('before anything has begun, a signal is left to the system, which needs no pause to end the process', async () => {
  const heard = () => process.listenerCount('SIGINT');
  const [before, { console }] = [heard(), recordedConsole()];
  const counts: number[] = [];
  await interruptibleOnceBegun(console, async (_signal, begun) => {
    counts.push(heard());
    begun();
    begun();
    counts.push(heard());
  });
  expect([...counts, heard()]).toEqual([before, before + 1, before]);
});

describe('a run that is stopped', () => {
  it('by Ctrl-C ends cleanly after its step, with its weights kept', async () => {
    const child = await longRun();
    expect(listed()[0]).toMatchObject({ status: 'running' });
    child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    expect(listed()[0]).toMatchObject({ status: 'interrupted' });
    expect(place.aedsl('export', 'last', '--as', 'safetensors', '-o', 'w.safetensors').status).toBe(0);
  });

  it.skipIf(!hasPerl)('by Ctrl-Z goes on when it is continued (skipped without `perl`)', async ({ onTestFailed }) => {
    // In a group of its own below a shell: the system stops none that has no shell which could continue it. A shell gives
    // its jobs groups only where there is a terminal.
    const job = `perl -e 'setpgrp(0, 0); exec @ARGV' "$@" & echo $! > job; read; wait $!`;
    const shell = await longRun(['bash', '-c', job, 'bash', ...long]);
    const pid = Number(readFileSync(join(place.folder, 'job'), 'utf8'));
    onTestFailed(() => void process.kill(pid, 'SIGKILL'));
    process.kill(pid, 'SIGTSTP');
    await expect.poll(() => stateOf(pid), { timeout: 20_000 }).toMatch(/^T/);
    process.kill(pid, 'SIGCONT');
    await once(shell.stdout ?? shell, 'data');
    expect(stateOf(pid)).toMatch(/^[RSD]/);
    process.kill(pid, 'SIGTERM');
    shell.stdin?.end();
    expect(await ended(shell)).toBe(130);
    expect(listed()[0]).toMatchObject({ status: 'interrupted' });
  });

  it.skipIf(!hasScript)('by the end of its terminal goes on under nohup (skipped without `script`)', async () => {
    const [log, pid] = ['nohup.log', 'nohup.pid'].map((name) => join(place.folder, name));
    const train = long.join(' ');
    const inTerminal = `nohup ${train} > ${log} 2>&1 < /dev/null & echo $! > ${pid}; until grep -q '"epoch"' ${log}; do sleep 0.1; done`;
    // The terminal ends with its shell, and the system sends SIGHUP to what it started.
    const shell = spawn('script', ['-qec', inTerminal, '/dev/null'], { cwd: place.folder, stdio: 'ignore' });
    await once(shell, 'exit');
    const size = statSync(log ?? '').size;
    await expect.poll(() => statSync(log ?? '').size, { timeout: 20_000 }).toBeGreaterThan(size);
    expect(listed()[0]).toMatchObject({ status: 'running' });
    process.kill(Number(readFileSync(pid ?? '', 'utf8')), 'SIGTERM');
    await expect.poll(() => listed()[0]?.status, { timeout: 20_000 }).toBe('interrupted');
  });

  it('by kill -9 is shown as interrupted, with the epochs that were committed', async () => {
    const child = await longRun();
    child.kill('SIGKILL');
    await ended(child);
    expect(listed()[0]).toMatchObject({ status: 'interrupted' });
    expect(place.aedsl('export', 'last', '--as', 'csv').stdout).toContain('train.loss');
    expect(place.aedsl('run', 'experiments/first.ae', '--max-steps', '2', '--json').status).toBe(0);
    expect(listed().map((run) => run.status)).toEqual([
      'complete',
      'interrupted',
      'interrupted',
      ...[hasPerl, hasScript].flatMap((isThere) => (isThere ? 'interrupted' : [])),
    ]);
  });
});
