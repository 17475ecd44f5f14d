import type { CallExpression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/**
 * Result of an expression. Words stay calls and free names stay symbols until their context determines the family or
 * the kind of name.
 */
export type Evaluated =
  | { readonly type: 'number'; readonly value: number; readonly span: Span }
  | { readonly type: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly type: 'string'; readonly value: string; readonly span: Span }
  | { readonly type: 'list'; readonly items: readonly Evaluated[]; readonly span: Span }
  /** A label, an activation, or an enumeration member. */
  | { readonly type: 'symbol'; readonly name: string; readonly span: Span }
  /** `z.mu` */
  | { readonly type: 'member'; readonly name: string; readonly member: string; readonly span: Span }
  | { readonly type: 'call'; readonly call: CallExpression; readonly span: Span }
  | { readonly type: 'loss'; readonly terms: readonly WeightedCall[]; readonly span: Span }
  /** An error was reported; what depends on this value reports nothing further. */
  | { readonly type: 'unknown'; readonly span: Span };

export interface WeightedCall {
  /** Product of the numbers before the call; there is at most one schedule. */
  readonly factor: number;
  readonly schedule: CallExpression | null;
  readonly call: CallExpression;
}

/** Describes a value for messages: "a number", "a list". */
export function describeEvaluated(value: Evaluated): string {
  switch (value.type) {
    case 'number':
      return `the number ${value.value}`;
    case 'boolean':
      return `the boolean ${value.value}`;
    case 'string':
      return `the text "${value.value}"`;
    case 'list':
      return 'a list';
    case 'symbol':
      return `the name '${value.name}'`;
    case 'member':
      return `'${value.name}.${value.member}'`;
    case 'call':
      return `'${value.call.word.name}(…)'`;
    case 'loss':
      return 'a loss';
    case 'unknown':
      return 'a value that could not be computed';
  }
}
