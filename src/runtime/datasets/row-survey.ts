import { exampleShape } from './array-part.js';
import { ArraySum, idxType, valueDims } from './checksum.js';
import { type Precision, PrecisionSurvey, valuesIn } from './precision.js';
import { checkedPieces } from './row-reader.js';
import type { StoredArray } from './stored-array.js';
import type { RowsInFiles, StoredRows } from './stored-rows.js';

/** Examples that are to stay in their files. */
export interface ExampleRows {
  readonly path: string;
  /** With the number of examples first. */
  readonly dims: readonly number[];
  readonly rows: RowsInFiles;
  /** The row of each example; null if they are all rows, in order. */
  readonly chosen: Uint32Array | null;
}

/** Examples that stay in their files, of which every value has been looked at. */
export interface SurveyedRows {
  readonly path: string;
  readonly dims: readonly number[];
  readonly stored: StoredRows;
  /** What `arrayChecksum` gives for the values in memory. */
  readonly checksum: string;
}

/** The precision that some examples need. @param training their indices */
export function precisionOfRows(
  path: string,
  dims: readonly number[],
  { rows, chosen }: StoredRows,
  training: Uint32Array,
) {
  if (rows.type === 'uint8') return 'single';
  const survey = new PrecisionSurvey(dims, training);
  for (const piece of checkedPieces(rows, chosen)) survey.take(piece);
  return survey.precision(path);
}

/**
 * Looks at every value once, or twice if the examples turn out to need double precision.
 *
 * @param given the precision; null for what the training examples need
 * @param trained gives the indices of the training examples; not called for bytes
 * @throws DatasetError as {@link checkedPieces}, `exampleShape` and `requireMagnitudes`
 */
export function surveyedRows(
  { path, dims, rows, chosen }: ExampleRows,
  given: Precision | null,
  trained: () => Uint32Array,
): SurveyedRows {
  exampleShape(path, dims);
  const checksumIn = (precision: Precision, see: (data: StoredArray['data']) => void = () => {}): string => {
    const { count, shape } = exampleShape(path, dims);
    let sum: ArraySum | null = null;
    for (const piece of checkedPieces(rows, chosen)) {
      see(piece);
      const values = valuesIn(precision, piece, path);
      sum ??= new ArraySum(valueDims(count, shape), idxType(values));
      sum.add(values);
    }
    if (sum === null) throw new RangeError('examples without rows');
    return sum.hex();
  };
  const surveyed = (precision: Precision, checksum: string): SurveyedRows => ({
    path,
    dims,
    stored: { rows, chosen, precision },
    checksum,
  });
  if (rows.type === 'uint8') return surveyed('single', checksumIn('single'));
  if (given !== null) return surveyed(given, checksumIn(given));
  const survey = new PrecisionSurvey(dims, trained());
  const single = checksumIn('single', (data) => survey.take(data));
  const precision = survey.precision(path);
  return surveyed(precision, precision === 'single' ? single : checksumIn('double'));
}
