import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aedsl } from './recorded-console.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-names-')));
const before = process.cwd();
const db = join(folder, 'results.db');
const trained = ['--backend', 'cpu', '--db', db];
const text = (name: string) => `experiment ${name} {
  param rate = 0.01
  data digits(take=60, test=20) { center_crop(8) }
  encoder { code: dense(4) }
  decoder { dense(input.size) }
  loss mse()
  train sgd(lr=rate) { epochs = 1  batch = 10 }
}
`;

beforeAll(async () => {
  process.chdir(folder);
  mkdirSync('experiments');
  writeFileSync('experiments/small.ae', text('tiny'));
  writeFileSync('experiments/other.ae', text('other'));
  // r1 to r3 are complete, and r4 diverges.
  for (const seed of ['1', '2', '3']) await aedsl('run', 'tiny', '--seed', seed, ...trained);
  const diverged = await aedsl('run', 'tiny', 'rate=1e38', ...trained);
  expect(diverged.code).toBe(1);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

describe('an experiment in place of a run', () => {
  it.each(['tiny', 'small', 'experiments/small.ae', 'experiments/small.ae:tiny'])(
    'means its latest complete run: %s',
    async (word) => {
      const explained = await aedsl('explain', word, 'r3', '--db', db);
      expect(explained).toMatchObject({ code: 0, out: expect.stringContaining('r3 and r3 are the same trial') });
    },
  );

  it('is trained again, verified, exported, bundled and applied', async () => {
    const again = await aedsl('rerun', 'tiny', '--db', db, '--no-store');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('the same weights as r3, to the last bit') });
    const verified = await aedsl('verify', 'experiments/small.ae', '--db', db);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('r3: bit-identical') });
    // Files are called after the run, which a path could not be.
    const weights = await aedsl('export', 'experiments/small.ae', '--db', db, '--as', 'safetensors');
    expect(weights).toMatchObject({ code: 0, out: 'r3.safetensors\n' });
    const model = await aedsl('export', 'tiny', '--db', db, '--as', 'pytorch');
    expect(model).toMatchObject({ code: 0, out: expect.stringContaining('r3-pytorch/model.py\n') });
    const bundled = await aedsl('bundle', 'tiny', '--db', db);
    expect(bundled).toMatchObject({ code: 0, out: expect.stringContaining('r3.tgz') });
    const applied = await aedsl('apply', 'tiny', '--db', db, '--to', 'codes.npy', '--json');
    expect(JSON.parse(applied.out)).toMatchObject({
      ...{ event: 'applied', file: 'codes.npy', run: 'r3', output: 'code', shape: [20, 4], notes: [] },
    });
    expect(applied.err).toBe('');
  });

  it('that has no complete run, or is none, is told apart', async () => {
    const never = await aedsl('rerun', 'experiments/other.ae', '--db', db, '--no-store');
    expect(never).toMatchObject({
      code: 2,
      err: expect.stringContaining("the experiment 'other' has no complete run"),
    });
    expect(never.err).toContain('`aedsl run experiments/other.ae` trains one');
    const unknown = await aedsl('verify', 'tni', '--db', db);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("there is no run 'tni'") });
    const sweep = await aedsl('export', 's1', '--db', db, '--as', 'onnx');
    expect(sweep).toMatchObject({
      code: 2,
      err: expect.stringMatching(/'s1' names a sweep, not a run\n.*`aedsl show s1`/),
    });
  });

  it('is trained on from the weights of a bundle', async () => {
    await aedsl('bundle', 'r1', '--db', db, '--output', 'one.tgz');
    const started = await aedsl('run', 'tiny', '--init', 'one.tgz', ...trained);
    expect(started).toMatchObject({ code: 0 });
    await aedsl('export', 'r1', '--db', db, '--as', 'safetensors', '--output', 'one.safetensors');
    const same = await aedsl('run', 'tiny', '--init', 'one.safetensors', ...trained);
    const hashOf = (printed: string) => /weights (\w+)/.exec(printed)?.[1];
    expect(hashOf(same.out)).toBe(hashOf(started.out));
    expect(hashOf(same.out)).toBeDefined();
  });
});

it('a bundle without pictures says what draws them', async () => {
  const drawn = await aedsl('figures', 'one.tgz', '--db', db);
  expect(drawn).toMatchObject({ code: 4, err: expect.stringContaining('`aedsl evaluate one.tgz` draws those') });
  expect(existsSync('figures')).toBe(false);
});

it('an experiment is evaluated again and trained longer', async () => {
  await aedsl('run', 'tiny', '--seed', '7', ...trained);
  const evaluated = await aedsl('evaluate', 'tiny', '--db', db);
  expect(evaluated).toMatchObject({ code: 0, out: expect.stringContaining('test: loss') });
  const longer = await aedsl(
    'run',
    'tiny',
    '--from',
    'experiments/small.ae',
    '--epochs',
    '2',
    '--seed',
    '7',
    ...trained,
  );
  expect(longer, longer.err).toMatchObject({ code: 0 });
});

describe('fmt', () => {
  const loose = 'experiment  loose{ data   digits() }\n';

  it('takes folders and names of experiments as check does, each file once', async () => {
    mkdirSync('more/deeper', { recursive: true });
    for (const file of ['more/a.ae', 'more/deeper/b.ae']) writeFileSync(file, loose);
    const checked = await aedsl('fmt', '--check', 'more', 'more/a.ae');
    expect(checked).toMatchObject({
      code: 1,
      out: 'more/a.ae would be formatted\nmore/deeper/b.ae would be formatted\n',
    });
    const formatted = await aedsl('fmt', 'more/deeper', 'tiny');
    expect(formatted).toMatchObject({ code: 0, out: 'more/deeper/b.ae formatted\n' });
    expect(readFileSync('more/a.ae', 'utf8')).toBe(loose);
    const broken = 'experiment a {';
    writeFileSync('more/broken.ae', broken);
    expect(await aedsl('fmt', '--check', 'more')).toMatchObject({ code: 3 });
    const unknown = await aedsl('fmt', 'tni');
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("no experiment 'tni'") });
    mkdirSync('empty');
    const empty = await aedsl('fmt', 'empty');
    expect(empty).toMatchObject({ code: 2, err: expect.stringContaining("there is no .ae file in 'empty'") });
  });
});
