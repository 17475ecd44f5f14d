/**
 * Test functions of the literature and mixtures of kinds of axes, beside the recorded landscapes, so that a setting of the
 * searches that suits those alone is noticed. They are functions of the unit cube, too; `least` is the known minimum.
 */
const real = (name, from, to) => ({ name, kind: 'uniform', from, to });
const scaled = (from, to, unit) => from + unit * (to - from);

/** Surjanovic and Bingham, Virtual library of simulation experiments, "hart6". */
const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannP = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

function branin([u, v]) {
  const [x, y] = [scaled(-5, 10, u), scaled(0, 15, v)];
  const bowl = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
  return bowl ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

function hartmann6(units) {
  const terms = [1, 1.2, 3, 3.2].map(
    (alpha, i) =>
      alpha * Math.exp(-units.reduce((sum, unit, j) => sum + hartmannA[i][j] * (unit - hartmannP[i][j]) ** 2, 0)),
  );
  return -terms.reduce((a, b) => a + b, 0);
}

function rosenbrock(units) {
  const x = units.map((unit) => scaled(-2, 2, unit));
  return x.slice(1).reduce((sum, next, i) => sum + 100 * (next - x[i] ** 2) ** 2 + (1 - x[i]) ** 2, 0);
}

/** A deterministic number in (−1, 1) for a trial: the noise is the same for every search. */
function noiseOf(seed) {
  const hashed = Math.sin(seed * 12.9898 + 78.233) * 43758.5453;
  return 2 * (hashed - Math.floor(hashed)) - 1;
}

const noiseSeeds = 64;

const known = [
  {
    name: 'branin',
    what: 'Branin, two real axes',
    axes: [real('x', -5, 10), real('y', 0, 15)],
    of: branin,
    least: 0.397887,
  },
  {
    name: 'hartmann6',
    what: 'Hartmann, six real axes',
    axes: Array.from({ length: 6 }, (_, i) => real(`x${i}`, 0, 1)),
    of: hartmann6,
    least: -3.32237,
  },
  {
    name: 'rosenbrock',
    what: 'Rosenbrock, three real axes',
    axes: [real('x', -2, 2), real('y', -2, 2), real('z', -2, 2)],
    of: rosenbrock,
    least: 0,
  },
  {
    name: 'quadratic',
    what: 'a quadratic with noise, four real axes',
    axes: Array.from({ length: 4 }, (_, i) => real(`x${i}`, 0, 1)),
    seeds: noiseSeeds,
    of: (units, seed) =>
      units.reduce((sum, unit, i) => sum + 4 ** i * (unit - 0.3 - 0.1 * i) ** 2, 0) +
      (seed === null ? 0 : noiseOf(seed)),
    least: 0,
  },
  {
    name: 'ridge',
    what: 'a narrow diagonal valley, two logarithmic axes',
    axes: [
      { name: 'x', kind: 'loguniform', from: 1e-4, to: 1 },
      { name: 'y', kind: 'loguniform', from: 1e-4, to: 1 },
    ],
    of: ([u, v]) => 30 * (u + v - 1.1) ** 2 + (u - v - 0.35) ** 2,
    least: 0,
  },
  {
    name: 'mixture',
    what: 'a category that decides where the best is, a logarithmic axis, a whole number',
    axes: [
      { name: 'kind', kind: 'choice', options: ['a', 'b', 'c', 'd', 'e'] },
      { name: 'rate', kind: 'loguniform', from: 1e-5, to: 1 },
      { name: 'depth', kind: 'int', from: 1, to: 12 },
    ],
    of: ([c, u, w]) => {
      const kind = Math.floor(c * 5);
      const depth = Math.floor(w * 12);
      const best = [0.2, 0.7, 0.5, 0.35, 0.85][kind];
      return [0, 0.1, 0.3, 0.5, 0.05][kind] + 4 * (u - best) ** 2 + 0.02 * Math.abs(depth - [3, 8, 5, 10, 7][kind]);
    },
    least: 0,
  },
  {
    name: 'counts',
    what: 'three whole numbers of few values',
    axes: [
      { name: 'a', kind: 'int', from: 1, to: 8 },
      { name: 'b', kind: 'int', from: 1, to: 16 },
      { name: 'c', kind: 'int', from: 1, to: 5 },
    ],
    of: ([a, b, c]) => {
      const [x, y, z] = [Math.floor(a * 8), Math.floor(b * 16), Math.floor(c * 5)];
      return (x - 5) ** 2 + 0.3 * (y - 2 * x + 1) ** 2 + (z - 3) ** 2 + (x * y) / 20 - 2.25;
    },
    least: 0,
  },
];

export const functions = known.map(({ of, seeds = 1, ...rest }) => ({
  ...rest,
  seeds,
  at: of,
  mean: (units) => of(units, null),
}));
