import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { compileRecipe, type Recipe, recordedRecipe, recordingWorld } from '../../src/project/recipe.js';
import { recordedIn, recordedPath, recordedPlace } from '../../src/project/recorded-place.js';
import { fileWorld } from '../../src/project/world.js';
import { loadExamples } from '../../src/trial/data.js';
import { prepare } from '../../src/trial/prepare.js';
import { dataOf, loadRecorded } from '../../src/trial/recorded-data.js';
import { builtinWords } from '../../src/words/words.js';
import { experimentText } from '../compiler/compiled.js';

let root = '';
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-recorded-')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => vi.stubEnv('AEDSL_DATA', ''));

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const compiledAgain = (recipe: Recipe) => ({
  ...prepare({ library: builtinWords, recipe, seed: 1, backend: 'auto' }, { name: 'r1' }).compiled,
  library: builtinWords,
});

const table = (first: number) =>
  `a,b\n${Array.from({ length: 40 }, (_, i) => `${(first + i) / 100},${i / 50}`).join('\n')}\n`;

/** An experiment on a table, as the results in its project keep it, with the checksum of its data. */
async function recordedProject(name: string, data: string, file: string) {
  const folder = join(root, name);
  write(join(folder, 'package.json'), '{}');
  write(join(folder, file), table(0));
  const path = write(join(folder, 'experiments/deep/x.ae'), experimentText(`data csv("${data}", test=10)`));
  const recording = recordingWorld(fileWorld());
  const source = { path, text: experimentText(`data csv("${data}", test=10)`) };
  const plain = {
    sources: [source],
    experiment: null,
    params: [],
    data: null,
    epochs: null,
    maxSteps: null,
    files: {},
  };
  const { value, diagnostics } = compileRecipe(plain, recording.world, { library: builtinWords });
  if (value === null) throw new Error(diagnostics.map(({ message }) => message).join());
  const { dataset } = await loadExamples({ ...value, library: builtinWords }, {});
  const recipe: Recipe = recordedRecipe({ ...plain, files: recording.files }, join(folder, 'results.db'));
  return { folder, recipe, expected: dataOf({ name: 'r1', dataSha256: dataset.checksum }) };
}

it('an experiment is recorded relative to the project of the results, and absolute outside of it', async () => {
  const { recipe, folder } = await recordedProject('paths', '../../data/x.csv', 'data/x.csv');
  expect(recipe.sources[0]?.path).toBe('experiments/deep/x.ae');
  const path = join(folder, 'experiments/deep/x.ae');
  expect(recordedPath(path, join(root, 'elsewhere/results.db'))).toBe(path);
  expect(recordedPath('no/such/file.ae', join(folder, 'results.db'))).toBe('no/such/file.ae');
  expect(recordedPlace('experiments/deep/x.ae', recordedIn(join(folder, 'results.db')))).toBe(path);
  expect(recordedPlace(`/old/paths/experiments/deep/x.ae`, recordedIn(join(folder, 'results.db')))).toBe(path);
});

it('data are found in a project that was moved, by a path beside it, above it and from the root', async () => {
  for (const [i, data] of ['../../data/x.csv', 'x.csv', `${root}/from2/data/x.csv`].entries()) {
    const file = data === 'x.csv' ? 'experiments/deep/x.csv' : 'data/x.csv';
    const { folder, recipe, expected } = await recordedProject(`from${i}`, data, file);
    const moved = join(root, `moved${i}`);
    renameSync(folder, moved);
    const where = recordedIn(join(moved, 'results.db'));
    const { files } = await loadRecorded(compiledAgain(recipe), expected, where);
    expect(files).toEqual({ [data]: join(moved, file) });
  }
});

it('the checksum decides which of several files are the data, and every place is named where none is', async () => {
  const { folder, recipe, expected } = await recordedProject('bundled', '../../data/x.csv', 'data/x.csv');
  const compiled = compiledAgain(recipe);
  const elsewhere = join(root, 'elsewhere');
  write(join(elsewhere, 'x.csv'), table(7));
  const bundle = join(elsewhere, 'run.tgz');
  const missing = loadRecorded(compiled, expected, recordedIn(bundle));
  await expect(missing).rejects.toMatchObject({
    name: 'Stale',
    changes: [{ part: 'data' }],
    hint: expect.stringContaining('--data-folder'),
  });
  await expect(missing).rejects.toThrow(`${join(elsewhere, 'data/x.csv')} (not there)`);
  await expect(missing).rejects.toThrow(`${join(elsewhere, 'x.csv')} (other data`);

  const other = join(root, 'other');
  cpSync(join(folder, 'data/x.csv'), write(join(other, 'deeper/x.csv'), ''));
  const given = await loadRecorded(compiled, expected, recordedIn(bundle, join(other, 'deeper')));
  expect(Object.values(given.files)).toEqual([join(other, 'deeper/x.csv')]);
  vi.stubEnv('AEDSL_DATA', join(other, 'deeper'));
  expect((await loadRecorded(compiled, expected, recordedIn(bundle))).files).toEqual(given.files);
});

it('what a stranger recorded is read in the project and the folders of data alone', async () => {
  const { folder, recipe, expected } = await recordedProject('secret', '../../data/x.csv', 'data/x.csv');
  const [source] = recipe.sources;
  if (!source) throw new Error('it has a source');
  const theirs = { ...recipe, sources: [{ ...source, path: join(folder, 'experiments/deep/no-such.ae') }] };
  const where = recordedIn(join(root, 'mine/run.tgz'));
  const read = loadRecorded(compiledAgain(theirs), expected, where);
  await expect(read).rejects.toThrow(/data\/x\.csv \(it is outside the project \(/);
});
