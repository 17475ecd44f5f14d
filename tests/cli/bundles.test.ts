import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run as runExperiment } from '../../src/sweep/run.js';
import { aedsl } from './recorded-console.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-bundles-'));
const file = join(folder, 'small.ae');
const tgz = join(folder, 'run.tgz');
const [made, db] = [join(folder, 'made.db'), join(folder, 'results.db')];

beforeAll(async () => {
  const text = `experiment small {
    data digits(take=60, test=20) { center_crop(8) }
    encoder { code: dense(4) }
    decoder { dense(input.size, activation=sigmoid) }
    loss mse()
    train adam(lr=0.01) { epochs = 2  batch = 10 }
    show { filters(code) loss_curves() }
  }`;
  writeFileSync(file, text);
  (await runExperiment({ source: { path: file, text }, store: made, backend: 'cpu' })).model?.dispose();
  await aedsl('bundle', 'r1', '--db', made, '--output', tgz);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a bundle in place of a run', () => {
  it('is shown, drawn, exported and explained without a database', async () => {
    const own = await aedsl('show', 'r1', '--db', made);
    expect(await aedsl('show', tgz, '--db', db)).toEqual({ ...own, code: 0 });
    const drawn = join(folder, 'figures');
    const pictures = await aedsl('figures', tgz, '--db', db, '--format', 'both', '--output', drawn);
    expect(pictures).toMatchObject({ code: 0, err: '' });
    const names = ['r1-filters-code', 'r1-loss_curves'];
    expect(readdirSync(drawn)).toEqual(names.flatMap((name) => [`${name}.png`, `${name}.svg`]));
    // Curves are lines, and pixels stay pixels.
    const [filters, curves] = names.map((name) => readFileSync(join(drawn, `${name}.svg`), 'utf8'));
    expect(filters).toContain('<image');
    expect(curves).toMatch(/loss_curves\(\) · \w+ · r1 · epoch 2 of 2.*<path/);
    expect(curves).not.toContain('<image');
    const weights = join(folder, 'w.safetensors');
    await aedsl('export', tgz, '--db', db, '--as', 'safetensors', '--output', weights);
    expect(existsSync(weights)).toBe(true);
    const steps = await aedsl('export', tgz, '--db', db, '--as', 'csv', '--rows', 'steps');
    const ownSteps = await aedsl('export', 'r1', '--db', made, '--as', 'csv', '--rows', 'steps');
    expect(steps).toEqual(ownSteps);
    const explained = await aedsl('explain', tgz, 'r1', '--db', made);
    expect(explained.out).toContain(`${tgz} and r1 are the same trial`);
    expect(existsSync(db)).toBe(false);
  });

  it('is trained again, and the new run kept', async () => {
    const again = await aedsl('rerun', tgz, '--db', db);
    expect(again.out).toContain(`r1: the same weights as ${tgz}, to the last bit`);
  });

  it('is taken into the results by import, evaluate and resume, once', async () => {
    const imported = await aedsl('import', tgz, '--db', db);
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('r1 → r2\n') });
    const evaluated = await aedsl('evaluate', tgz, '--db', db);
    expect(evaluated).toMatchObject({ code: 0, err: expect.stringContaining(`r1 of ${tgz} is r2 in ${db}`) });
    const resumed = await aedsl('resume', tgz, '--db', db);
    expect(resumed).toMatchObject({ code: 2, err: expect.stringContaining('r2 is complete') });
    const some = await aedsl('import', tgz, 'r1', '--db', db);
    expect(some).toMatchObject({ code: 2, err: expect.stringContaining('a bundle has one run') });
  });

  it('is what a longer training goes on from', async () => {
    const longer = await aedsl('run', file, '--epochs', '3', '--backend', 'cpu', '--db', db, '--from', tgz);
    expect(longer).toMatchObject({ code: 0 });
    expect(longer.out + longer.err).toContain('goes on from r2, after 2 epochs');
  });

  it('elsewhere is a sentence that says how to get it there', async () => {
    const compared = await aedsl('compare', tgz, 'r1', '--db', db);
    expect(compared).toMatchObject({ code: 2, err: expect.stringContaining(`\`aedsl import ${tgz}\``) });
    const bundled = await aedsl('bundle', tgz, '--db', db);
    expect(bundled).toMatchObject({ code: 2, err: expect.stringContaining(`\`aedsl import ${tgz}\``) });
    const gone = await aedsl('show', join(folder, 'none.tgz'), '--db', db);
    expect(gone).toMatchObject({ code: 2, err: expect.stringContaining('there is no file') });
    writeFileSync(join(folder, 'bad.tgz'), 'no bundle');
    const bad = await aedsl('show', join(folder, 'bad.tgz'), '--db', db);
    expect(bad).toMatchObject({ code: 4, err: expect.stringContaining('the file is no bundle') });
  });
});
