import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Argument, CallExpression, Expression, Identifier, LabelledCall } from '../syntax/ast.js';
import type { Source, Span } from '../syntax/source.js';

/**
 * Moves an expression parsed from part of a text to its place in the whole, so that diagnostics show the full line.
 * @param offset of the part in `source`
 */
export function relocate(expression: Expression, source: Source, offset: number): Expression {
  const move = (span: Span): Span => ({ source, start: span.start + offset, end: span.end + offset });
  const identifier = (moved: Identifier): Identifier => ({ ...moved, span: move(moved.span) });
  const argument = (moved: Argument): Argument => ({
    name: moved.name && identifier(moved.name),
    value: walk(moved.value),
    span: move(moved.span),
  });
  const labelled = (moved: LabelledCall): LabelledCall => ({
    label: moved.label && identifier(moved.label),
    call: call(moved.call),
    span: move(moved.span),
  });
  const call = (moved: CallExpression): CallExpression => ({
    ...moved,
    word: identifier(moved.word),
    arguments: moved.arguments.map(argument),
    block: moved.block === null ? null : moved.block.map(labelled),
    span: move(moved.span),
  });
  const walk = (moved: Expression): Expression => {
    const span = move(moved.span);
    switch (moved.kind) {
      case 'number':
      case 'boolean':
      case 'string':
      case 'name':
        return { ...moved, span };
      case 'list':
        return { ...moved, items: moved.items.map(walk), span };
      case 'member':
        return { ...moved, object: walk(moved.object), member: identifier(moved.member), span };
      case 'call':
        return call(moved);
      case 'unary':
        return { ...moved, operand: walk(moved.operand), span };
      case 'arithmetic':
      case 'logical':
        return { ...moved, left: walk(moved.left), right: walk(moved.right), span };
      case 'comparison':
        return { ...moved, operands: moved.operands.map(walk), span };
      case 'membership':
        return { ...moved, value: walk(moved.value), list: walk(moved.list), span };
    }
  };
  return walk(expression);
}

/** Like {@link relocate}, for a diagnostic. */
export function relocateDiagnostic(diagnostic: Diagnostic, source: Source, offset: number): Diagnostic {
  const move = (span: Span): Span => ({ source, start: span.start + offset, end: span.end + offset });
  return {
    ...diagnostic,
    span: diagnostic.span && move(diagnostic.span),
    related: diagnostic.related.map((related) => ({ ...related, span: move(related.span) })),
  };
}
