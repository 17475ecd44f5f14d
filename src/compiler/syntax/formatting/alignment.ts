import type { PrintedLine } from './printer.js';

const farthest = 24;
const gapBeforeComment = 2;

/** Aligns columns and trailing comments of neighbouring lines if they are close anyway. */
export function align(lines: readonly PrintedLine[]): readonly string[] {
  return alignComments(alignColumns(lines));
}

function alignColumns(lines: readonly PrintedLine[]): readonly PrintedLine[] {
  const names = new Set(lines.flatMap(({ columns }) => columns.map(({ name }) => name)));
  return [...names].reduce(alignColumn, lines);
}

function alignColumn(lines: readonly PrintedLine[], name: string): readonly PrintedLine[] {
  const placeIn = (line: PrintedLine): number | null => soleColumn(line, name);
  return runs(
    lines,
    (line) => opening(line) !== null,
    (a, b) => opening(a) === opening(b),
  ).flatMap((run) => {
    const target = targetOf(run.map(placeIn));
    return run.map((line) => {
      const at = placeIn(line);
      return at === null || target === null ? line : padded(line, at, target - at);
    });
  });
}

/** Position of a line's column; null if it has none, or several because statements share the line. */
function soleColumn({ columns }: PrintedLine, name: string): number | null {
  const found = columns.filter((column) => column.name === name);
  return found.length === 1 ? (found[0]?.at ?? null) : null;
}

/** Indentation and first word of a line with columns; lines that agree in it are aligned together. */
function opening({ text, columns }: PrintedLine): string | null {
  return columns.length === 0 || text.includes('\n') ? null : (/^ *\S+/.exec(text)?.[0] ?? null);
}

function padded(line: PrintedLine, at: number, by: number): PrintedLine {
  return {
    ...line,
    text: line.text.slice(0, at) + ' '.repeat(by) + line.text.slice(at),
    columns: line.columns.map((column) => (column.at > at ? { ...column, at: column.at + by } : column)),
  };
}

function alignComments(lines: readonly PrintedLine[]): readonly string[] {
  const hasComment = ({ text, comment }: PrintedLine): boolean =>
    text !== '' && comment !== '' && !`${text}${comment}`.includes('\n');
  return runs(lines, hasComment, (a, b) => indentationOf(a) === indentationOf(b)).flatMap((run) => {
    const target = targetOf(run.map(({ text }) => text.length));
    return run.map(({ text, comment }) => {
      if (comment === '' || text === '') return text + comment;
      return text.padEnd((target ?? text.length) + gapBeforeComment) + comment;
    });
  });
}

function indentationOf({ text }: PrintedLine): number {
  return text.length - text.trimStart().length;
}

/** Common column to align to; null if that would need too much space. */
function targetOf(places: readonly (number | null)[]): number | null {
  const known = places.filter((place) => place !== null);
  if (known.length === 0) return null;
  const last = known.reduce((a, b) => Math.max(a, b));
  const first = known.reduce((a, b) => Math.min(a, b));
  return last - first <= farthest ? last : null;
}

/** Splits the lines into runs to align together; an unrelated line is a run of its own. */
function runs(
  lines: readonly PrintedLine[],
  belongs: (line: PrintedLine) => boolean,
  together: (a: PrintedLine, b: PrintedLine) => boolean,
): readonly (readonly PrintedLine[])[] {
  const found: PrintedLine[][] = [];
  for (const line of lines) {
    const run = found.at(-1);
    const last = run?.at(-1);
    if (run && last && belongs(line) && belongs(last) && together(last, line)) run.push(line);
    else found.push([line]);
  }
  return found;
}
