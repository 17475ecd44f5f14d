import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines, program, type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace();
});
afterAll(() => place.leave());

/** A run that would take hours, once it trains. */
async function longRun(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'run', 'experiments/first.ae', '--epochs', '100000', '--json'], {
    cwd: place.folder,
    env: { ...process.env, XDG_CACHE_HOME: join(place.folder, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
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

const listed = () => lines(place.aedsl('ls', '--json').stdout);

describe('a run that is stopped', () => {
  it('by Ctrl-C ends cleanly after its step, with its weights kept', async () => {
    const child = await longRun();
    expect(listed()[0]).toMatchObject({ status: 'running' });
    child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    expect(listed()[0]).toMatchObject({ status: 'interrupted' });
    expect(place.aedsl('export', 'last', '--as', 'safetensors', '-o', 'w.safetensors').status).toBe(0);
  });

  it('by a hang-up goes on where it has no terminal, as with nohup, and after Ctrl-Z when it is continued', async () => {
    const child = await longRun();
    child.kill('SIGHUP');
    child.kill('SIGTSTP');
    await pause(200);
    child.kill('SIGCONT');
    await once(child.stdout ?? child, 'data');
    expect(child.exitCode ?? child.signalCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(130);
    expect(listed()[0]).toMatchObject({ status: 'interrupted' });
  });

  it('by kill -9 is shown as interrupted, with the epochs that were committed', async () => {
    const child = await longRun();
    child.kill('SIGKILL');
    await ended(child);
    expect(listed()[0]).toMatchObject({ status: 'interrupted' });
    expect(place.aedsl('export', 'last', '--as', 'csv').stdout).toContain('train.loss');
    expect(place.aedsl('run', 'experiments/first.ae', '--max-steps', '2', '--json').status).toBe(0);
    expect(listed().map((run) => run.status)).toEqual(['complete', 'interrupted', 'interrupted', 'interrupted']);
  });
});
