import type { Value } from '../compiler/ir/value.js';
import type { LayerCode } from './word.js';

/** A number, truth value, text, or list of them as Python writes it; lists become tuples. */
export function literal(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'number') return numberLiteral(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items: readonly Value[] = value;
    return `(${items.map(literal).join(', ')}${items.length === 1 ? ',' : ''})`;
  }
  throw new RangeError('a word is no literal of Python');
}

function numberLiteral(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'float("nan")' : `float("${value > 0 ? '' : '-'}inf")`;
}

/** A number of NumPy's in float32. */
export function float32(value: number): string {
  return `np.float32(${literal(value)})`;
}

/** Sides in PyTorch's form: a single number if they are equal. */
export function sides(value: Value): string {
  if (!Array.isArray(value)) return literal(value);
  const [height, width]: readonly Value[] = value;
  return height !== undefined && height === width ? literal(height) : literal(value);
}

/** Arguments of a call, without those that are null. */
export function call(
  name: string,
  positional: readonly string[],
  keywords: Readonly<Record<string, string | null>> = {},
) {
  const named = Object.entries(keywords).flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`]));
  return `${name}(${[...positional, ...named].join(', ')})`;
}

/** Indents lines by `steps` times four spaces; empty lines stay empty. */
export function indented(lines: readonly string[], steps = 1): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `${'    '.repeat(steps)}${line}`));
}

/** Top-level definitions, with the two empty lines between them that Python's style wants. */
export function sections(parts: readonly (readonly string[])[]): string {
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n').trim())
    .join('\n\n\n')}\n`;
}

/** A layer that makes no modules and needs no statements. */
export function plain(output: (x: string) => string): LayerCode {
  return { modules: [], before: [], output };
}
