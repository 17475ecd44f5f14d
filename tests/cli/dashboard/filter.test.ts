import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/cli/dashboard/state/columns.js';
import { metricsOfFilter, parseFilter } from '../../../src/cli/dashboard/state/filter.js';
import { filterableMetrics } from '../../../src/cli/dashboard/state/metrics.js';
import { inTheMiddle } from './screens.js';

const state = inTheMiddle({ columns: 80, rows: 24 });

function shown(text: string): readonly number[] {
  const filter = parseFilter(text, columnsOf(state), filterableMetrics(state.trials));
  if (typeof filter !== 'function') throw new Error(filter.error);
  return state.trials.filter(filter).map(({ trial }) => trial);
}

describe('a filter', () => {
  it.each([
    ['', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['rho<0.05', [0, 1, 2, 3, 4, 5]],
    ['rho>=0.05 beta=1', [6, 7, 8]],
    ['-seed=3 rho=0.01', [0, 1, 3, 4]],
    ['seed!=1 beta=5', [4, 5, 10, 11]],
    ['status:complete,running', [0, 1, 2, 3, 4, 5]],
    ['trial<3', [0, 1, 2]],
    ['best>1000', []],
    ['validation.loss>1000', []],
  ] as const)('%s', (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  it('looks for a word in all cells', () => {
    expect(shown('queued')).toEqual(shown('status:queued'));
  });

  it.each([
    ['rhoo<1', "no column 'rhoo'"],
    ['rho<much', "'much' is not a number"],
    ['validation.los<1', "no metric 'validation.los': did you mean 'validation.loss'?"],
    ['-test.nothing:1', "no metric 'test.nothing'"],
  ])('%s is refused', (text, error) => {
    expect(parseFilter(text, columnsOf(state), filterableMetrics(state.trials))).toEqual({ error });
  });

  it('hides nothing while its last term is only begun', () => {
    expect(shown('rho<')).toHaveLength(12);
  });
});

it('a filter names the metrics that have to be known of all trials', () => {
  expect(metricsOfFilter('rho<0.1 -validation.mse>2 test.sse status:running')).toEqual(['validation.mse']);
});
