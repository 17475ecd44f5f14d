import { log as log32 } from '../../../numerics/float32.js';
import { log } from '../../../numerics/float64.js';
import { normalQuantile } from '../../../numerics/normal-quantile.js';
import { streamKey } from '../../random/address.js';
import { fillNormal } from '../../random/normal.js';
import { Philox } from '../../random/philox.js';
import { WordSequence } from '../../random/words.js';
import { at, type Firing, type Forest } from './firing.js';
import type { DrawnPart, WorldSpec } from './spec.js';

/** The world and the part that examples are drawn from. */
interface Drawing {
  readonly spec: WorldSpec;
  readonly part: DrawnPart;
  readonly directions: Float32Array;
  /** `[features, rank]`, each of norm 1; null for features that fire independently. */
  readonly loadings: Float32Array | null;
  readonly forest: Forest;
  readonly firing: Firing;
}

/** The features that fire for an example, in order, with their values. */
export interface ActiveFeatures {
  readonly features: readonly number[];
  /** All above 0. */
  readonly values: Float32Array;
}

/** Consecutive free features that are drawn together. */
interface Run {
  readonly start: number;
  readonly end: number;
  /** The rate of the first one, which is the greatest. */
  readonly rate: number;
  readonly logOfSilence: number;
}

/**
 * Draws the examples of a part, each by its number alone: the random numbers of example e have step e, in streams of the
 * world's seed.
 */
export class ExampleDrawer {
  readonly #of: Drawing;
  readonly #firing: Philox;
  readonly #keys: Record<'magnitude' | 'noise' | 'factors' | 'rest', readonly [number, number]>;
  readonly #runs: readonly Run[];
  /** The value above which each free feature's normal number makes it fire. */
  readonly #thresholds: Float64Array;

  constructor(drawing: Drawing) {
    this.#of = drawing;
    const { spec, part, forest, firing, loadings } = drawing;
    const key = (purpose: string) => streamKey({ seed: spec.seed, path: `synth/${part}`, purpose });
    this.#firing = new Philox(key('firing'));
    this.#keys = {
      magnitude: key('magnitude'),
      noise: key('noise'),
      factors: key('factors'),
      rest: key('rest'),
    };
    this.#runs = loadings === null ? runsOf(forest.free, firing.rates) : [];
    this.#thresholds =
      loadings === null
        ? new Float64Array()
        : Float64Array.from(forest.free, (feature) => {
            const rate = at(firing.rates, feature);
            return rate >= 1 ? Number.NEGATIVE_INFINITY : -normalQuantile(rate);
          });
  }

  /** Features that fire for an example, and how strongly. */
  active(example: number): ActiveFeatures {
    const { spec, forest, loadings } = this.#of;
    const source = new WordSequence(this.#firing, example);
    const features: number[] = [];
    if (loadings === null) this.#fireApart(source, features);
    else this.#fireTogether(loadings, example, features);
    if (forest.firstChild.size > 0) {
      // Children that fire are looked at for children of their own.
      for (let i = 0; i < features.length; i++) this.#fireChildren(features[i] ?? 0, source, features);
      features.sort((a, b) => a - b);
    }
    const values = new Float32Array(features.length);
    fillNormal(this.#keys.magnitude, values, example, 0);
    for (let i = 0; i < values.length; i++) {
      values[i] = Math.max(smallest, spec.magnitude * Math.abs(1 + spec.spread * (values[i] ?? 0)));
    }
    return { features, values };
  }

  /** Writes an example. */
  draw(example: number, out: Float32Array | Float64Array): void {
    const { spec, directions } = this.#of;
    const { features, values } = this.active(example);
    const { dim, noise } = spec;
    const sum = new Float64Array(dim);
    for (const [i, feature] of features.entries()) {
      const value = at(values, i);
      const first = feature * dim;
      for (let j = 0; j < dim; j++) sum[j] = (sum[j] ?? 0) + value * (directions[first + j] ?? 0);
    }
    if (noise > 0) {
      const drawn = new Float32Array(dim);
      fillNormal(this.#keys.noise, drawn, example, 0);
      for (let j = 0; j < dim; j++) sum[j] = (sum[j] ?? 0) + noise * (drawn[j] ?? 0);
    }
    for (let j = 0; j < dim; j++) out[j] = Math.fround(sum[j] ?? 0);
  }

  /**
   * Independent features: within a run, jumps from one to the next that would fire at the run's rate, of which each fires at
   * its own rate divided by that. The numbers that are drawn are about as many as features fire.
   */
  #fireApart(source: WordSequence, features: number[]): void {
    const { forest, firing } = this.#of;
    for (const { start, end, rate, logOfSilence } of this.#runs) {
      let place = start;
      for (;;) {
        place += Math.floor(log32(source.positive()) / logOfSilence);
        if (!(place < end)) break;
        const feature = at(forest.free, place);
        const own = at(firing.rates, feature);
        if (own === rate || source.positive() * rate <= own) features.push(feature);
        place++;
      }
    }
  }

  /** Features fire where normal numbers of a Gaussian copula, `√c v·z + √(1 - c) e`, are above a threshold. */
  #fireTogether(loadings: Float32Array, example: number, features: number[]): void {
    const { spec, forest } = this.#of;
    const { rank, correlation } = spec;
    const factors = new Float32Array(rank);
    fillNormal(this.#keys.factors, factors, example, 0);
    const rest = new Float32Array(forest.free.length);
    fillNormal(this.#keys.rest, rest, example, 0);
    const [common, own] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
    for (const [place, feature] of forest.free.entries()) {
      let shared = 0;
      for (let j = 0; j < rank; j++) shared += (loadings[feature * rank + j] ?? 0) * (factors[j] ?? 0);
      if (common * shared + own * (rest[place] ?? 0) > at(this.#thresholds, place)) features.push(feature);
    }
  }

  #fireChildren(parent: number, source: WordSequence, features: number[]): void {
    const { forest, firing } = this.#of;
    const first = forest.firstChild.get(parent);
    if (first === undefined) return;
    if (!forest.exclusive) {
      for (let child = first; child < first + forest.children; child++) {
        if (source.positive() <= at(firing.given, child)) features.push(child);
      }
      return;
    }
    let left = source.positive();
    for (let child = first; child < first + forest.children; child++) {
      left -= at(firing.given, child);
      if (left > 0) continue;
      features.push(child);
      return;
    }
  }
}

/** Least value of a feature that fires. */
const smallest = 2 ** -20;

/** Runs of one, two, four … features, in the order of their rates. */
function runsOf(free: Uint32Array, rates: Float64Array): readonly Run[] {
  const runs: Run[] = [];
  for (let start = 0, length = 1; start < free.length; start += length, length *= 2) {
    const rate = at(rates, at(free, start));
    runs.push({ start, end: Math.min(free.length, start + length), rate, logOfSilence: log(1 - rate) });
  }
  return runs;
}
