import type { Outcome } from '../diagnostics/diagnostic.js';
import type { Expression } from '../syntax/ast.js';
import { parseExpression } from '../syntax/parse.js';
import type { Source } from '../syntax/source.js';
import { relocate, relocateDiagnostic } from './relocate.js';

/** Plain non-negative numbers, the most common cells: read without the parser, so that large tables are fast. */
const plainNumber = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Parses the expression in a range of a text; diagnostics refer to the whole text. */
export function parsePiece(source: Source, start: number, end: number): Outcome<Expression> {
  const text = source.text.slice(start, end);
  const trimmed = text.trim();
  if (plainNumber.test(trimmed) && Number.isFinite(Number(trimmed))) {
    const at = start + text.indexOf(trimmed);
    const span = { source, start: at, end: at + trimmed.length };
    return { value: { kind: 'number', value: Number(trimmed), text: trimmed, span }, diagnostics: [] };
  }
  const { value, diagnostics } = parseExpression({ path: source.path, text });
  return {
    value: value && relocate(value, source, start),
    diagnostics: diagnostics.map((diagnostic) => relocateDiagnostic(diagnostic, source, start)),
  };
}

/** A range of a text; `end` is exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Splits a range at a character outside of brackets and quotation marks. */
export function splitOutsideBrackets(text: string, { start, end }: Stretch, at: ',' | ':'): readonly Stretch[] {
  const parts: Stretch[] = [];
  let depth = 0;
  let quoted = false;
  let from = start;
  for (let i = start; i < end; i++) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '(' || character === '[' || character === '{') depth++;
    else if (character === ')' || character === ']' || character === '}') depth--;
    else if (character === at && depth === 0) {
      parts.push({ start: from, end: i });
      from = i + 1;
    }
  }
  parts.push({ start: from, end });
  return parts;
}
