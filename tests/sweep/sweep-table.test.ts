import { describe, expect, it } from 'vitest';
import { compareSettings, describeBest, findSetting, summarizeSettings } from '../../src/results/compare.js';
import { settingName } from '../../src/results/settings.js';
import { readDetails, readTrialTable } from '../../src/results/sweep-table.js';
import { resolveSweep } from '../../src/results/table-subject.js';
import type { Store } from '../../src/runtime/store/store.js';
import { builtinWords } from '../../src/words/words.js';
import { inFolder } from '../runtime/store/sample-run.js';
import { type SampleSweep, type SampleTrial, sweepDatabase, threeSettings } from './sweep-database.js';

async function withSweeps(
  sweeps: readonly SampleSweep[],
  use: (store: Store) => void,
  runs: readonly SampleTrial[] = [],
): Promise<void> {
  await inFolder(async (folder) => {
    const store = await sweepDatabase(folder, sweeps, runs);
    try {
      use(store);
    } finally {
      store.close();
    }
  });
}

describe('the table of a sweep', () => {
  it('has the objective, best over the epochs, and averages the seeds of a setting', () =>
    withSweeps([{ trials: threeSettings() }], (store) => {
      const table = readTrialTable(store, ['sparse'], { words: builtinWords });
      expect(table.choice).toMatchObject({ metric: 'validation.loss', goal: 'min', of: 'best', origin: 'objective' });
      expect(table.varying).toEqual(['rho']);
      expect(table.trials).toHaveLength(9);
      expect(table.trials[0]).toMatchObject({ runId: 'r1', trial: 0, seed: 1, value: 0.91, epoch: 2 });
      expect(table.settings.map(settingName)).toEqual(['rho=0.1', 'rho=0.2', 'rho=0.3']);
      expect(table.best && settingName(table.best)).toBe('rho=0.3');
      const [first] = table.settings;
      const [summary] = summarizeSettings(store, first ? [first] : [], table, { width: 0.001 });
      // 0.91, 0.92, 0.93: t of 0.975 with two degrees of freedom is 4.30265.
      expect(summary?.summary.mean).toBeCloseTo(0.92, 12);
      expect(summary?.summary.sd).toBeCloseTo(0.01, 12);
      expect(summary?.summary.interval?.high).toBeCloseTo(0.92 + (4.30265 * 0.01) / Math.sqrt(3), 6);
      expect(summary?.seedsNeeded).toBeGreaterThan(1500);
      expect(summary?.also['test.sse']).toBeCloseTo(140, 10);
    }));

  it('has the other values, the time and the weights of a trial with a run, and none of one without', () =>
    withSweeps(
      [{ trials: [...threeSettings(1), { parameters: {}, seed: 9, losses: [], state: 'queued' }] }],
      (store) => {
        const table = readTrialTable(store, ['s1'], { words: builtinWords });
        const details = readDetails(store, table, table.trials);
        const [first] = table.trials;
        const queued = table.trials.find(({ runId }) => runId === null);
        if (first === undefined || queued === undefined) throw new Error('both are in the table');
        const { seconds, weightsSha256 } = store.findRun(first.runId ?? '');
        expect(details(first)).toEqual({ also: { 'test.sse': expect.closeTo(140) }, seconds, weightsSha256 });
        expect([seconds, weightsSha256]).toEqual([expect.any(Number), expect.stringMatching(/^[0-9a-f]{64}$/)]);
        expect(details(queued)).toEqual({ also: {}, seconds: null, weightsSha256: null });
      },
    ));

  it('is called by its sweeps and runs, up to four of them', () =>
    withSweeps([{ trials: threeSettings() }], (store) => {
      const title = (...names: readonly string[]) => readTrialTable(store, names, { words: builtinWords }).title;
      expect(title('s1')).toBe('s1 · sparse');
      expect(title('r1', 'r2', 'r3', 'r4')).toBe('r1, r2, r3, r4');
      expect(title('r1', 'r2', 'r3', 'r4', 'r5')).toBe('r1, r2, r3 and 2 more');
    }));

  it('takes another metric, the last epoch, and the other goal', () =>
    withSweeps([{ trials: threeSettings() }], (store) => {
      const last = readTrialTable(store, ['s1'], {
        words: builtinWords,
        metric: 'validation.loss',
        of: 'last',
        goal: 'max',
      });
      expect(last.trials[0]).toMatchObject({ value: 1.4, epoch: null });
      expect(last.best && settingName(last.best)).toBe('rho=0.1');
      const train = readTrialTable(store, ['s1'], { words: builtinWords, metric: 'train.loss' });
      expect(train.trials[0]).toMatchObject({ value: 0.91 + 1, epoch: 2 });
      expect(() => readTrialTable(store, ['s1'], { words: builtinWords, metric: 'train.los' })).toThrow(
        "no run has the metric 'train.los'",
      );
      expect(() => readTrialTable(store, ['s1'], { words: builtinWords, metric: 'val_loss' })).toThrow(
        expect.objectContaining({ hint: "did you mean 'validation.loss'?" }),
      );
    }));

  it('averages only what was trained to its end, and counts what is reused', () =>
    withSweeps(
      [
        {
          trials: [
            { parameters: { rho: 1 }, seed: 1, losses: [3] },
            { parameters: { rho: 1 }, seed: 2, losses: [1], state: 'pruned' },
            { parameters: { rho: 1 }, seed: 3, losses: [0.5], state: 'diverged' },
            { parameters: { rho: 1 }, seed: 4, losses: [5], state: 'cached' },
            { parameters: { rho: 2 }, seed: 1, losses: [], state: 'queued' },
          ],
        },
      ],
      (store) => {
        const table = readTrialTable(store, ['s1'], { words: builtinWords });
        expect(table.settings[0]?.replicates.map(({ seed }) => seed)).toEqual([1, 4]);
        expect(table.best).toBe(table.settings[0]);
        expect(table.trials.map(({ state }) => state)).toEqual([
          'complete',
          'pruned',
          'diverged',
          'cached',
          'interrupted',
        ]);
        expect(table.trials[4]).toMatchObject({ runId: null, value: Number.NaN });
      },
    ));

  it('puts trials of several sweeps and single runs into their settings, each seed once', () =>
    withSweeps(
      [
        {
          trials: [
            { parameters: { rho: 1 }, seed: 1, losses: [1] },
            { parameters: { rho: 2 }, seed: 1, losses: [2] },
          ],
        },
        {
          trials: [
            { parameters: { rho: 1 }, seed: 2, losses: [1.5] },
            { parameters: { rho: 1 }, seed: 1, losses: [1] },
          ],
        },
      ],
      (store) => {
        const table = readTrialTable(store, ['s1', 's2', 'r5'], { words: builtinWords });
        expect(table.varying).toEqual(['rho']);
        expect(table.settings).toHaveLength(2);
        expect(table.settings[0]?.trials).toHaveLength(4);
        expect(table.settings[0]?.replicates.map(({ seed }) => seed)).toEqual([1, 2, 3]);
      },
      [{ parameters: { rho: 1 }, seed: 3, losses: [1.2] }],
    ));

  it('tells experiments apart that have the same parameters', () =>
    withSweeps(
      [
        { experiment: 'sparse', trials: [{ parameters: { rho: 1 }, seed: 1, losses: [1] }] },
        { experiment: 'dense', trials: [{ parameters: { rho: 1 }, seed: 1, losses: [2] }] },
      ],
      (store) => {
        const table = readTrialTable(store, ['s1', 'dense'], { words: builtinWords });
        expect(table.varying).toEqual(['experiment']);
        expect(table.settings).toHaveLength(2);
      },
    ));

  it('says what there is when a name is not', () =>
    withSweeps([{ trials: threeSettings(1) }], (store) => {
      expect(() => readTrialTable(store, ['s9'], { words: builtinWords })).toThrow("there is no sweep 's9'");
      expect(() => readTrialTable(store, ['other'], { words: builtinWords })).toThrow(
        "there is no sweep and no run 'other'",
      );
      expect(() => resolveSweep(store, 'r1')).toThrow("'r1' is a run; a sweep is needed");
      expect(resolveSweep(store, 'last').id).toBe('s1');
    }));
});

