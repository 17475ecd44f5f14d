import type { Separator } from './csv.js';
import { looksLikeNumber } from './csv-numbers.js';
import { abridged, DatasetError } from './dataset-error.js';

/**
 * Guesses a table's separator: a tab, semicolon or bar if its first two lines each have one outside quotes; blanks if
 * both lines have some and no comma; otherwise a comma.
 *
 * @param text the beginning of the table
 * @param comment prefix of the lines to skip
 */
export function separatorOf(text: string, comment: string | null): Separator {
  const [first = '', second = ''] = firstLines(text, comment);
  const separator = (['\t', ';', '|'] as const).find((one) => first.includes(one) && second.includes(one));
  if (separator !== undefined) return separator;
  const words = (line: string) => /\S[ \t]+\S/.test(line) && !line.includes(',');
  return words(first) && words(second) ? ' ' : ',';
}

/** The separator that a first line declares for Excel, `sep=;`; null if there is no such line. */
export function declaredSeparator(text: string): string | null {
  return /^\uFEFF?"?sep=([^\r\n])"?[ \t,;|]*[\r\n]/i.exec(text.slice(0, 40))?.[1] ?? null;
}

/** The first two lines that have something in them, without what is in quotes. */
function firstLines(text: string, comment: string | null): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (let at = 0; at < text.length && lines.length < 2; ) {
    const letter = text[at] ?? '';
    if (letter === '"') {
      const end = text.indexOf('"', at + 1);
      at = end < 0 ? text.length : end + 1;
      line += '"';
      continue;
    }
    const end = nextOf(text, at);
    line += text.slice(at, end);
    at = end;
    if (text[at] === '"') continue;
    if (line.trim() !== '' && (comment === null || !line.startsWith(comment))) lines.push(line);
    line = '';
    at++;
  }
  return [...lines, line];
}

/** The place of the next quote or line end. */
function nextOf(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x0a || code === 0x0d) return at;
  }
  return text.length;
}

/**
 * Column names from the first row, trimmed. If `header` isn't given, a row of numbers is taken for an example without a
 * header, unless they count up from 0, which is how pandas names unnamed columns.
 *
 * @throws DatasetError wrong_format
 */
export function columnNames(fields: readonly string[], header: boolean | null, row: number, path: string) {
  if (header === false) return fields.map((_, i) => String(i + 1));
  const names = fields.map((name) => name.trim());
  if (header === null && isExample(names)) {
    const some = names.slice(0, 3).map(abridged).join(', ');
    const problem = `row ${row} has numbers (${some}${names.length > 3 ? ', …' : ''}), where the names of the columns should be`;
    const hint =
      'write header=false if it is an example, so that columns are named by their numbers from 1 on; header=true if these are names';
    throw new DatasetError('wrong_format', path, problem, hint, { argument: 'header' });
  }
  return names;
}

/**
 * Numbers alone that don't count from 0, or numbers among names that neither rise nor are evenly spaced, as years and
 * wavelengths are, which are names of columns.
 */
function isExample(names: readonly string[]): boolean {
  const numbers = names.filter(looksLikeNumber).map((name) => Number(name.replace(',', '.')));
  if (numbers.length === names.length) return numbers.some((number, i) => number !== i);
  const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0));
  const [first = 1] = steps;
  const even = steps.every((step) => step !== 0 && Math.abs(step - first) < 1e-6) && (steps.length > 1 || first === -1);
  return !even && steps.some((step) => step <= 0);
}

/** Which column an unnamed one is. */
export type Unnamed = 'index' | 'empty';

/**
 * Finds unnamed columns: the first is the index that pandas and R write; others come from separators at line ends.
 *
 * @param drop columns to skip; their names may repeat
 * @throws DatasetError wrong_format for a repeated name
 */
export function unnamedColumns(
  names: readonly string[],
  drop: ReadonlySet<string>,
  row: number,
  path: string,
): ReadonlyMap<number, Unnamed> {
  const unnamed = new Map<number, Unnamed>();
  const places = new Map<string, number>();
  names.forEach((name, i) => {
    if (name === '') {
      unnamed.set(i, i === 0 && names.length > 1 ? 'index' : 'empty');
      return;
    }
    const other = places.get(name);
    if (other !== undefined && !drop.has(name)) {
      const problem = `row ${row}, columns ${other + 1} and ${i + 1} are both named '${abridged(name)}'`;
      const hint = 'give each column a name of its own, or drop both; header=false if the row has no names';
      throw new DatasetError('wrong_format', path, problem, hint);
    }
    places.set(name, i);
  });
  return unnamed;
}
