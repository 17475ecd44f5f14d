import { conditionSize, type DataCondition, type DataNode } from '../../compiler/ir/experiment.js';
import { knownWord } from '../../compiler/library/library.js';
import { batchMaker } from '../datasets/batch.js';
import { type ConditionColumn, numbersOfTexts, unseenCategory } from '../datasets/condition-column.js';
import type { Part } from '../datasets/dataset.js';
import { DatasetError } from '../datasets/dataset-error.js';
import { fitTransforms, keptTransforms, type Statistic, statisticsOf } from '../datasets/fit.js';
import { type RawUnits, rawUnits } from '../datasets/raw-units.js';
import type { Examples } from '../datasets/split.js';
import type { Transform } from '../datasets/transform.js';
import { transformOf } from './data-words.js';
import type { WeightValues } from './initial-weights.js';
import type { TrainedLibrary } from './trained-words.js';

/** Prefix of the statistics of conditions among the weights. */
export const conditionStatistics = 'data/condition';

/**
 * Makes what a network is given of the columns that are conditions: numbers as the data's transforms make them, with
 * statistics of the training rows, and a 1 for the category of a row beside a 0 for each other.
 */
export class ConditionValues {
  /** Values of one example. */
  readonly size: number;
  readonly #conditions: readonly DataCondition[];
  readonly #transforms: readonly Transform[];
  readonly #numbers = new WeakMap<readonly ConditionColumn[], Part>();
  /** The category of each text of a column. */
  readonly #categories = new WeakMap<ConditionColumn, Int32Array>();

  /**
   * @param training the rows to take statistics from, or those that were taken before
   * @throws RangeError for a statistic that is missing
   */
  constructor(
    { conditions, transforms }: Pick<DataNode, 'conditions' | 'transforms'>,
    training: Examples | WeightValues,
    library: TrainedLibrary,
  ) {
    this.#conditions = conditions;
    this.size = conditions.reduce((sum, column) => sum + conditionSize(column), 0);
    const scaling = transforms.filter(({ word }) => {
      const { acts, makesRaw } = knownWord(library, 'transform', word);
      return acts === 'after corruption' && makesRaw !== true;
    });
    const requests = scaling.map((word) => transformOf(word, library));
    const count = this.#numeric.length;
    if (count === 0) this.#transforms = [];
    else if ('part' in training) {
      const part = this.#numbersOf(training.part.conditions ?? [], training.part.count);
      this.#transforms = fitTransforms([count], requests, { part, indices: training.indices });
    } else this.#transforms = keptTransforms(requests, training, count, conditionStatistics);
  }

  /** What the transforms took from the training rows. */
  get statistics(): readonly Statistic[] {
    return statisticsOf(this.#transforms, [this.#numeric.length], conditionStatistics);
  }

  /** The way back to the columns of numbers, in their order. */
  get rawUnits(): RawUnits {
    return rawUnits(this.#transforms);
  }

  /**
   * @param stored rows of the part
   * @returns `[rows, size]`; null if there are no conditions, or the part's table lacks them
   * @throws DatasetError wrong_value for a category that no training row had
   */
  of({ conditions, count }: Pick<Part, 'conditions' | 'count'>, stored: Uint32Array): Float32Array | null {
    if (this.size === 0 || conditions === undefined) return null;
    const rows = new Float32Array(stored.length * this.size);
    const scaled = this.#scaled(conditions, count, stored);
    let place = 0;
    let number = 0;
    for (const condition of this.#conditions) {
      const { categories } = condition;
      if (categories === null) {
        for (let i = 0; i < stored.length; i++)
          rows[i * this.size + place] = scaled[i * this.#numeric.length + number] ?? 0;
        number++;
      } else this.#mark(rows, place, columnOf(conditions, condition), categories, stored);
      place += conditionSize(condition);
    }
    return rows;
  }

  get #numeric(): readonly DataCondition[] {
    return this.#conditions.filter(({ categories }) => categories === null);
  }

  /** `[rows, numbers]` */
  #scaled(conditions: readonly ConditionColumn[], count: number, stored: Uint32Array): Float32Array {
    const size = this.#numeric.length;
    const scaled = new Float32Array(stored.length * size);
    if (size === 0) return scaled;
    const maker = batchMaker([size], this.#transforms, 'evaluation');
    maker.fill(this.#numbersOf(conditions, count), stored, { step: 0, firstExample: 0 }, scaled);
    return scaled;
  }

  #mark(
    rows: Float32Array,
    place: number,
    column: ConditionColumn,
    categories: readonly string[],
    stored: Uint32Array,
  ): void {
    if (column.kind === 'number') throw otherKind(column.name, 'numbers', 'texts');
    const numbers = this.#categories.get(column) ?? numbersOfTexts(column, categories);
    this.#categories.set(column, numbers);
    stored.forEach((row, i) => {
      const text = column.values[row] ?? 0;
      const number = numbers[text] ?? -1;
      if (number < 0) throw unseenCategory('the data', column.name, column.texts[text] ?? '', categories);
      rows[i * this.size + place + number] = 1;
    });
  }

  /** The numbers as a part of their own, in float64, which transforms then compute in. */
  #numbersOf(conditions: readonly ConditionColumn[], count: number): Part {
    const known = this.#numbers.get(conditions);
    if (known !== undefined) return known;
    const size = this.#numeric.length;
    const values = new Float64Array(count * size);
    for (const [at, condition] of this.#numeric.entries()) {
      const column = columnOf(conditions, condition);
      if (column.kind !== 'number') throw otherKind(column.name, 'texts', 'numbers');
      for (let row = 0; row < count; row++) values[row * size + at] = column.values[row] ?? 0;
    }
    const part = { count, values, labels: null };
    this.#numbers.set(conditions, part);
    return part;
  }
}

/** @throws DatasetError mismatch */
function columnOf(conditions: readonly ConditionColumn[], { name }: DataCondition): ConditionColumn {
  const column = conditions.find((one) => one.name === name);
  if (column !== undefined) return column;
  throw new DatasetError('mismatch', 'the data', `has no column '${name}'`, 'the model is given it as a condition');
}

function otherKind(column: string, found: string, wanted: string): DatasetError {
  const problem = `column '${column}' has ${found}, and the training rows had ${wanted}`;
  return new DatasetError('mismatch', 'the data', problem, 'give the values that the training had');
}
