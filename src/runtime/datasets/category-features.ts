import { type CategoryColumn, numbersOfTexts, textsOf, unseenCategory } from './condition-column.js';
import { NumberReader } from './csv-numbers.js';
import { abridged, DatasetError } from './dataset-error.js';
import { withRoom } from './stored-array.js';

/** Consecutive features that a column of categories becomes: 1 for the text of a row, 0 for the others. */
export interface CategoryFeatures {
  readonly column: CategoryColumn;
  /** The first of them. */
  readonly start: number;
  /** A feature for each. */
  readonly texts: readonly string[];
}

/** `city=Rome`: the name of the feature of a category. */
function nameOfFeature(column: string, text: string): string {
  return `${column}=${text}`;
}

/** The texts of a column that features are named after, in their order. */
export function textsOfFeatures(features: readonly string[], column: string): readonly string[] {
  const prefix = nameOfFeature(column, '');
  return features.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

/** Numbers, and the features that follow them of columns of categories. */
export interface ExpandedTable {
  readonly features: readonly string[];
  /** `[rows, features]` */
  readonly values: Float64Array;
  readonly categories: readonly CategoryFeatures[];
}

/**
 * @param values `[rows, numbers]`
 * @param known features of the training table; null: a feature for each text that a column has
 * @param rowNumbers of the rows in the file
 * @throws DatasetError wrong_value for a text without a feature; too_large
 */
export function expandedTable(
  numbers: readonly string[],
  values: Float64Array,
  columns: readonly CategoryColumn[],
  known: readonly string[] | null,
  { path, rowNumbers }: { readonly path: string; readonly rowNumbers: readonly number[] },
): ExpandedTable {
  const categories: CategoryFeatures[] = [];
  let size = numbers.length;
  for (const column of columns) {
    const texts = known === null ? column.texts : textsOfFeatures(known, column.name);
    categories.push({ column, start: size, texts });
    size += texts.length;
  }
  const rows = rowNumbers.length;
  const expanded = withRoom(path, () => new Float64Array(rows * size));
  for (let row = 0; row < rows; row++) {
    expanded.set(values.subarray(row * numbers.length, (row + 1) * numbers.length), row * size);
  }
  for (const { column, start, texts } of categories) {
    const places = numbersOfTexts(column, texts);
    for (let row = 0; row < rows; row++) {
      const text = column.values[row] ?? 0;
      const place = places[text] ?? -1;
      if (place < 0) throw unseenCategory(path, column.name, column.texts[text] ?? '', texts, rowNumbers[row] ?? null);
      expanded[row * size + start + place] = 1;
    }
  }
  const names = categories.flatMap(({ column, texts }) => texts.map((text) => nameOfFeature(column.name, text)));
  return { features: [...numbers, ...names], values: expanded, categories };
}

/** @throws DatasetError wrong_value for one of the other rows with a category that no training row has */
export function requireTrained(
  column: CategoryColumn,
  { trained, others }: { readonly trained: Uint32Array; readonly others: Uint32Array },
  { path, rowNumbers }: { readonly path: string; readonly rowNumbers: readonly number[] },
): void {
  requireKnown(column, textsOf(column, trained), others, { path, rowNumbers });
}

/**
 * A condition is a category if any row has a text in it, and rows that are not trained on may not decide that.
 *
 * @param trained texts of the training rows
 * @throws DatasetError wrong_value for a row with a text, if these are all numbers
 */
export function requireNumbers(
  { name, texts, values }: CategoryColumn,
  trained: readonly string[],
  { path, rowNumbers }: { readonly path: string; readonly rowNumbers: readonly number[] },
): void {
  const reader = new NumberReader({ decimal: null, thousands: null });
  const isText = (text: string): boolean => Number.isNaN(reader.read(text));
  if (trained.some(isText)) return;
  const row = values.findIndex((place) => isText(texts[place] ?? ''));
  if (row < 0) return;
  const text = abridged(texts[values[row] ?? 0] ?? '');
  throw new DatasetError(
    'wrong_value',
    path,
    `row ${rowNumbers[row] ?? row + 1}, column '${name}': '${text}' is no number, and all training rows have numbers`,
    `correct it, leave the row out, or write categories=[${JSON.stringify(name)}] if the numbers only name something`,
  );
}

/** @throws DatasetError wrong_value for a row of a category that is not among the known ones */
export function requireKnown(
  column: CategoryColumn,
  categories: readonly string[],
  rows: Uint32Array,
  { path, rowNumbers }: { readonly path: string; readonly rowNumbers: readonly number[] },
): void {
  const numbers = numbersOfTexts(column, categories);
  const row = rows.find((at) => (numbers[column.values[at] ?? 0] ?? -1) < 0);
  if (row === undefined) return;
  const text = column.texts[column.values[row] ?? 0] ?? '';
  throw unseenCategory(path, column.name, text, categories, rowNumbers[row] ?? null);
}
