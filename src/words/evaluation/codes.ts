import type { LayerReference } from '../../compiler/ir/value.js';
import type { Labelled } from '../../runtime/evaluation/labelled.js';
import type { EvaluatedModel, EvaluatedSizes, Measured } from '../../runtime/evaluation/measure.js';
import { between, type Work } from '../../runtime/evaluation/work.js';

/** Most training examples to use, given the numbers of training examples, test examples and values per example. */
type MostExamples = (train: number, test: number, columns: number) => number;

/** Approximate share of an evaluation spent on computing codes, which comes first. */
const shareOfCodes = 0.2;

/** Evaluates the codes of a layer by their classes. */
export function* measuredCodes(
  model: EvaluatedModel,
  { on, train, most }: { readonly on: LayerReference; readonly train: number | null; readonly most: MostExamples },
  measure: (codes: { readonly train: Labelled; readonly test: Labelled }) => Work<number>,
): Work<Measured> {
  const codes = yield* between(0, shareOfCodes, model.codes(on, train, most));
  return { '': yield* between(shareOfCodes, 1, measure(codes)) };
}

const [FLOAT, DOUBLE] = [4, 8];
/** The codes, and a standardised or sorted copy. */
const COPIES = 2;

/** Bytes of what a probe or a search is given. */
export function memoryOfCodes(
  { on, train, most }: { readonly on: LayerReference; readonly train: number | null; readonly most: MostExamples },
  sizes: EvaluatedSizes,
): number {
  const columns = sizes.sizeOf(on);
  const rows = most(Math.min(train ?? sizes.train, sizes.train), sizes.test, columns);
  return COPIES * FLOAT * (rows + sizes.test) * columns + 2 * DOUBLE * Math.min(rows, columns) ** 2;
}
