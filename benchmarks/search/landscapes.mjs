/**
 * The recorded landscapes: the axes of each with the places of its grid. A search is given the range from the first place to
 * the last (`kind`), or the list of options. Between the places of a real axis the table is interpolated.
 */
export const landscapes = [
  {
    name: 'linear',
    what: 'two real axes',
    axes: [
      { name: 'momentum', kind: 'uniform', places: even(0, 0.98, 13) },
      { name: 'level', kind: 'uniform', places: even(0, 0.8, 12) },
    ],
  },
  {
    name: 'logarithmic',
    what: 'two logarithmic axes',
    axes: [
      { name: 'rate', kind: 'loguniform', places: ratios(1e-4, 1, 13) },
      { name: 'weight', kind: 'loguniform', places: ratios(1e-4, 10, 12) },
    ],
  },
  {
    name: 'whole',
    what: 'two whole numbers',
    axes: [
      { name: 'width', kind: 'int', places: [2, 4, 6, 8, 12, 16, 24, 32, 40, 48, 64, 80] },
      { name: 'size', kind: 'int', places: [4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128] },
    ],
  },
  {
    name: 'mixed',
    what: 'two categories, a logarithmic axis and a whole number',
    axes: [
      { name: 'bend', kind: 'choice', places: ['relu', 'tanh', 'sigmoid', 'selu'] },
      { name: 'start', kind: 'choice', places: ['torch', 'xavier', 'he'] },
      { name: 'rate', kind: 'loguniform', places: ratios(1e-4, 1, 7) },
      { name: 'width', kind: 'int', places: [2, 6, 12, 24] },
    ],
  },
  {
    name: 'noisy',
    what: 'noise: another seed in each trial',
    seeds: 3,
    axes: [
      { name: 'rate', kind: 'loguniform', places: ratios(1e-2, 10, 10) },
      { name: 'momentum', kind: 'uniform', places: even(0, 0.96, 8) },
    ],
  },
  {
    name: 'four',
    what: 'four axes',
    axes: [
      { name: 'rate', kind: 'loguniform', places: ratios(1e-4, 1, 7) },
      { name: 'width', kind: 'int', places: [2, 6, 12, 24] },
      { name: 'level', kind: 'uniform', places: even(0, 0.8, 4) },
      { name: 'decay', kind: 'loguniform', places: ratios(1e-4, 10, 4) },
    ],
  },
];

function even(from, to, count) {
  return Array.from({ length: count }, (_, i) => Number((from + ((to - from) * i) / (count - 1)).toFixed(6)));
}

function ratios(from, to, count) {
  return Array.from({ length: count }, (_, i) => Number((from * (to / from) ** (i / (count - 1))).toPrecision(6)));
}
