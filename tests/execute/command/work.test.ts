import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJob, writeJob } from '../../../src/execute/command/job-folder.js';
import { messageLine, readMessageLine } from '../../../src/execute/command/message-lines.js';
import { work } from '../../../src/execute/command/work.js';
import { InProcessExecutor } from '../../../src/execute/in-process.js';
import type { TrialJob, TrialMessage } from '../../../src/execute/job.js';
import { stringifyRecipe } from '../../../src/project/recipe.js';
import { prepare } from '../../../src/trial/prepare.js';
import { builtinWords } from '../../../src/words/words.js';
import { preparedJob, recipeOf } from '../jobs.js';

const root = mkdtempSync(join(tmpdir(), 'aedsl-work-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const text = `experiment small {
  data digits(take=60, validation=20, test=20) { center_crop(8) }
  encoder { dense(6, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 2  batch = 20 }
  evaluate { knn(k=3) }
  show { loss_curves() }
}
`;

let job: TrialJob;
beforeAll(async () => {
  job = await preparedJob(text);
});

let count = 0;
function folder(): string {
  const made = join(root, String(count++));
  mkdirSync(made);
  return made;
}

async function worked(given: TrialJob, change: (path: string) => void = () => {}) {
  const place = folder();
  const path = writeJob(place, given, { folder: root, prefix: 'r1' });
  change(path);
  const messages: TrialMessage[] = [];
  const end = await work(path, {
    library: builtinWords,
    dataFolder: null,
    signal: new AbortController().signal,
    say: (line) => messages.push(readMessageLine(line, place)),
  });
  return { end, messages, place };
}

function direct(given: TrialJob): Promise<readonly TrialMessage[]> {
  const executor = new InProcessExecutor({ library: builtinWords });
  const messages: TrialMessage[] = [];
  return new Promise((resolve) => {
    executor.start(given, { alone: false, checkpoints: null }, (message) => {
      messages.push(message);
      if (message.type === 'ended' || message.type === 'failed') resolve(messages);
    });
  });
}

test('messages are the same to the bit after they were lines', async () => {
  const { end, messages } = await worked(job);
  expect(end).toBe('complete');
  const types = messages.flatMap(({ type }) => (type === 'report' ? [] : type));
  expect([...new Set(types)]).toEqual(['machine', 'events', 'checkpoint', 'trained', 'ended']);
  expect(types.filter((type) => type === 'checkpoint')).toHaveLength(2);
  const place = { stage: 'train', step: 2, name: 'input' };
  const pictures = [{ name: 'a', width: 2, height: 1, rgb: Uint8Array.of(0, 1, 2, 253, 254, 255), tiles: null }];
  const metrics = { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: -0, d: 5e-324, e: 0.1 };
  const series = { loss: Float32Array.of(Number.NaN, -0, 1e-45, 3.4e38) };
  const all: readonly TrialMessage[] = [
    ...(await direct(job)),
    ...(await direct({ ...job, follow: { witness: [{ stage: 'train', from: 2, to: 3 }], capture: [place] } })),
    { type: 'preview', moment: { stage: 'train', epoch: 1 }, pictures },
    { type: 'report', stepsPerSecond: 0.5, bytes: 10 },
    { type: 'events', events: [{ event: 'epoch', stage: 'x', epoch: 1, metrics, stepsPerSecond: Infinity }] },
    { type: 'events', events: [{ event: 'steps', stage: 'x', firstStep: 3, series }] },
    { type: 'failed', reason: 'r', hint: 'h' },
  ];
  const expected = [
    'machine',
    'events',
    'trained',
    'ended',
    'link',
    'witness',
    'tensor',
    'preview',
    'report',
    'failed',
  ];
  expect(new Set(all.map(({ type }) => type))).toEqual(new Set(expected));
  const files = folder();
  for (const message of all) {
    if (message.type === 'lost') throw new Error(message.reason);
    expect(readMessageLine(messageLine(message, files), files)).toEqual(message);
  }
});

test('a job goes on from a checkpoint in its folder, and gives what one that never halted gives', async () => {
  const first = await worked({ ...job, untilEpoch: 1 });
  expect(first.end).toBe('interrupted');
  const [reported] = first.messages.flatMap((message) => (message.type === 'checkpoint' ? message.checkpoint : []));
  if (reported === undefined) throw new Error('no checkpoint was reported');
  writeFileSync(join(root, 'r1-0-3.safetensors'), readFileSync(join(first.place, reported.file)));
  const from = { ...reported, file: 'r1-0-3.safetensors' };
  const second = await worked({ ...job, from });
  const end = ({ messages }: typeof second) => messages.find(({ type }) => type === 'ended');
  expect(end(second)).toEqual(end(await worked(job)));
  const change = (path: string) => writeFileSync(join(path, '..', 'from.safetensors'), 'x'.repeat(from.bytes));
  await expect(worked({ ...job, from }, change)).rejects.toThrow("'from.safetensors' of the job is not the one");
});

test('of many checkpoints the last four stay', async () => {
  const { place, messages } = await worked(await preparedJob(text.replace('epochs = 2', 'epochs = 6')));
  expect(messages.filter(({ type }) => type === 'checkpoint')).toHaveLength(6);
  const left = readdirSync(place).filter((name) => name.startsWith('checkpoint-'));
  expect(left.sort()).toEqual([2, 3, 4, 5].map((number) => `checkpoint-${number}.safetensors`));
});

test.each([
  ['words', { recipe: stringifyRecipe(recipeOf(text.replace('0.01', '0.02'))) }],
  ['words that are none', { recipe: stringifyRecipe(recipeOf('experiment')) }],
  ['a backend', { backend: 'gpu' }],
  ['a seed', { seed: 4 }],
  ['data', { expected: { dataSha256: 'f'.repeat(64) } }],
  ['an experiment', { expected: { irSha256: 'f'.repeat(64) } }],
])('%s of another trial than the planned one fail, with a sentence', async (_what, changes) => {
  const { end, messages } = await worked({ ...job, ...changes });
  expect(end).toBe('failed');
  expect(messages).toMatchObject([
    {
      type: 'failed',
      reason: expect.stringMatching(/^trial 4 is no longer the same trial: /),
      hint: expect.any(String),
    },
  ]);
});

test('what is no job is refused before anything is trained', async () => {
  const place = folder();
  const path = writeJob(place, job, null);
  const written = JSON.parse(readFileSync(path, 'utf8'));
  const refused = (changes: object) => {
    writeFileSync(path, JSON.stringify({ ...written, ...changes }));
    return () => readJob(path);
  };
  const file = { sha256: 'f'.repeat(64), bytes: 4 };
  expect(refused({ version: 2 })).toThrow('version is not one of 1');
  expect(refused({ threads: 1e9 })).toThrow('threads is not a whole number from 1 to 64');
  expect(refused({ recipe: { sources: 3 } })).toThrow('the recipe.sources');
  for (const name of ['../x', '/etc/passwd', '.hidden', 'a/b', ''])
    expect(refused({ init: { ...file, file: name } })).toThrow('init.file is not a plain file name');
  expect(refused({ init: { ...file, file: 'none' } })).toThrow('no such file');
  writeFileSync(join(place, 'four'), 'four');
  expect(refused({ init: { ...file, file: 'four' } })).toThrow('its checksum differs');
  symlinkSync('/dev/zero', join(place, 'endless'));
  expect(refused({ trained: { ...file, file: 'endless' } })).toThrow('cannot read');
  writeFileSync(path, '{');
  expect(() => readJob(path)).toThrow('not JSON');
});

test('code of words runs only where somebody agreed to it, and data outside of the project are not read', async () => {
  const words = [{ name: './evil.js', path: join(root, 'evil.js'), sha256: 'a'.repeat(64) }];
  await expect(worked({ ...job, words })).rejects.toThrow('nobody here has agreed to run: ./evil.js');
  const outside = mkdtempSync(join(tmpdir(), 'aedsl-outside-'));
  const table = join(outside, 'table.csv');
  writeFileSync(table, `a,b\n${'0.1,0.2\n'.repeat(60)}`);
  mkdirSync(join(root, 'project'));
  const own = join(root, 'project', 'table.csv');
  const source = {
    path: join(root, 'project', 'table.ae'),
    text: text.replace(/data .*/, 'data csv("table.csv", test=10)').replace(/evaluate .*/, ''),
  };
  writeFileSync(own, readFileSync(table));
  const trial = await prepare({
    ...{ recipe: { ...recipeOf(text), sources: [source] }, seed: 3, backend: 'cpu', library: builtinWords },
    world: (await import('../../../src/project/world.js')).fileWorld('cpu'),
  }).identify();
  rmSync(own);
  const { messages } = await worked({
    ...job,
    recipe: stringifyRecipe(trial.recipe),
    expected: { identity: trial.identity },
    dataFiles: { 'table.csv': table },
  });
  rmSync(outside, { recursive: true });
  expect(messages).toMatchObject([{ type: 'failed', reason: expect.stringContaining(table) }]);
});
