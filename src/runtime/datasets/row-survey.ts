import { createHash } from 'node:crypto';
import { object, oneOf, type SchemaOutput, text } from '../formats/json.js';
import { exampleShape } from './array-part.js';
import { ArraySum, idxType, valueDims } from './checksum.js';
import { keptSurvey } from './kept-survey.js';
import { type Precision, PrecisionSurvey, requireMagnitudes, valuesIn } from './precision.js';
import { checkedPieces } from './row-reader.js';
import type { StoredArray } from './stored-array.js';
import type { RowsInFiles, StoredRows } from './stored-rows.js';

/** Examples that are looked through a piece at a time, as they are to stay in their files, or are kept as other numbers. */
export interface ExampleRows {
  readonly path: string;
  /** With the number of examples first. */
  readonly dims: readonly number[];
  readonly rows: RowsInFiles;
  /** The row of each example; null if they are all rows, in order. */
  readonly chosen: Uint32Array | null;
  readonly stay: boolean;
}

/** Examples in files, of which every value has been looked at. */
export interface SurveyedRows {
  readonly path: string;
  readonly dims: readonly number[];
  readonly inFiles: StoredRows;
  /** Whether they stay there. */
  readonly stay: boolean;
  /** Equals `arrayChecksum` of the values in memory. */
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
  requireMagnitudes(survey.ranges(), null, path);
  return survey.precision();
}

/**
 * Looks at every value once, or twice if the examples turn out to need double precision. What was found of large files is
 * kept, and they are not read again until they are written to.
 *
 * @param given the precision; null for what the training examples need
 * @param trained gives the indices of the training examples; not called for bytes
 * @throws DatasetError as {@link checkedPieces}, `exampleShape` and `requireMagnitudes`
 */
export function surveyedRows(
  { path, dims, rows, chosen, stay }: ExampleRows,
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
  const isGiven = rows.type === 'uint8' || given !== null;
  const training = isGiven ? null : trained();
  const find = (): SchemaOutput<typeof found> => {
    if (training === null) return { precision: given ?? 'single', checksum: checksumIn(given ?? 'single') };
    const survey = new PrecisionSurvey(dims, training);
    const single = checksumIn('single', (data) => survey.take(data));
    requireMagnitudes(survey.ranges(), null, path);
    const precision = survey.precision();
    return { precision, checksum: precision === 'single' ? single : checksumIn('double') };
  };
  const question = { of: 'checksum', rows, given: [dims, given, indexSum(chosen), indexSum(training)] };
  const { precision, checksum } = keptSurvey(
    question,
    found,
    (kept) => (checksumText.test(kept.checksum) ? kept : null),
    find,
  );
  return { path, dims, inFiles: { rows, chosen, precision }, stay, checksum };
}

const found = object({ precision: oneOf('single', 'double'), checksum: text });

const checksumText = /^[0-9a-f]{64}$/;

function indexSum(indices: Uint32Array | null): string | null {
  return indices && createHash('sha256').update(indices).digest('hex');
}
