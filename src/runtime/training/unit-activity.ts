import type { Interval } from '../../compiler/ir/interval.js';

/** Behaviour of a layer's units over a batch. */
export interface UnitActivity {
  readonly meanActivation: number;
  /** Share of units with the same value for every example, such as a relu that never opens. */
  readonly dead: number;
  /** Share of units that are nearly always at an end of their activation's range; null if it isn't bounded. */
  readonly saturated: number | null;
}

/** A unit is at an end of its range if within this share of it … */
const endMargin = 0.01;
/** … and saturated if that holds for this share of its values. */
const saturatedShare = 0.99;

/**
 * @param activations `[rows, units]`, row by row; for images, a row is a position of an example, and a unit a channel
 * @param range of the activation
 */
export function unitActivity(activations: Float32Array, units: number, range: Interval): UnitActivity {
  const rows = activations.length / units;
  const least = new Float32Array(units).fill(Number.POSITIVE_INFINITY);
  const most = new Float32Array(units).fill(Number.NEGATIVE_INFINITY);
  const atEnd = new Uint32Array(units);
  const bounded = Number.isFinite(range.low) && Number.isFinite(range.high);
  const margin = endMargin * (range.high - range.low);
  let total = 0;
  for (let i = 0; i < activations.length; i++) {
    const unit = i % units;
    const value = activations[i] ?? 0;
    total += value;
    least[unit] = Math.min(least[unit] ?? value, value);
    most[unit] = Math.max(most[unit] ?? value, value);
    if (bounded && (value < range.low + margin || value > range.high - margin)) atEnd[unit] = (atEnd[unit] ?? 0) + 1;
  }
  const dead = least.filter((value, unit) => value === most[unit]).length;
  const saturated = atEnd.filter((count) => count >= saturatedShare * rows).length;
  return {
    meanActivation: total / activations.length,
    dead: dead / units,
    saturated: bounded ? saturated / units : null,
  };
}
