/** This project's searches, and how far a search gets on a landscape. */
import { builtFolder } from '../places.mjs';

const { nextPoint } = await import(new URL('src/runtime/search/next-point.js', builtFolder));

const kinds = { uniform: 'real', loguniform: 'real', int: 'whole', choice: 'category' };

/** A search as `regretsOf` wants it. */
export function ourSearch(method) {
  return (landscape, seed, lag) => {
    const axes = landscape.axes.map((axis) => ({ kind: kinds[axis.kind], values: valuesOf(axis) }));
    const plan = { method, axes, seed, lag };
    const history = [];
    const taken = new Set();
    return {
      next() {
        const point = nextPoint(plan, history, (one) => taken.has(one.join()));
        if (point === null) return null;
        taken.add(point.join());
        history.push({ point, costs: null });
        return point;
      },
      tell(number, value) {
        history[number] = { ...history[number], costs: [value] };
      },
    };
  };
}

function valuesOf({ kind, from, to, options }) {
  if (kind === 'choice') return options.length;
  return kind === 'int' ? to - from + 1 : Number.POSITIVE_INFINITY;
}

/**
 * Regrets of a search's best point so far, judged by what was seen of it, after each of some numbers of trials. The search is
 * told the result of point i just before it is asked for point i + lag.
 */
export async function regretsOf(begin, landscape, seed, lag, counts) {
  const search = await begin(landscape, seed, lag);
  const seen = [];
  for (let trial = 0; trial < Math.max(...counts); trial++) {
    if (trial >= lag) await search.tell(trial - lag, seen[trial - lag].value);
    const units = await search.next();
    if (units === null) break;
    seen.push({ units, value: landscape.at(units, trial % landscape.seeds) });
  }
  return counts.map((count) => {
    const best = seen.slice(0, count).reduce((a, b) => (b.value < a.value ? b : a));
    const mean = landscape.mean(best.units);
    return Number.isFinite(mean) ? mean - landscape.least : Number.POSITIVE_INFINITY;
  });
}
