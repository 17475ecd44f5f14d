import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/cli/dashboard/state/columns.js';
import {
  hiddenParameters,
  metricsOfFilter,
  parseFilter,
  unseenMetrics,
} from '../../../src/cli/dashboard/state/filter.js';
import { filterableMetrics } from '../../../src/cli/dashboard/state/metrics.js';
import { inTheMiddle, press, screenOf, type } from './screens.js';

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
    ['rho >= 0.05  beta== 1', [6, 7, 8]],
    ['status : complete,running -seed =2', [0, 2, 3, 5]],
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

  it('finds a param by its name, and by its full one', () => {
    expect(shown('param.rho<0.05')).toEqual(shown('rho<0.05'));
  });

  it.each([
    ['rhoo < 1', "no column 'rhoo': did you mean 'rho'?"],
    ['rhoo<1', "no column 'rhoo': did you mean 'rho'?"],
    ['widths<1', "no column 'widths'"],
    ['val_loss<1', "no column 'val_loss': did you mean 'validation.loss'?"],
    ['val/loss<1', "no column 'val/loss': did you mean 'validation.loss'?"],
    ['rho<much', "'much' is not a number"],
    ['validation.los<1', "no metric 'validation.los': did you mean 'validation.loss'?"],
    ['-test.nothing:1', "no metric 'test.nothing'"],
  ])('%s is refused', (text, error) => {
    expect(parseFilter(text, columnsOf(state), filterableMetrics(state.trials))).toEqual({ error });
  });

  it('is refused before the first trial has ended, with what the name is called here', () => {
    const refusal = (text: string) => parseFilter(text, columnsOf(state), null);
    expect(refusal('val_mse<1')).toEqual({ error: "no column 'val_mse': did you mean 'validation.mse'?" });
    expect(refusal('width<1')).toEqual({ error: "no column 'width'" });
    expect(refusal('validation.any<1')).toBeTypeOf('function');
  });

  it('names a metric that no trial has yet where it leaves nothing', () => {
    const seen = ['train.loss', 'validation.mse'];
    expect(unseenMetrics('train.los<1 -validation.mse>2 rho<1 test.loss<1', columnsOf(state), seen)).toEqual([
      "no trial has 'train.los' yet (did you mean 'train.loss'?)",
      "no trial has 'test.loss' yet",
    ]);
    const running = { ...state, trials: state.trials.map((trial) => ({ ...trial, final: {} })) };
    const filtered = press(type(press(running, '/'), 'train.los<1'), 'enter');
    expect(screenOf(filtered).join('\n')).toContain("the filter; no trial has 'train.los' yet");
  });

  it('hides nothing while its last term is only begun', () => {
    expect(shown('rho<')).toHaveLength(12);
  });
});

describe('params that are called like columns', () => {
  const names = ['status', 'epoch', 'best', 'seeds', 'mean'];
  const called = {
    ...state,
    sweep: state.sweep && { ...state.sweep, varying: names },
    trials: state.trials.map((trial) => ({
      ...trial,
      parameters: Object.fromEntries(names.map((name) => [name, trial.trial])),
    })),
  };
  const columns = columnsOf(called);

  it('have a heading of their own in both tables', () => {
    for (const { id, title, parameter } of columns.filter((column) => column.parameter !== null)) {
      expect([id, title]).toEqual([`param.${parameter}`, `param.${parameter}`]);
    }
    const wide = { ...called, size: { columns: 250, rows: 40 } };
    const trials = screenOf(wide).join('\n');
    const settings = screenOf(press(wide, 'b')).join('\n');
    for (const name of names) {
      expect(trials).toContain(` param.${name} `);
      expect(settings).toContain(` param.${name} `);
    }
    expect(settings).toMatch(/ seeds .* status /);
  });

  it('are filtered by that, or by their own name where no column has it', () => {
    for (const text of ['param.status=2', 'param.mean=2', 'mean=2']) {
      const filter = parseFilter(text, columns, []);
      expect(typeof filter === 'function' && called.trials.filter(filter).map(({ trial }) => trial)).toEqual([2]);
    }
  });

  it('are pointed to where a filter by the column leaves nothing', () => {
    expect(hiddenParameters('-status=2 param.epoch>1 mean<3', columns)).toEqual(['param.status']);
    const filtered = press(type(press(called, '/'), 'status=2'), 'enter');
    expect(screenOf(filtered).join('\n')).toContain(
      'no trial matches the filter; the param is param.status; esc clears it',
    );
    expect(screenOf(press(type(press(state, '/'), 'status=2'), 'enter')).join('\n')).toContain('the filter; esc');
  });

  it('are explained by the help', () => {
    expect(screenOf(press({ ...called, size: { columns: 120, rows: 60 } }, '?')).join('\n')).toContain(
      'is param.status',
    );
  });
});

it('a filter names the metrics that have to be known of all trials', () => {
  expect(metricsOfFilter('rho<0.1 -validation.mse>2 test.sse status:running')).toEqual(['validation.mse']);
});
