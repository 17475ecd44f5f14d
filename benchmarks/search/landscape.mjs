/**
 * A recorded landscape as a function of the unit cube. Real axes are interpolated between the places of the grid, in the
 * logarithm where the axis has one; whole numbers are rounded first; a category is its row of the table. Where a training
 * beside the point diverged, so does the point.
 */
import { readFileSync } from 'node:fs';

export function readLandscape(name) {
  const recorded = JSON.parse(readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8'));
  const { axes, seeds, values } = recorded;
  const sizes = axes.map(({ places }) => places.length);
  const value = (cell, seed) => values[cell.reduce((index, place, a) => index * sizes[a] + place, 0) * seeds + seed];

  /** The value at a point, of one of the recorded seeds. Infinite where it diverged. */
  function at(units, seed) {
    let corners = [{ cell: [], weight: 1 }];
    for (const [a, axis] of axes.entries()) {
      const stops = stopsOf(axis, units[a]);
      corners = corners.flatMap(({ cell, weight }) =>
        stops.map((stop) => ({ cell: [...cell, stop.place], weight: weight * stop.weight })),
      );
    }
    let sum = 0;
    for (const { cell, weight } of corners) {
      if (weight === 0) continue;
      const found = value(cell, seed);
      if (found === null) return Number.POSITIVE_INFINITY;
      sum += weight * found;
    }
    return sum;
  }

  const mean = (units) =>
    Array.from({ length: seeds }, (_, seed) => at(units, seed)).reduce((a, b) => a + b, 0) / seeds;
  return { name, axes: axes.map(rangeOf), seeds, at, mean, least: leastOf(recorded) };
}

/** What a search is given of an axis. */
function rangeOf({ name, kind, places }) {
  return kind === 'choice' ? { name, kind, options: places } : { name, kind, from: places[0], to: places.at(-1) };
}

function leastOf({ seeds, values }) {
  const means = [];
  for (let i = 0; i < values.length; i += seeds) {
    const some = values.slice(i, i + seeds);
    if (!some.includes(null)) means.push(some.reduce((a, b) => a + b, 0) / seeds);
  }
  return Math.min(...means);
}

/** The places of the grid beside a coordinate, with their weights. */
function stopsOf({ kind, places }, unit) {
  const last = places.length - 1;
  if (kind === 'choice') return [{ place: Math.min(Math.floor(unit * places.length), last), weight: 1 }];
  const scale = kind === 'loguniform' ? Math.log : (x) => x;
  const [low, high] = [places[0], places[last]];
  const position =
    kind === 'int'
      ? Math.min(low + Math.floor(unit * (high - low + 1)), high)
      : scale(low) + unit * (scale(high) - scale(low));
  let right = places.findIndex((place) => scale(place) >= position);
  if (right < 0) right = last;
  if (right === 0) return [{ place: 0, weight: 1 }];
  const [a, b] = [scale(places[right - 1]), scale(places[right])];
  const share = Math.min(Math.max((position - a) / (b - a), 0), 1);
  return [
    { place: right - 1, weight: 1 - share },
    { place: right, weight: share },
  ];
}