describe('comparing settings', () => {
  it('pairs them by seed, so that what the seeds have in common falls out', () =>
    withSweeps([{ trials: threeSettings(6) }], (store) => {
      const table = readTrialTable(store, ['s1'], { words: builtinWords });
      const baseline = findSetting(table, 'rho=0.1');
      const { others, warning } = compareSettings(table, baseline);
      expect(others.map(({ setting }) => settingName(setting))).toEqual(['rho=0.3', 'rho=0.2']);
      expect(others[0]?.comparison?.pairs).toBe(6);
      expect(others[0]?.comparison?.difference.mean).toBeCloseTo(-0.2, 12);
      expect(others[0]?.comparison?.difference.sd).toBeLessThan(1e-12);
      expect(others[0]?.wins).toBe(6);
      // Every seed has the same difference, so the t test has no noise to find it in.
      expect(others[0]?.comparison?.p).toBeLessThan(1e-12);
      expect(others[0]).toMatchObject({ significant: true });
      expect(warning).toBeNull();
    }));

  it('gives verdicts that are those of the intervals, and counts all pairs where the best was chosen as the baseline', () =>
    withSweeps(
      [
        {
          trials: [0, 1, 2, 3].flatMap((rho) =>
            [1, 2, 3, 4, 5].map((seed) => ({
              parameters: { rho },
              seed,
              losses: [1 + 0.05 * rho + ((seed * 7 + rho * 3) % 5) / 50],
            })),
          ),
        },
      ],
      (store) => {
        const table = readTrialTable(store, ['s1'], { words: builtinWords });
        const [first, best] = [findSetting(table, 'rho=1'), findSetting(table, 'best')];
        expect(compareSettings(table, first)).toMatchObject({ family: 3 });
        expect(compareSettings(table, best)).toMatchObject({ family: 6 });
        const told = compareSettings(table, best).others.filter(({ significant }) => significant).length;
        expect(describeBest(table)).toBe(
          `its seeds do not distinguish it from ${3 - told} of the 3 other settings (paired t test, Holm-adjusted for all pairs)`,
        );
        for (const baseline of [first, best]) {
          const { others, family } = compareSettings(table, baseline);
          expect(others.some(({ significant }) => significant)).toBe(true);
          expect(others.some(({ significant }) => !significant)).toBe(true);
          for (const { comparison, p, significant } of others) {
            const interval = comparison?.difference.interval;
            expect((interval?.low ?? 0) > 0 || (interval?.high ?? 0) < 0).toBe(significant);
            expect((p ?? 1) < 0.05).toBe(significant);
          }
          const smallest = Math.min(...others.map(({ comparison }) => comparison?.p ?? 1));
          expect(Math.min(...others.map(({ p }) => p ?? 1))).toBeCloseTo(smallest * family, 12);
        }
      },
    ));

  it('says of the best that its seeds do not tell it from the only other setting', () =>
    withSweeps(
      [
        {
          trials: [1, 2].flatMap((rho) =>
            [1, 2, 3].map((seed) => ({ parameters: { rho }, seed, losses: [1 + ((seed * rho) % 3) / 10] })),
          ),
        },
      ],
      (store) =>
        expect(describeBest(readTrialTable(store, ['s1'], { words: builtinWords }))).toBe(
          'its seeds do not distinguish it from the other setting (paired t test)',
        ),
    ));

  it('says of the best whether its seeds tell it from the others', async () => {
    await withSweeps([{ trials: threeSettings(3) }], (store) =>
      expect(describeBest(readTrialTable(store, ['s1'], { words: builtinWords }))).toBe(
        'its seeds distinguish it from the 2 other settings (paired t test, Holm-adjusted for all pairs)',
      ),
    );
    await withSweeps([{ trials: threeSettings(1) }], (store) =>
      expect(describeBest(readTrialTable(store, ['s1'], { words: builtinWords }))).toBe(
        'one seed each cannot distinguish it from the 2 other settings',
      ),
    );
    await withSweeps([{ trials: threeSettings(3).slice(0, 3) }], (store) =>
      expect(describeBest(readTrialTable(store, ['s1'], { words: builtinWords }))).toBeNull(),
    );
  });

  it('pairs nothing where no seed is shared', () =>
    withSweeps(
      [
        {
          trials: [
            { parameters: { rho: 1 }, seed: 1, losses: [1] },
            { parameters: { rho: 2 }, seed: 2, losses: [2] },
          ],
        },
      ],
      (store) => {
        const table = readTrialTable(store, ['s1'], { words: builtinWords });
        const { others } = compareSettings(table, findSetting(table, 'first'));
        expect(others[0]).toMatchObject({ comparison: null, p: null, wins: 0 });
      },
    ));

  it('finds a setting by a run of it or by its parameters, and says so when it cannot', () =>
    withSweeps([{ trials: threeSettings(2) }], (store) => {
      const table = readTrialTable(store, ['s1'], { words: builtinWords });
      expect(findSetting(table, 'r3')).toBe(table.settings[1]);
      expect(findSetting(table, 'rho=0.3')).toBe(table.settings[2]);
      expect(findSetting(table, 'best')).toBe(table.settings[2]);
      expect(() => findSetting(table, 'rho=7')).toThrow("there is no setting 'rho=7'");
    }));
});
