/** Regrets of this project's searches on the recorded landscapes. */
import { builtFolder } from '../places.mjs';
import { readLandscape, regretsOf } from './landscape.mjs';

const { nextPoint } = await import(new URL('src/runtime/search/next-point.js', builtFolder));

const kinds = { uniform: 'real', loguniform: 'real', int: 'whole', choice: 'category' };

/** @returns for each seed the regrets after `counts` trials */
export function ourRegrets(name, method, lag, seeds, counts) {
  const landscape = readLandscape(name);
  return seeds.map((seed) => regretsOf(landscape, searched(landscape, method, lag, seed, Math.max(...counts)), counts));
}

function searched(landscape, method, lag, seed, trials) {
  const axes = landscape.axes.map(({ kind, places }) => ({ kind: kinds[kind], values: valuesOf(kind, places) }));
  const plan = { method, axes, seed, lag };
  const history = [];
  const seen = [];
  const taken = new Set();
  for (let trial = 0; trial < trials; trial++) {
    const point = nextPoint(plan, history, (one) => taken.has(one.join()));
    if (point === null) break;
    taken.add(point.join());
    const value = landscape.at(point, trial % landscape.seeds);
    history.push({ point, costs: [value] });
    seen.push({ units: point, value });
  }
  return seen;
}

function valuesOf(kind, places) {
  if (kind === 'choice') return places.length;
  return kind === 'int' ? places.at(-1) - places[0] + 1 : Number.POSITIVE_INFINITY;
}
