import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TrialMessage } from '../../src/execute/job.js';
import { LocalExecutor } from '../../src/execute/local/local-executor.js';
import { jobOf } from './jobs.js';

let executor: LocalExecutor;
beforeEach(() => {
  executor = new LocalExecutor(new URL('./odd-host.mjs', import.meta.url));
});
afterEach(() => executor.close());

/** How a trial ended: `complete`, or the type of the last message and its reason. */
function ended(recipe: string, { alone = false, halt = false } = {}): Promise<string> {
  return new Promise((settle) => {
    const listener = (message: TrialMessage) => {
      if (message.type === 'ended') settle(message.end.status);
      if (message.type === 'failed' || message.type === 'lost') settle(`${message.type}: ${message.reason}`);
    };
    const running = executor.start(jobOf(recipe), { alone, checkpoints: null }, listener);
    if (halt) running.halt();
  });
}

test('trials train side by side, and one after the other on the same threads', async () => {
  expect(await Promise.all([ended('1'), ended('20'), ended('1')])).toEqual(['complete', 'complete', 'complete']);
  expect(await ended('1')).toBe('complete');
});

test('a trial that is asked to halt ends as interrupted', async () => {
  expect(await ended('100000', { halt: true })).toBe('interrupted');
});

test('a trial that throws fails, and no other', async () => {
  expect(await Promise.all([ended('throw'), ended('300')])).toEqual(['failed: as the test wants it', 'complete']);
  expect(await ended('1')).toBe('complete');
});

test('when the process is killed its trials are lost, and the next ones have a new process', async () => {
  const reason = 'lost: its process was killed, as the system does when memory runs out';
  expect(await Promise.all([ended('kill'), ended('100000')])).toEqual([reason, reason]);
  expect(await ended('1')).toBe('complete');
});

test('alone, a trial that takes its process down takes no other with it', async () => {
  expect(await Promise.all([ended('abort', { alone: true }), ended('200', { alone: true }), ended('200')])).toEqual([
    'lost: its process was ended by SIGABRT',
    'complete',
    'complete',
  ]);
});

test('named data sets are looked for in the folder that a person names', async () => {
  await executor.close();
  executor = new LocalExecutor(new URL('./odd-host.mjs', import.meta.url), 'their/data');
  expect(await ended('data')).toBe(`failed: ${resolve('their/data')}`);
});
