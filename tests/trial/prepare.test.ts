import { describe, expect, it, vi } from 'vitest';
import { type Recipe, worldOf } from '../../src/project/recipe.js';
import { Stale } from '../../src/project/stale.js';
import { ExperimentError, prepare, recordedBackend, type TrialSpec, withSeed } from '../../src/trial/prepare.js';
import { builtinWords } from '../../src/words/words.js';
import { experimentText } from '../compiler/compiled.js';

// So that there is an arithmetic before this one.
vi.mock('../../src/numerics/version.js', () => ({ numericsVersion: '2' }));

const recipe: Recipe = {
  sources: [{ path: 'small.ae', text: experimentText('data digits(take=8, validation=4, test=4)') }],
  experiment: null,
  params: [],
  data: null,
  epochs: null,
  maxSteps: null,
  files: {},
};
const spec: TrialSpec = { library: builtinWords, recipe, seed: 1, backend: 'cpu' };
const trial = await prepare(spec).identify();
const recorded = {
  name: 'r7',
  identity: trial.identity,
  irSha256: trial.compiled.hash,
  dataSha256: trial.dataset.sha256,
  backend: 'cpu',
  numerics: '2',
};
const other = 'f'.repeat(64);
const here = { path: '/nowhere/results.db', dataFolder: null, here: '/nowhere' };

/** Which parts are blamed, and in which words. */
async function refusal(attempt: () => unknown): Promise<readonly [parts: readonly string[], text: string]> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Stale) return [error.changes.map(({ part }) => part), `${error.message}\n${error.hint}`];
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a recorded trial', () => {
  it('is prepared as what it was', async () => {
    expect(await prepare(spec, recorded).identify()).toMatchObject({ identity: recorded.identity, seed: 1 });
    expect(prepare(spec, recorded).named(trial.dataset).identity).toBe(recorded.identity);
  });

  it('is refused for words, backend and arithmetic before any data are read, and all of them are named', async () => {
    expect(await refusal(() => prepare(spec, { ...recorded, irSha256: other }))).toEqual([
      ['words'],
      expect.stringMatching(
        /^r7 is no longer the same trial: its words mean something else in this version .*\n.*`aedsl show`/,
      ),
    ]);
    const [parts, text] = await refusal(() =>
      prepare(spec, { ...recorded, irSha256: other, backend: 'simd', numerics: '1' }),
    );
    expect(parts).toEqual(['words', 'backend', 'arithmetic']);
    expect(text).toContain("the backend is 'cpu'; it was 'simd'; the arithmetic is version 2; it was 1");
    expect(await refusal(() => recordedBackend({ id: 'r7', backend: 'gpu' }))).toEqual([
      ['backend'],
      expect.stringContaining("this version doesn't have its backend 'gpu'"),
    ]);
  });

  it('is refused where its text no longer compiles, which of a new one is an error of the experiment', async () => {
    const broken = { ...spec, recipe: { ...recipe, sources: [{ path: 'small.ae', text: 'experiment x {' }] } };
    expect(await refusal(() => prepare(broken, recorded))).toEqual([
      ['words'],
      expect.stringMatching(/its words no longer compile \(AE\d+ /),
    ]);
    expect(() => prepare(broken)).toThrow(ExperimentError);
  });

  it('is refused for other data, by a hint that says where to look', async () => {
    const data = { where: here };
    const [parts, text] = await refusal(() =>
      prepare({ ...spec, data }, { ...recorded, dataSha256: other }).identify(),
    );
    expect(parts).toEqual(['data']);
    expect(text).toContain('--data-folder DIR');
  });

  it('of which only the identity is known is refused for what is behind it', async () => {
    const known = (identity: string) => ({ name: 'trial 3', identity });
    const older = await import('../../src/runtime/provenance/identity.js').then(({ trialIdentity }) =>
      trialIdentity({
        irSha256: recorded.irSha256,
        dataSha256: recorded.dataSha256,
        seed: 1,
        backendClass: 'cpu',
        numericsVersion: '1',
      }),
    );
    expect((await refusal(() => prepare(spec, known(older)).identify()))[0]).toEqual(['arithmetic']);
    expect((await refusal(() => prepare({ ...spec, data: { where: here } }, known(older)).identify()))[0]).toEqual([
      'arithmetic',
    ]);
    // Nothing else can be the reason, as `digits` are the same everywhere.
    expect((await refusal(() => prepare(spec, known(other)).identify()))[0]).toEqual(['words']);
    expect((await refusal(() => withSeed(trial, 2, known(trial.identity))))[0]).toEqual(['words']);
  });
});

it('the recipe of a new trial remembers what the compiler read', async () => {
  const child: Recipe = {
    ...recipe,
    sources: [{ path: 'child.ae', text: 'experiment child extends "small.ae" { }' }],
  };
  const [own] = recipe.sources;
  const world = { ...worldOf(recipe), readSource: (path: string) => ({ path, text: own?.text ?? '' }) };
  const { recipe: complete, compiled } = prepare({ ...spec, recipe: child, world });
  expect(complete.sources.map(({ path }) => path)).toEqual(['child.ae', 'small.ae']);
  expect(prepare({ ...spec, recipe: complete }, { name: 'r1', irSha256: compiled.hash }).compiled.hash).toBe(
    compiled.hash,
  );
});
