import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/cli/commands/apply.js';
import { bundle } from '../../src/cli/commands/bundle.js';
import { explain } from '../../src/cli/commands/explain.js';
import { exportResults } from '../../src/cli/commands/export.js';
import { figures } from '../../src/cli/commands/figures.js';
import { fmt } from '../../src/cli/commands/fmt.js';
import { rerun } from '../../src/cli/commands/rerun.js';
import { run } from '../../src/cli/commands/run.js';
import { verify } from '../../src/cli/commands/verify.js';
import { report } from '../../src/cli/failure.js';
import { recordedConsole } from './recorded-console.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-names-')));
const before = process.cwd();
const db = join(folder, 'results.db');
const trained = { seed: '1', backend: 'cpu', checkpointEvery: '30s', db, store: true };
const text = (name: string) => `experiment ${name} {
  param rate = 0.01
  data digits(take=60, test=20) { center_crop(8) }
  encoder { code: dense(4) }
  decoder { dense(input.size) }
  loss mse()
  train sgd(lr=rate) { epochs = 1  batch = 10 }
}
`;

/** What a command prints, and its exit code. */
async function printed(command: (console: ReturnType<typeof recordedConsole>['console']) => number | Promise<number>) {
  const { console, out, err } = recordedConsole();
  try {
    return { code: await command(console), out: out(), err: err() };
  } catch (error) {
    return { code: report(error, console, false), out: out(), err: err() };
  }
}

beforeAll(async () => {
  process.chdir(folder);
  mkdirSync('experiments');
  writeFileSync('experiments/small.ae', text('tiny'));
  writeFileSync('experiments/other.ae', text('other'));
  // r1 to r3 are complete, and r4 diverges.
  for (const seed of ['1', '2', '3']) await printed((console) => run(console, 'tiny', [], { ...trained, seed }, []));
  const diverged = await printed((console) => run(console, 'tiny', ['rate=1e38'], trained, []));
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
      const explained = await printed((console) => explain(console, word, 'r3', { db }));
      expect(explained).toMatchObject({ code: 0, out: expect.stringContaining('r3 and r3 are the same trial') });
    },
  );

  it('is trained again, verified, exported, bundled and applied', async () => {
    const again = await printed((console) => rerun(console, 'tiny', { db, store: false }, []));
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('the weights of r3, to the last bit') });
    const verified = await printed((console) => verify(console, 'experiments/small.ae', { db }, []));
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('r3: bit-identical') });
    // Files are called after the run, which a path could not be.
    const weights = await printed((console) =>
      exportResults(console, 'experiments/small.ae', { db, as: 'safetensors' }),
    );
    expect(weights).toMatchObject({ code: 0, out: 'r3.safetensors\n' });
    const model = await printed((console) => exportResults(console, 'tiny', { db, as: 'pytorch' }));
    expect(model).toMatchObject({ code: 0, out: expect.stringContaining('r3-pytorch/model.py\n') });
    const bundled = await printed((console) => bundle(console, 'tiny', { db }));
    expect(bundled).toMatchObject({ code: 0, out: expect.stringContaining('r3.tgz') });
    const applied = await printed((console) =>
      apply(console, 'tiny', { db, output: 'code', to: 'codes.npy', json: true }),
    );
    expect(JSON.parse(applied.out)).toMatchObject({
      ...{ event: 'applied', file: 'codes.npy', run: 'r3', output: 'code', shape: [20, 4], notes: [] },
    });
    expect(applied.err).toBe('');
  });

  it('that has no complete run, or is none, is told apart', async () => {
    const never = await printed((console) => rerun(console, 'experiments/other.ae', { db, store: false }, []));
    expect(never).toMatchObject({
      code: 2,
      err: expect.stringContaining("the experiment 'other' has no complete run"),
    });
    expect(never.err).toContain('`aedsl run experiments/other.ae` trains one');
    const unknown = await printed((console) => verify(console, 'tni', { db }, []));
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("there is no run 'tni'") });
  });

  it('is trained on from the weights of a bundle', async () => {
    await printed((console) => bundle(console, 'r1', { db, output: 'one.tgz' }));
    const started = await printed((console) => run(console, 'tiny', [], { ...trained, init: 'one.tgz' }, []));
    expect(started).toMatchObject({ code: 0 });
    await printed((console) => exportResults(console, 'r1', { db, as: 'safetensors', output: 'one.safetensors' }));
    const same = await printed((console) => run(console, 'tiny', [], { ...trained, init: 'one.safetensors' }, []));
    const hashOf = (printed: string) => /weights (\w+)/.exec(printed)?.[1];
    expect(hashOf(same.out)).toBe(hashOf(started.out));
    expect(hashOf(same.out)).toBeDefined();
  });
});

it('a bundle without pictures says what draws them', async () => {
  const drawn = await printed((console) => figures(console, ['one.tgz'], { db, output: 'figures' }));
  expect(drawn).toMatchObject({ code: 4, err: expect.stringContaining('`aedsl evaluate one.tgz` draws those') });
  expect(existsSync('figures')).toBe(false);
});

describe('fmt', () => {
  const loose = 'experiment  loose{ data   digits() }\n';

  it('takes folders and names of experiments as check does, each file once', async () => {
    mkdirSync('more/deeper', { recursive: true });
    for (const file of ['more/a.ae', 'more/deeper/b.ae']) writeFileSync(file, loose);
    const checked = await printed((console) => fmt(console, ['more', 'more/a.ae'], { check: true }));
    expect(checked).toMatchObject({
      code: 1,
      out: 'more/a.ae would be formatted\nmore/deeper/b.ae would be formatted\n',
    });
    const formatted = await printed((console) => fmt(console, ['more/deeper', 'tiny'], {}));
    expect(formatted).toMatchObject({ code: 0, out: 'more/deeper/b.ae formatted\n' });
    expect(readFileSync('more/a.ae', 'utf8')).toBe(loose);
    const broken = 'experiment a {';
    writeFileSync('more/broken.ae', broken);
    expect(await printed((console) => fmt(console, ['more'], { check: true }))).toMatchObject({ code: 3 });
    const unknown = await printed((console) => fmt(console, ['tni'], {}));
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("no experiment 'tni'") });
    mkdirSync('empty');
    const empty = await printed((console) => fmt(console, ['empty'], {}));
    expect(empty).toMatchObject({ code: 2, err: expect.stringContaining("there is no .ae file in 'empty'") });
  });
});
