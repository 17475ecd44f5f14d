import { printable } from '../compiler/diagnostics/printable.js';

/** Names and what they are, a line each, under each other. */
export function facts(lines: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `  ${name.padEnd(width)}  ${printable(text)}\n`).join('');
}
