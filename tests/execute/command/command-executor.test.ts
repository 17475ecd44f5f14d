import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { CommandExecutor, type JobCommand } from '../../../src/execute/command/command-executor.js';
import { makeJobFolder, removeAbandonedJobs } from '../../../src/execute/command/jobs-folder.js';
import { LineReader } from '../../../src/execute/command/line-reader.js';
import type { TrialJob, TrialMessage } from '../../../src/execute/job.js';
import { sweepRows } from '../../crash/sweep-rows.js';
import { inResults, smallExperiment, sweepOf } from '../../sweep/sweep-places.js';
import { jobOf } from '../jobs.js';

const root = mkdtempSync(join(tmpdir(), "aedsl command's "));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const jobs = join(root, 'results.db.jobs');
const program = resolve('tests/execute/command/odd-work.mjs');

const job = jobOf(JSON.stringify({ sources: [{ path: 'a.ae', text: '' }], params: [], files: {} }), { trial: 7 });

let executor: CommandExecutor;
beforeEach(() => use('nothing'));
afterEach(() => executor.close());

function use(way: string): void {
  executor = new CommandExecutor({ command: [process.execPath, program, way, '{job}'], folder: jobs });
}

interface Trial {
  readonly messages: readonly TrialMessage[];
  /** The last, in short. */
  readonly end: string;
}

function trained(
  given: TrialJob = job,
  { checkpoints = false, onNote = (_text: string, _halt: () => void) => {} } = {},
): Promise<Trial> {
  const messages: TrialMessage[] = [];
  return new Promise((resolve) => {
    const place = { alone: false, checkpoints: checkpoints ? { folder: root, prefix: 'r1-x' } : null };
    const running = executor.start(given, place, (message) => {
      messages.push(message);
      if (message.type === 'note') onNote(message.text, () => running.halt());
      if (message.type === 'ended') resolve({ messages, end: message.end.status });
      if (message.type === 'failed' || message.type === 'lost') {
        resolve({ messages, end: `${message.type}: ${message.reason}` });
      }
    });
  });
}

const ending = 'before it reported the end of the trial';

test.each([
  ['banner', /^failed: its command wrote something else than messages to standard output: the message is not JSON$/],
  ['half', new RegExp(`^lost: its command ended with code 0 ${ending}, in the middle of a message$`)],
  ['code', new RegExp(`^lost: its command ended with code 3 ${ending} \\(Error: no such module\\)$`)],
  ['killed', new RegExp(`^lost: its command was ended by SIGKILL ${ending}$`)],
  ['nothing', new RegExp(`^lost: its command ended with code 0 ${ending}$`)],
  ['weightless', /^failed: its command reported the end of a trial without its weights$/],
  ['twice', /^failed: its command reported the end of the training twice$/],
  ['escapes', /^failed: .*checkpoint\.file is not a plain file name$/],
])('a command that does otherwise than it should (%s) ends its trial in a sentence', async (way, sentence) => {
  use(way);
  expect((await trained(job, { checkpoints: true })).end).toMatch(sentence);
  await executor.close();
  expect(existsSync(jobs)).toBe(false);
});

test('a command that cannot be started, and a job that cannot be written, are told', async () => {
  executor = new CommandExecutor({ command: [join(root, 'none'), '{job}'], folder: jobs });
  expect((await trained()).end).toBe('lost: its command could not be started: no such file or folder');
  await executor.close();
  executor = new CommandExecutor({ command: 'no-such-program', folder: jobs });
  expect((await trained()).end).toMatch(/^lost: its command ended with code 127 .*\(.*not found\)$/);
  await executor.close();
  executor = new CommandExecutor({ command: 'true', folder: join(program, 'in-a-file') });
  expect((await trained()).end).toMatch(/^failed: its job could not be written: /);
});

