import { DatasetError, someOf } from './dataset-error.js';

/** What a column of a table is as a condition: a number, or one of several texts. */
export type ConditionKind = 'number' | 'category';

/** A column to be read as a condition. */
export interface ConditionRequest {
  readonly name: string;
  /** Null: a category if any of its values is no number. */
  readonly kind: ConditionKind | null;
}

/** The values of such a column, row by row: numbers, or the places of texts in a list of them. */
export type ConditionColumn = NumberColumn | CategoryColumn;

export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly values: Float64Array;
}

export interface CategoryColumn {
  readonly kind: 'category';
  readonly name: string;
  /** In the order of their UTF-16 units. */
  readonly texts: readonly string[];
  readonly values: Int32Array;
}

/** The texts that some rows have, sorted. */
export function textsOf({ texts, values }: CategoryColumn, rows: Uint32Array): readonly string[] {
  const found = new Set<number>();
  for (const row of rows) found.add(values[row] ?? 0);
  return texts.filter((_, i) => found.has(i));
}

/**
 * The number, among categories, of each text of a column; -1 for one that is not among them.
 * @param known sorted
 */
export function numbersOfTexts({ texts }: CategoryColumn, known: readonly string[]): Int32Array {
  const places = new Map(known.map((text, i) => [text, i]));
  return Int32Array.from(texts, (text) => places.get(text) ?? -1);
}

/** A value that no training example has, so that a model was given nothing for it. */
export function unseenCategory(
  subject: string,
  column: string,
  text: string,
  known: readonly string[],
  row: number | null = null,
): DatasetError {
  const place = row === null ? `column '${column}'` : `row ${row}, column '${column}'`;
  return new DatasetError(
    'wrong_value',
    subject,
    `${place}: '${text}' is no category of the training rows, which have ${someOf(known)}`,
    'train on rows of each category, or leave such rows out',
  );
}
