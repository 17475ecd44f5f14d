import { printable } from '../api/compiler.js';
import { type Applied, namedFeatures, type ScoredRow, worstFirst } from '../api/models.js';
import { csvLine, numberText } from '../api/text.js';
import type { FileContent } from '../files/write-file.js';
import { exitCodes, Failure } from './failure.js';
import { encoderFor } from './value-formats.js';

/** `worst`: the highest scores first; `rows`: as in the data. */
export const sortOrders = ['worst', 'rows'] as const;
export type SortOrder = (typeof sortOrders)[number];

/**
 * Chooses how scores are written by a path's ending. A table or JSON has a row's place and what made its score, worst
 * first; an array has a number for each row, in their order.
 *
 * @throws Failure for any other ending, and for an array that is to be sorted
 */
export function scoreEncoderFor(
  path: string,
  sort: SortOrder | null,
): (applied: Applied, rows: readonly ScoredRow[]) => FileContent {
  const inOrder = (rows: readonly ScoredRow[]) => (sort === 'rows' ? rows : worstFirst(rows));
  if (path.endsWith('.csv')) return (_, rows) => csvOf(inOrder(rows));
  if (path.endsWith('.json')) return (_, rows) => jsonOf(inOrder(rows));
  const encode = encoderFor(path, 'score', ['.json']);
  if (sort !== 'worst') return (applied) => encode(applied);
  throw new Failure(
    exitCodes.usage,
    'an array does not say which row a score is of',
    'write a .csv or .json file, or leave out --sort worst',
  );
}

function* csvOf(rows: readonly ScoredRow[]): Iterable<string> {
  const has = (name: 'file' | 'class') => rows.some((row) => row[name] !== null);
  const [hasFile, hasClass] = [has('file'), has('class')];
  const features = Math.min(namedFeatures, Math.max(0, ...rows.map((row) => row.features.length)));
  const places = Array.from({ length: features }, (_, i) => i);
  yield csvLine([
    'index',
    ...(hasFile ? ['file'] : []),
    ...(hasClass ? ['class'] : []),
    'score',
    ...places.flatMap((i) => [`feature_${i + 1}`, `share_${i + 1}`]),
  ]);
  for (const row of rows) {
    yield csvLine([
      row.index,
      ...(hasFile ? [row.file ?? ''] : []),
      ...(hasClass ? [row.class ?? ''] : []),
      row.score,
      ...places.flatMap((i) => [row.features[i]?.feature ?? '', row.features[i]?.share ?? '']),
    ]);
  }
}

function* jsonOf(rows: readonly ScoredRow[]): Iterable<string> {
  yield '[\n';
  for (const [i, row] of rows.entries()) yield `${JSON.stringify(row)}${i < rows.length - 1 ? ',' : ''}\n`;
  yield ']\n';
}

/** A row in a line: `17  score 8.21  sepal_width 61 %, petal_length 30 %`. */
export function scoreLine({ index, file, class: name, score, features }: ScoredRow): string {
  const shares = features.map(({ feature, share }) => `${printable(feature)} ${Math.round(100 * share)} %`);
  const about = [
    ...(file === null ? [] : [printable(file)]),
    ...(name === null ? [] : [`class ${printable(name)}`]),
    `score ${numberText(score, 4)}`,
    ...(shares.length === 0 ? [] : [shares.join(', ')]),
  ];
  return `  row ${index}: ${about.join(' · ')}`;
}