test('checkpoints go where the caller wants them, one that is not whole is left out, and nothing follows the end', async () => {
  use('checkpoints');
  const { messages } = await trained(job, { checkpoints: true });
  await executor.close();
  expect(messages.map(({ type }) => type)).toEqual(['checkpoint', 'note', 'trained', 'ended']);
  expect(messages[0]).toMatchObject({ checkpoint: { file: 'r1-x-0-4.safetensors', step: 4 } });
  expect(readFileSync(join(root, 'r1-x-0-4.safetensors'), 'utf8')).toBe('state');
  expect(messages[1]).toMatchObject({ text: expect.stringMatching(/^the checkpoint at step 5 could not be kept: /) });
  expect(messages[3]).toMatchObject({ end: { metrics: { 'test.loss': Number.NaN, zero: -0 } } });
  expect(readdirSync(root)).toEqual(['r1-x-0-4.safetensors']);
});

test('messages may arrive in pieces, also of a character, and lines are no longer than a limit', async () => {
  use('pieces');
  const { messages } = await trained();
  expect(messages.map((message) => message.type === 'note' && message.text)).toEqual(['größer', false]);
  const lines = new LineReader(10);
  expect(lines.take(Buffer.from('0123456789\n01234'))).toEqual(['0123456789']);
  expect(() => lines.take(Buffer.from('567890'))).toThrow('longer than the limit of 10 bytes');
});

test('a line for the shell is given the job’s path, and a trial is told to halt', async () => {
  executor = new CommandExecutor({
    command: `'${process.execPath}' '${program}' waits {job} {trial} {threads}`,
    folder: jobs,
  });
  const heard: string[] = [];
  const { end } = await trained(job, {
    onNote: (text, halt) => {
      heard.push(text);
      halt();
    },
  });
  expect([end, ...heard]).toEqual(['interrupted', 'waiting', '{"type":"halt"}']);
});

test('closing ends what pays no heed, with what that has started, and tells nobody', async () => {
  use('stays');
  const pid = await new Promise<string>((resolve) => void trained(job, { onNote: resolve }));
  await executor.close();
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  expect(existsSync(jobs)).toBe(false);
});

test('the folders of jobs whose process is gone are removed, and no others', () => {
  const dead = spawnSync('true').pid;
  const names = [`aedsl-trial-3-${hostname()}-${dead}-abcdef`, `aedsl-trial-3-other-${dead}-abcdef`, 'trial-3'];
  for (const name of names) mkdirSync(join(jobs, name, 'inner'), { recursive: true });
  symlinkSync(join(jobs, 'trial-3'), join(jobs, `aedsl-trial-4-${hostname()}-${dead}-abcdef`));
  const own = makeJobFolder(jobs, 3);
  removeAbandonedJobs(jobs);
  expect(readdirSync(jobs).toSorted()).toEqual(
    [`aedsl-trial-4-${hostname()}-${dead}-abcdef`, basename(own), names[1], names[2]].toSorted(),
  );
  rmSync(jobs, { recursive: true });
});

test('a sweep by a command has the rows of one on cores, also when its processes die', {
  timeout: 120_000,
}, async () => {
  const plan = {
    source: {
      path: 'evaluated.ae',
      text: smallExperiment.replace(/\}\s*$/, '  evaluate { knn(k=3) }\n  show { loss_curves() }\n}\n'),
    },
    axes: ['rate=0.003,0.03'],
    metric: 'validation.loss',
    prune: 'halving:reduction=2:from=2',
  };
  const expected = await inResults(async (store) => {
    await sweepOf(plan, { store, jobs: 2, cores: 2 });
    return sweepRows(store);
  });
  const work: JobCommand = [process.execPath, program, 'dies', '{job}', resolve('dist/src/cli/main.js'), 'work'];
  await inResults(async (store) => {
    const notes: string[] = [];
    const done = await sweepOf(plan, {
      store,
      jobs: 2,
      cores: 2,
      checkpoints: { seconds: null, epochs: 1 },
      executor: new CommandExecutor({ command: work, folder: `${store}.jobs` }),
      listener: (event) => {
        if (event.event === 'note') notes.push(event.text);
      },
    });
    expect(done.status).toBe('complete');
    expect(sweepRows(store)).toEqual(expected);
    expect(notes).toEqual([expect.stringMatching(/^was lost: its command ended with code 9/)]);
    expect(readdirSync(dirname(store))).not.toContain('results.db.jobs');
  });
});
