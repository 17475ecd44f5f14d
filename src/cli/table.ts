import { printable } from '../api/compiler.js';
import { largest } from '../api/statistics.js';

/** Aligns columns under their headings, two spaces apart; numbers on the right. */
export function table(names: readonly string[], cells: readonly (readonly string[])[]): string {
  const headings = names.map(printable);
  const rows = cells.map((row) => row.map(printable));
  const numeric = headings.map(
    (_, i) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.,e+-]*%?$/.test(row[i] ?? '')),
  );
  const widths = headings.map((heading, i) =>
    largest(
      rows.map((row) => (row[i] ?? '').length),
      heading.length,
    ),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[headings, ...rows].map(line).join('\n')}\n`;
}

/** Formats names and values in two columns. */
export function facts(lines: readonly (readonly [name: string, text: string])[]): string {
  const width = largest(lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `  ${name.padEnd(width)}  ${printable(text)}\n`).join('');
}
