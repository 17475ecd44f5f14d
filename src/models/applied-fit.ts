import type { DataNode } from '../compiler/ir/experiment.js';
import { describeShape, elementCount, type Shape, sameShape } from '../compiler/ir/shape.js';
import { plainArguments } from '../compiler/ir/value.js';
import type { FileDescription } from '../compiler/library/data-file.js';
import { knownWord, type Library } from '../compiler/library/library.js';
import { onOneLine, shortened } from '../files/quoted.js';
import { largest, smallest } from '../numerics/extremes.js';
import { rawExamples } from '../runtime/datasets/row-reader.js';
import type { Examples } from '../runtime/datasets/split.js';
import { numberText } from '../text/number-text.js';
import { LoadError } from '../trial/load.js';
import type { Words } from '../words/word.js';
import type { AppliedData } from './applied-data.js';

/** Most columns named in a sentence. */
const mostNamed = 3;

/**
 * How far pixels may lie outside their range, relative to its width: rounding and resampling pass, another scale does
 * not.
 */
const pixelMargin = 0.05;

/** How much wider the trained range must be than the new one to suggest another unit. */
const otherUnit = 20;

/**
 * Checks the shape of the data against the model's input. Other sizes fit if the experiment resizes or crops.
 * @throws LoadError that says what the model takes, what it got, and how to convert it
 */
export function requireShape(
  run: string,
  { dataset, name }: Pick<AppliedData, 'dataset' | 'name'>,
  trained: DataNode,
  library: Library,
): void {
  const { shape } = dataset;
  let seen: Shape = shape;
  for (const { word, arguments: given } of trained.transforms) {
    const after = library.find('transform', word)?.shape(plainArguments(given), seen);
    if (after && !after.ok) throw misfit(run, name, shape, trained, after.problem.message);
    if (after?.ok) seen = after.value;
  }
  if (!sameShape(seen, trained.shape)) throw misfit(run, name, shape, trained, null);
}

function misfit(run: string, name: string, found: Shape, trained: DataNode, reason: string | null): LoadError {
  const wanted = trained.storedShape;
  const because = reason === null ? '' : `: ${reason}`;
  return new LoadError(
    `${run} takes rows of ${describeShape(wanted)}, and '${name}' has rows of ${describeShape(found)}${because}`,
    adviceFor(found, wanted),
  );
}

const ascending = (a: number, b: number): number => a - b;

function adviceFor(found: Shape, wanted: Shape): string {
  const [channels = 0, height = 0, width = 0] = wanted;
  const reshaped = (wanted[0] === 1 ? wanted.slice(1) : wanted).join(', ');
  if (wanted.length === 3 && found.length === 3 && found[0] === height && found[1] === width && found[2] === channels)
    return 'its channels are last: in NumPy, x.transpose(0, 3, 1, 2) puts them first';
  // The run's data have channels last, so this file was read that way too.
  if (wanted.length === 3 && found.length === 3 && found[0] === width && found[1] === channels && found[2] === height)
    return `its channels are first: name it as --data 'npy("…", layout=nchw)'`;
  if (wanted.length === 3 && found.length === 1 && found[0] === width && channels === 1)
    return `a single picture needs a batch axis: in NumPy, x.reshape(1, ${reshaped})`;
  if (found.length === wanted.length && sameShape([...found].sort(ascending), [...wanted].sort(ascending)))
    return 'its axes are in another order: in NumPy, x.transpose brings them into that of the training';
  if (elementCount(found) === elementCount(wanted))
    return `the same number of values in another shape: in NumPy, x.reshape(len(x), ${reshaped})`;
  return 'the rows must have the shape that the model was trained on';
}

