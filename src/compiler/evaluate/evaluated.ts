import type { CallExpression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/**
 * What an expression comes to. Words stay calls and free names stay symbols until the place they stand in says which
 * family or which kind of name is meant.
 */
export type Evaluated =
  | { readonly type: 'number'; readonly value: number; readonly span: Span }
  | { readonly type: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly type: 'string'; readonly value: string; readonly span: Span }
  | { readonly type: 'list'; readonly items: readonly Evaluated[]; readonly span: Span }
  /** A label, an activation, a member of an enumeration. */
  | { readonly type: 'symbol'; readonly name: string; readonly span: Span }
  /** `z.mu` */
  | { readonly type: 'member'; readonly name: string; readonly member: string; readonly span: Span }
  | { readonly type: 'call'; readonly call: CallExpression; readonly span: Span }
  /** A sum of weighted losses. */
  | { readonly type: 'loss'; readonly terms: readonly WeightedCall[]; readonly span: Span }
  /** An error was reported; what depends on it says nothing more. */
  | { readonly type: 'unknown'; readonly span: Span };

export interface WeightedCall {
  /** The factors before the call: numbers, and at most one schedule. */
  readonly factor: number;
  readonly schedule: CallExpression | null;
  readonly call: CallExpression;
}

/** For messages: "a number", "a list". */
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
      return 'a value that could not be worked out';
  }
}
