import { type Assignment, assign } from './assignment.js';
import type { Products } from './leading-components.js';
import type { Matrix } from './matrix.js';
import { between, type Work } from './work.js';

/** Rows of directions that are compared at a time. */
const atOnce = 256;

/**
 * The absolute cosines of all pairs of two sets of directions, `[a.rows, b.rows]`; 0 where a direction has no length.
 * @throws RangeError for directions of different widths
 */
export function* absoluteCosines(a: Matrix, b: Matrix, products: Products): Work<Matrix> {
  if (a.columns !== b.columns) throw new RangeError(`directions of ${a.columns} and of ${b.columns} values`);
  const [ofA, ofB] = [normed(a), transposedOf(normed(b))];
  const values = new Float32Array(a.rows * b.rows);
  for (let first = 0; first < a.rows; first += atOnce) {
    const rows = Math.min(atOnce, a.rows - first);
    const some = ofA.values.subarray(first * a.columns, (first + rows) * a.columns);
    const cosines = products.forward({ values: some, rows, columns: a.columns }, ofB, b.rows);
    values.set(cosines.map(Math.abs), first * b.rows);
    yield (first + rows) / a.rows;
  }
  return { values, rows: a.rows, columns: b.rows };
}

function normed({ values, rows, columns }: Matrix): Matrix {
  const scaled = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) squares += (values[i] ?? 0) ** 2;
    const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) scaled[i] = (values[i] ?? 0) * factor;
  }
  return { values: scaled, rows, columns };
}

function transposedOf({ values, rows, columns }: Matrix): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column] ?? 0;
    }
  }
  return turned;
}

/** How the directions of units fit those of features. */
export interface Fit {
  /** The feature of each unit; -1 for a unit without one. */
  readonly featureOf: Assignment;
  /** Mean absolute cosine of the units and features that are assigned to one another. */
  readonly mcc: number;
  /** Features that are the nearest of some unit, over the number of units. */
  readonly uniqueness: number;
}

/** @param cosines `[units, features]` */
export function* fitOf(units: Matrix, features: Matrix, products: Products): Work<Fit> {
  const cosines = yield* between(0, 0.5, absoluteCosines(units, features, products));
  const featureOf = yield* between(0.5, 1, assign(cosines));
  let sum = 0;
  let pairs = 0;
  for (const [unit, feature] of featureOf.entries()) {
    if (feature < 0) continue;
    sum += cosines.values[unit * features.rows + feature] ?? 0;
    pairs++;
  }
  const nearest = new Set<number>();
  for (let unit = 0; unit < units.rows; unit++) {
    const row = cosines.values.subarray(unit * features.rows, (unit + 1) * features.rows);
    nearest.add(row.reduce((best, value, i) => (value > (row[best] ?? 0) ? i : best), 0));
  }
  return { featureOf, mcc: sum / pairs, uniqueness: nearest.size / units.rows };
}

/** Counts how well units detect the features that they are assigned to. */
export class Detection {
  readonly #featureOf: Assignment;
  readonly #unitFires: Float64Array;
  readonly #featureFires: Float64Array;
  readonly #bothFire: Float64Array;
  #examples = 0;
  #active = 0;

  /** @param featureOf the feature of each unit; -1 for none */
  constructor(featureOf: Assignment) {
    this.#featureOf = featureOf;
    this.#unitFires = new Float64Array(featureOf.length);
    this.#featureFires = new Float64Array(featureOf.length);
    this.#bothFire = new Float64Array(featureOf.length);
  }

  /** @param codes `[examples, units]`, @param activations `[examples, features]` of the same examples */
  add(codes: Matrix, activations: Matrix): void {
    if (codes.rows !== activations.rows) throw new RangeError(`codes of ${codes.rows}, and not ${activations.rows}`);
    const units = codes.columns;
    for (let example = 0; example < codes.rows; example++) {
      for (let unit = 0; unit < units; unit++) {
        const feature = this.#featureOf[unit] ?? -1;
        if (feature < 0) continue;
        const fires = (codes.values[example * units + unit] ?? 0) === 0 ? 0 : 1;
        const isThere = (activations.values[example * activations.columns + feature] ?? 0) === 0 ? 0 : 1;
        this.#unitFires[unit] = (this.#unitFires[unit] ?? 0) + fires;
        this.#featureFires[unit] = (this.#featureFires[unit] ?? 0) + isThere;
        this.#bothFire[unit] = (this.#bothFire[unit] ?? 0) + fires * isThere;
      }
    }
    for (const value of activations.values) if (value !== 0) this.#active++;
    this.#examples += codes.rows;
  }

  /** Features that fire for an example, on average. */
  get trueL0(): number {
    return this.#active / this.#examples;
  }

  /**
   * Means over the pairs whose feature fires at all; a unit that never fires has 0 in each.
   * @throws RangeError if no such feature fires
   */
  get scores(): { readonly precision: number; readonly recall: number; readonly f1: number } {
    let pairs = 0;
    const sums = { precision: 0, recall: 0, f1: 0 };
    for (const [unit, feature] of this.#featureOf.entries()) {
      const there = this.#featureFires[unit] ?? 0;
      if (feature < 0 || there === 0) continue;
      pairs++;
      const [fires, both] = [this.#unitFires[unit] ?? 0, this.#bothFire[unit] ?? 0];
      sums.precision += fires === 0 ? 0 : both / fires;
      sums.recall += both / there;
      sums.f1 += (2 * both) / (fires + there);
    }
    if (pairs === 0) throw new RangeError('none of the features fires for any of the examples');
    return { precision: sums.precision / pairs, recall: sums.recall / pairs, f1: sums.f1 / pairs };
  }
}
