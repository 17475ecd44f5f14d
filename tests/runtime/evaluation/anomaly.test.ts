import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compiler/compile.js';
import { fileWorld } from '../../../src/project/world.js';
import { classified, measureRanking, percentile, scoresOf } from '../../../src/runtime/evaluation/anomaly.js';
import { run } from '../../../src/sweep/run.js';
import { builtinWords } from '../../../src/words/words.js';
import { scratchFolder } from '../datasets/scratch-folder.js';
import { matrixOf } from './codes.js';

interface Case {
  readonly scores: readonly number[];
  readonly isAnomaly: readonly number[];
  readonly auroc: number;
  readonly averagePrecision: number;
  readonly precisionAtN: number;
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

// anomaly.py: scikit-learn, PyOD and numpy.
const cases: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, 'anomaly.json'), 'utf8'));

describe('scores of anomalies', () => {
  it.each(cases.map((one, i) => [i, one] as const))('are measured as scikit-learn and PyOD do: case %d', (_, one) => {
    const scores = Float64Array.from(one.scores);
    const isAnomaly = Uint8Array.from(one.isAnomaly);
    const ranking = measureRanking(scores, isAnomaly);
    for (const name of ['auroc', 'averagePrecision', 'precisionAtN'] as const) {
      expect(ranking[name], name).toBeCloseTo(one[name], 12);
    }
    expect(percentile(scores, 90)).toBe(one.threshold);
    const found = classified(scores, isAnomaly, one.threshold);
    for (const name of ['precision', 'recall', 'f1'] as const) expect(found[name], name).toBeCloseTo(one[name], 12);
  });

  it('are distances, squared, absolute or largest differences', () => {
    const scores = ['norm', 'mean square', 'mean magnitude', 'largest'] as const;
    const seen = matrixOf([
      [1, 2, 3],
      [0, 0, 0],
    ]);
    const rebuilt = matrixOf([
      [1, 4, 0],
      [-1, 1, 0],
    ]);
    const all = Object.fromEntries(scores.map((score) => [score, [...scoresOf({ seen, rebuilt }, score)]]));
    expect(all).toEqual({
      norm: [Math.sqrt(13), Math.sqrt(2)],
      'mean square': [13 / 3, 2 / 3],
      'mean magnitude': [5 / 3, 2 / 3],
      largest: [3, 1],
    });
    const broken = matrixOf([[Number.NaN, 1, 0]]);
    for (const score of scores) {
      expect([...scoresOf({ seen: broken, rebuilt: matrixOf([[0, 0, 0]]) }, score)]).toEqual([Number.NaN]);
    }
  });

  it('of one kind alone, or that are not finite, have no measure', () => {
    expect(() => measureRanking(Float64Array.of(1, 2), Uint8Array.of(1, 1))).toThrow('2 anomalies and 0 normal');
    expect(() => measureRanking(Float64Array.of(1, Number.NaN), Uint8Array.of(1, 0))).toThrow('not finite');
    expect(() => percentile(Float64Array.of(), 50)).toThrow(RangeError);
  });
});

describe('anomaly(…)', () => {
  const scratch = scratchFolder();

  it.each([
    ['digits(take=9, test=9)', 'anomaly()', "AE302 'anomaly' needs to know which classes are normal"],
    ['digits(take=9, test=9)', 'anomaly(normal=[12])', "AE306 the data have no class '12'"],
    ['digits(take=9, test=9, classes=[3], train_on=[3])', 'anomaly()', 'AE510 there is no anomaly to find'],
    ['digits(take=9, test=9, classes=[3, 4])', 'anomaly(normal=[3, 4])', 'AE510 there is no anomaly to find'],
    ['digits(take=9, test=9, train_on=[3])', 'anomaly(contamination=0)', 'AE306 contamination must be'],
    [
      'digits(take=9, test=9, train_on=[3])',
      'anomaly(score=sse)',
      'AE305 score must be one of distance, mse, mae, max',
    ],
    ['digits(take=9, test=9, train_on=[3])', 'anomaly(normal=[4])', ''],
    ['digits(take=9, test=9)', 'anomaly(normal=[4, "5"])', ''],
  ])('is checked before anything trains: %s, %s', (data, measure, said) => {
    const text = `experiment e {
      data ${data}
      encoder { code: dense(1) }
      decoder { dense(784) }
      loss mse()
      train sgd(lr=0.1) { epochs = 1 }
      evaluate { ${measure} }
    }`;
    const options = { library: builtinWords, world: fileWorld() };
    const { diagnostics } = compile({ path: scratch.put('e.ae', text), text }, null, options);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`).join()).toContain(said);
    expect(diagnostics).toHaveLength(said === '' ? 0 : 1);
  });

  /** Rows on a line, and others off it: an untrained identity would find none. */
  const table = () => {
    const rows = Array.from({ length: 96 }, (_, i) => {
      const [t, isOdd] = [((i * 37) % 101) / 50 - 1, i % 6 === 5];
      return [t, 2 * t + (isOdd ? 1.5 * (i % 4 < 2 ? 1 : -1) : 0), -t, isOdd ? 'odd' : 'plain'].join();
    });
    return scratch.put('line.csv', ['a,b,c,kind', ...rows].join('\n'));
  };

  it('finds what was not trained on, with the classes that training has or those that it names', async () => {
    table();
    const text = (data: string, measures: string) => `experiment e {
      data csv("line.csv", label="kind", test=40${data}) { standardize() }
      encoder { code: dense(1) }
      decoder { dense(3) }
      loss mse()
      train adam(lr=0.08) { epochs = 20  batch = 8 }
      evaluate { ${measures} }
    }`;
    const measured = async (body: string) => {
      const finished = await run({ source: { path: scratch.put('e.ae', body), text: body }, backend: 'cpu' });
      finished.model?.dispose();
      return finished.metrics;
    };
    const found = await measured(
      text(', train_on=["plain"]', 'anomaly()  anomaly(score=max, contamination=0.01)  anomaly(normal=["odd"])'),
    );
    expect(found).toMatchObject({
      'test.anomaly.auroc': 1,
      'test.anomaly.average_precision': 1,
      'test.anomaly.precision_at_n': 1,
      'test.anomaly.recall': 1,
      'test.anomaly_2.f1': 1,
      'test.anomaly_3.auroc': 0,
    });
    expect(found?.['test.anomaly.threshold']).toBeGreaterThan(0);
  });
});
