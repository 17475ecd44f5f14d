import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../src/cli/commands/bundle.js';
import { compare } from '../../src/cli/commands/compare.js';
import { evaluate } from '../../src/cli/commands/evaluate.js';
import { explain } from '../../src/cli/commands/explain.js';
import { exportResults } from '../../src/cli/commands/export.js';
import { figures } from '../../src/cli/commands/figures.js';
import { importCommand } from '../../src/cli/commands/import.js';
import { rerun } from '../../src/cli/commands/rerun.js';
import { resume } from '../../src/cli/commands/resume.js';
import { run } from '../../src/cli/commands/run.js';
import { show } from '../../src/cli/commands/show.js';
import { report } from '../../src/cli/failure.js';
import { run as runExperiment } from '../../src/sweep/run.js';
import { recordedConsole } from './recorded-console.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-bundles-'));
const file = join(folder, 'small.ae');
const tgz = join(folder, 'run.tgz');
const [made, db] = [join(folder, 'made.db'), join(folder, 'results.db')];
const tables = { interval: 'student' };

/** What a command prints, and its exit code. */
async function printed(command: (console: ReturnType<typeof recordedConsole>['console']) => Promise<number>) {
  const { console, out, err } = recordedConsole();
  const code = await command(console).catch((error: unknown) => report(error, console, false));
  return { code, out: out(), err: err() };
}

beforeAll(async () => {
  const text = `experiment small {
    data digits(take=60, test=20) { center_crop(8) }
    encoder { code: dense(4) }
    decoder { dense(input.size, activation=sigmoid) }
    loss mse()
    train adam(lr=0.01) { epochs = 2  batch = 10 }
    show { filters(code) }
  }`;
  writeFileSync(file, text);
  (await runExperiment({ source: { path: file, text }, store: made, backend: 'cpu' })).model?.dispose();
  await printed((console) => bundle(console, 'r1', { db: made, output: tgz }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a bundle in place of a run', () => {
  it('is shown, drawn, exported and explained without a database', async () => {
    const own = await printed((console) => show(console, 'r1', { db: made, ...tables }));
    expect(await printed((console) => show(console, tgz, { db, ...tables }))).toEqual({ ...own, code: 0 });
    const drawn = join(folder, 'figures');
    const pictures = await printed((console) => figures(console, [tgz], { db, output: drawn, ...tables }));
    expect(pictures).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(drawn)).toEqual(['r1-filters-code.png']);
    const weights = join(folder, 'w.safetensors');
    await printed((console) => exportResults(console, tgz, { db, as: 'safetensors', output: weights }));
    expect(existsSync(weights)).toBe(true);
    const steps = await printed((console) => exportResults(console, tgz, { db, as: 'csv', rows: 'steps' }));
    const ownSteps = await printed((console) => exportResults(console, 'r1', { db: made, as: 'csv', rows: 'steps' }));
    expect(steps).toEqual(ownSteps);
    const explained = await printed((console) => explain(console, tgz, 'r1', { db: made }));
    expect(explained.out).toContain(`${tgz} and r1 are the same trial`);
    expect(existsSync(db)).toBe(false);
  });

  it('is trained again, and the new run kept', async () => {
    const again = await printed((console) => rerun(console, tgz, { db, store: true }, []));
    expect(again.out).toContain('r1: the weights of r1, to the last bit');
  });

  it('is taken into the results by import, evaluate and resume, once', async () => {
    const imported = await printed((console) => importCommand(console, tgz, [], { db }, []));
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('r1 → r2\n') });
    const evaluated = await printed((console) => evaluate(console, tgz, undefined, { db }, []));
    expect(evaluated).toMatchObject({ code: 0, err: expect.stringContaining(`r1 of ${tgz} is r2 in ${db}`) });
    const resumed = await printed((console) => resume(console, tgz, { db, checkpointEvery: '30s' }, []));
    expect(resumed).toMatchObject({ code: 2, err: expect.stringContaining('r2 is complete') });
    const some = await printed((console) => importCommand(console, tgz, ['r1'], { db }, []));
    expect(some).toMatchObject({ code: 2, err: expect.stringContaining('a bundle has one run') });
  });

  it('is what a longer training goes on from', async () => {
    const options = { seed: '1', epochs: '3', backend: 'cpu', checkpointEvery: '30s', db, store: true, from: tgz };
    const longer = await printed((console) => run(console, file, [], options, []));
    expect(longer).toMatchObject({ code: 0 });
    expect(longer.out + longer.err).toContain('goes on from r2, after 2 epochs');
  });

  it('elsewhere is a sentence that says how to get it there', async () => {
    const compared = await printed((console) => compare(console, [tgz, 'r1'], { db, ...tables }));
    expect(compared).toMatchObject({ code: 2, err: expect.stringContaining(`\`aedsl import ${tgz}\``) });
    const bundled = await printed((console) => bundle(console, tgz, { db }));
    expect(bundled).toMatchObject({ code: 2, err: expect.stringContaining(`\`aedsl import ${tgz}\``) });
    const gone = await printed((console) => show(console, join(folder, 'none.tgz'), { db, ...tables }));
    expect(gone).toMatchObject({ code: 2, err: expect.stringContaining('there is no file') });
    writeFileSync(join(folder, 'bad.tgz'), 'no bundle');
    const bad = await printed((console) => show(console, join(folder, 'bad.tgz'), { db, ...tables }));
    expect(bad).toMatchObject({ code: 4, err: expect.stringContaining('the file is no bundle') });
  });
});
