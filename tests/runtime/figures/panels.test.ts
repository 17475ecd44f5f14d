import { describe, expect, test } from 'vitest';
import { arrangePanels, groupIntoPanels, type LossSeries } from '../../../src/runtime/figures/panels.js';

function series(name: string, y: readonly number[], panel?: string): LossSeries {
  const points = { x: y.map((_, i) => i), y };
  return { name, style: 'epochs', points, ...(panel === undefined ? {} : { panel }) };
}

function titles(all: readonly LossSeries[]): string[] {
  return groupIntoPanels(all).map(({ title }) => title);
}

describe('series are grouped', () => {
  test('by the panel they name, in the order in which panels come first', () => {
    const all = [series('train', [1], 'loss'), series('train', [1], 'mse'), series('validation', [1], 'loss')];
    expect(groupIntoPanels(all).map((panel) => [panel.title, panel.series.length])).toEqual([
      ['loss', 2],
      ['mse', 1],
    ]);
  });

  test('together when their scales are alike', () => {
    expect(titles([series('train', [1, 2]), series('validation', [20, 9])])).toEqual(['']);
  });

  test('by name when their typical values are far apart, which a spike does not change', () => {
    expect(titles([series('mse', [1, 1, 1]), series('kl', [0.02, 0.02, 0.02])])).toEqual(['mse', 'kl']);
    expect(titles([series('mse', [1, 1, 1]), series('kl', [1, 1000, 1])])).toEqual(['']);
    expect(titles([series('mse', [1, 1]), series('nothing', [Number.NaN, 0])])).toEqual(['']);
  });

  test('into one panel when there are none', () => {
    expect(groupIntoPanels([])).toEqual([{ title: '', series: [] }]);
  });
});

test('panels stand two by two, an odd one across the width', () => {
  const rowsOf = (count: number) => {
    const all = Array.from({ length: count }, (_, i) => series('train', [1], `term ${i}`));
    return arrangePanels(groupIntoPanels(all)).map(({ length }) => length);
  };
  expect([1, 2, 3, 4, 5].map(rowsOf)).toEqual([[1], [1, 1], [1, 2], [2, 2], [1, 2, 2]]);
});