/** Warnings about data that fit: ignored or unnamed columns, and values outside the range of the training. */
export function notesOn(
  run: string,
  data: AppliedData,
  trained: FileDescription | null,
  { transforms, storedShape, conditions }: DataNode,
  words: Words,
): readonly string[] {
  const { dataset, name, chosen, passedOver } = data;
  const { columns } = dataset;
  // Conditions that an output does not need are none that the run does not know.
  const unusedColumns = dataset.unusedColumns.filter((column) => conditions.every(({ name: own }) => own !== column));
  const trainedColumns = trained?.contents?.columns ?? null;
  const notes: string[] = [];
  if (passedOver !== null) {
    notes.push(`${passedOver} is the data set of that name; --data ./${passedOver} takes the file or folder`);
  }
  if (unusedColumns.length > 0 && trainedColumns !== null) {
    notes.push(`${name}: ignored ${columnsText(unusedColumns)}, which ${run} was not trained on`);
  }
  if (trainedColumns !== null && columns === null) {
    notes.push(`${name} has no column names: read as ${columnsText(trainedColumns)}, in this order`);
  }
  if (trainedColumns === null && columns !== null && trained?.contents === undefined) {
    notes.push(`${run} was stored without column names: those of ${name} are taken in order`);
  }
  const range = trained?.range ?? { low: 0, high: 1 };
  const features = trained?.contents?.featureRanges ?? null;
  const isPerFeature = features !== null && dataset.shape.length === 1 && features.low.length === dataset.shape[0];
  const found = rangesOf(chosen, isPerFeature ? features.low.length : 1);
  const cutting = transforms.find(
    ({ word, arguments: given }) => knownWord(words, 'transform', word).cutsOff?.(plainArguments(given)) === true,
  );
  const cutText = cutting ? `; ${cutting.word} cuts them off` : '';
  if (isPerFeature) {
    const far = Array.from(found.low, (_, i) => i).filter((i) => isBeyond(at(found, i), at(features, i), 1));
    const [first] = far;
    if (first !== undefined) {
      const label = (i: number) => columns?.[i] ?? trainedColumns?.[i] ?? String(i + 1);
      const others = far.length === 1 ? '' : `, and ${columnsText(far.slice(1).map(label))} too`;
      notes.push(
        `${name}: column ${columnsText([label(first)])} has ${rangeText(at(found, first))}, far outside what ${run} was trained on (${rangeText(at(features, first))})${others}${cutText}`,
      );
      return notes;
    }
  }
  const whole = { low: smallest(found.low), high: largest(found.high) };
  const isUnit = range.low === 0 && range.high === 1;
  // Each column of a table has its own range; pixels share one, even if rescaled.
  const haveOneRange = storedShape.length === 3 || (isUnit && columns === null && trainedColumns === null);
  const isWide = haveOneRange && isBeyond(whole, range, pixelMargin);
  if (isWide || (!isPerFeature && isBeyond(whole, range, 1))) {
    const far = isBeyond(whole, range, 1) ? 'far ' : '';
    notes.push(
      `${name}: the values are ${rangeText(whole)}, ${far}outside what ${run} was trained on (${rangeText(range)})${cutText}${remedyFor(whole, range)}`,
    );
  } else if (storedShape.length === 3 && isUnsigned(whole, range)) {
    notes.push(
      `${name}: the values are ${rangeText(whole)}, none of them negative, and ${run} was trained on ${rangeText(range)}: scale them the same way`,
    );
  } else if (isOtherUnit(data, whole, range)) {
    notes.push(
      `${name}: the values are ${rangeText(whole)}, and ${run} was trained on ${rangeText(range)}: bytes are divided by 255, other numbers are taken as they are`,
    );
  }
  return notes;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

interface Ranges {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

function at({ low, high }: Ranges, i: number): Range {
  return { low: low[i] ?? 0, high: high[i] ?? 0 };
}

/** Whether values exceed a range by more than a multiple of its width. A constant column has no width. */
function isBeyond(found: Range, trained: Range, widths: number): boolean {
  const margin = (trained.high - trained.low) * widths;
  return found.low < trained.low - margin || found.high > trained.high + margin;
}

/** Whether the training's pixels had both signs, as in [-1, 1], and these have one. */
function isUnsigned(found: Range, trained: Range): boolean {
  return trained.low < -pixelMargin * (trained.high - trained.low) && found.low >= 0 && found.high > 0;
}

function remedyFor({ low, high }: Range, trained: Range): string {
  if (trained.low < 0 || trained.high > 1) return '';
  if (low >= 0 && high > 2 && high <= 255) return '; save pixels as bytes (uint8), or divide them by 255';
  if (low >= -1 && low < 0 && high <= 1) return '; pixels in [-1, 1] are brought back by (x + 1) / 2';
  return '';
}

/** Whether values fill only a small part of the trained range. A few table rows may well be alike; pictures are not. */
function isOtherUnit({ dataset }: AppliedData, found: Range, range: Range): boolean {
  return dataset.columns === null && (found.high - found.low) * otherUnit < range.high - range.low;
}

/** Ranges of raw values: bytes are divided by 255. */
function rangesOf(chosen: readonly Examples[], features: number): Ranges & { low: Float64Array; high: Float64Array } {
  const low = new Float64Array(features).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(features).fill(Number.NEGATIVE_INFINITY);
  for (const { part, indices } of chosen) {
    for (const values of rawExamples(part, indices)) {
      const unit = values instanceof Uint8Array ? 255 : 1;
      for (let i = 0, feature = 0; i < values.length; i++) {
        const value = (values[i] ?? 0) / unit;
        if (value < (low[feature] ?? 0)) low[feature] = value;
        if (value > (high[feature] ?? 0)) high[feature] = value;
        feature = feature + 1 === features ? 0 : feature + 1;
      }
    }
  }
  return { low, high };
}

function rangeText({ low, high }: Range): string {
  if (low === high) return `only ${numberText(low)}`;
  return `${numberText(low)} to ${numberText(high)}`;
}

function columnsText(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).map((name) => `'${onOneLine(shortened(name))}'`);
  const more = names.length - some.length;
  return more > 0 ? `${some.join(', ')} and ${more} more` : some.join(', ');
}
