import { stream } from '../../random/stream.js';
import { ExampleDrawer } from './draw-example.js';
import { firingRates, forestOf, zipfRates } from './firing.js';
import type { DrawnPart, WorldSpec } from './spec.js';
import { sphere } from './sphere.js';

export interface World {
  readonly spec: WorldSpec;
  /** `[features, dim]`, each of norm 1. */
  readonly directions: Float32Array;
  /** Share of the examples for which each feature fires. */
  readonly rates: Float64Array;
  examples(part: DrawnPart): ExampleDrawer;
}

/** The worlds that were made last. */
const known = new Map<string, World>();
const mostKnown = 4;

export function worldOf(spec: WorldSpec): World {
  const key = JSON.stringify(Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1)));
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = makeWorld(spec);
  for (const oldest of known.keys()) {
    if (known.size < mostKnown) break;
    known.delete(oldest);
  }
  known.set(key, made);
  return made;
}

function makeWorld(spec: WorldSpec): World {
  const forest = forestOf(spec);
  const zipf = zipfRates(spec);
  const firing = firingRates(zipf, forest);
  const directions = sphere(spec, stream({ seed: spec.seed, path: 'synth/world', purpose: 'features' }));
  const loadings =
    spec.correlation === 0
      ? null
      : sphere(
          { features: spec.features, dim: spec.rank, repel: 0 },
          stream({ seed: spec.seed, path: 'synth/world', purpose: 'loadings' }),
        );
  const drawers = new Map<DrawnPart, ExampleDrawer>();
  return {
    spec,
    directions,
    rates: firing.rates,
    examples(part) {
      const drawer = drawers.get(part) ?? new ExampleDrawer({ spec, part, directions, loadings, forest, firing });
      drawers.set(part, drawer);
      return drawer;
    },
  };
}
