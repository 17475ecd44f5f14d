import { elementCount } from '../compiler/ir/shape.js';
import type { Dataset } from '../runtime/datasets/dataset.js';
import type { Examples } from '../runtime/datasets/split.js';
import type { ScoredExamples } from '../runtime/evaluation/anomaly.js';
import { isOfMagnitudes, type ScoreName, scoresNamed } from '../words/evaluation/anomaly.js';

/** A feature's part in a row's score. */
export interface FeatureShare {
  readonly feature: string;
  /** Share of the row's squared error, or of its absolute error where the score is made of that. */
  readonly share: number;
}

/** How odd a row is, and why. */
export interface ScoredRow {
  /** Place of the row, from 0, in the order of the data. */
  readonly index: number;
  /** Path within the folder of pictures; null for other data. */
  readonly file: string | null;
  /** Name of its class, or its number; null without labels. */
  readonly class: string | null;
  readonly score: number;
  /** The features with the largest shares, largest first; empty for images. */
  readonly features: readonly FeatureShare[];
}

/** Features that are named for each row. */
export const namedFeatures = 3;

/**
 * Scores rows and names the features that make the most of it.
 *
 * @param examples the rows of `chosen`, in their order
 * @param first place of the first row
 * @param columns names of the features; null: their numbers, from 0
 */
export function* scoredRows(
  examples: ScoredExamples,
  { part, indices }: Examples,
  first: number,
  {
    score,
    columns,
    dataset,
    shape,
  }: {
    readonly score: ScoreName;
    readonly columns: readonly string[] | null;
    readonly dataset: Dataset;
    /** Shape of what is compared, as it is stored. */
    readonly shape: Dataset['shape'];
  },
): Generator<ScoredRow> {
  const scores = scoresNamed(examples, score);
  const areFeatures = shape.length === 1 && elementCount(shape) === examples.seen.columns;
  for (const [row, value] of scores.entries()) {
    const example = indices[row] ?? 0;
    const label = part.labels?.[example];
    yield {
      index: first + row,
      file: part.files?.[example] ?? null,
      class: label === undefined ? null : (dataset.classNames?.[label] ?? String(label)),
      score: value,
      features: areFeatures ? sharesOf(examples, row, isOfMagnitudes(score), columns) : [],
    };
  }
}

function sharesOf(
  { seen, rebuilt }: ScoredExamples,
  row: number,
  isAbsolute: boolean,
  names: readonly string[] | null,
): readonly FeatureShare[] {
  const parts = Float64Array.from({ length: seen.columns }, (_, column) => {
    const at = row * seen.columns + column;
    const difference = Math.abs((seen.values[at] ?? 0) - (rebuilt.values[at] ?? 0));
    return isAbsolute ? difference : difference * difference;
  });
  const sum = parts.reduce((total, part) => total + part, 0);
  return [...parts.keys()]
    .sort((a, b) => (parts[b] ?? 0) - (parts[a] ?? 0) || a - b)
    .slice(0, namedFeatures)
    .map((column) => ({
      feature: names?.[column] ?? String(column),
      share: sum === 0 ? 0 : (parts[column] ?? 0) / sum,
    }));
}

/** The rows with the highest score first; of equal scores the earlier row, and what is not finite before all. */
export function worstFirst(rows: readonly ScoredRow[]): readonly ScoredRow[] {
  const rank = ({ score }: ScoredRow) => (Number.isFinite(score) ? score : Number.POSITIVE_INFINITY);
  return rows.toSorted((a, b) => (rank(a) === rank(b) ? a.index - b.index : rank(b) - rank(a)));
}
