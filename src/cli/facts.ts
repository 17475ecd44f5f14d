import { printable } from '../api/compiler.js';
import { largest } from '../api/statistics.js';

/** Formats names and values in two columns. */
export function facts(lines: readonly (readonly [name: string, text: string])[]): string {
  const width = largest(lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `  ${name.padEnd(width)}  ${printable(text)}\n`).join('');
}
