import type { IToken } from 'chevrotain';
import * as t from '../../../grammar/tokens.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { hasLineEnd, type Source } from './source.js';
import { endsOperand, is } from './token-kinds.js';
import type { Comment } from './tokenize.js';

/** More would not help. */
const mostWarnings = 10;

/** A lone number or name. */
const operand = /^\/\/[ \t]*(\d[\d.]*|[A-Za-z_]\w*)[ \t]*$/;

/**
 * Warns of `16 // 2` at the end of a line: a division in Python, but 16 with a comment here. Names count if the text
 * declares them.
 */
export function warnOfFloorDivision(
  tokens: readonly IToken[],
  comments: readonly Comment[],
  source: Source,
  collector: DiagnosticCollector,
): void {
  const declared = new Set(
    tokens.flatMap(({ image }, i) => {
      const before = tokens[i - 1];
      return before !== undefined && (is(before, t.Param) || is(before, t.Let)) ? [image] : [];
    }),
  );
  let [next, warnings] = [0, 0];
  for (const { text, span } of comments) {
    while ((tokens[next]?.startOffset ?? Number.POSITIVE_INFINITY) < span.start) next++;
    const before = tokens[next - 1];
    const divisor = operand.exec(text)?.[1];
    if (divisor === undefined || before === undefined || !endsOperand(before)) continue;
    if (!/^\d/.test(divisor) && !declared.has(divisor)) continue;
    if (hasLineEnd(source.text.slice(before.startOffset + before.image.length, span.start))) continue;
    collector.warning('AE111', `this is a comment, so nothing is divided by ${divisor}`, span, {
      hint: `use '/' to divide, or reword the comment`,
    });
    if (++warnings === mostWarnings) return;
  }
}
