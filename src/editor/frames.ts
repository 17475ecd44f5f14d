import type { Family } from '../compiler/ir/value.js';
import type { Parameter, Parameters } from '../compiler/library/parameter.js';
import type { AnyWord } from '../compiler/library/word.js';
import type { StatementKind } from '../compiler/syntax/ast.js';

/** Purpose of a value, if known. */
export type Wanted =
  | { readonly kind: 'parameter'; readonly name: string; readonly parameter: Parameter; readonly owner: string }
  | { readonly kind: 'loss' }
  | { readonly kind: 'axis'; readonly name: string }
  | { readonly kind: 'condition'; readonly param: string }
  | { readonly kind: 'anything' };

/** Contents of braces. */
export type Held = 'layers' | 'heads' | 'transforms' | 'figures' | 'measures' | 'corruptions' | 'settings' | 'axes';

/** A token's syntactic role; names are not resolved yet. */
export type Role =
  | {
      readonly kind: 'keyword';
      readonly statement: StatementKind | 'experiment' | 'extends' | 'where' | 'define' | 'use';
    }
  /** The name that a definition gives, and one of its parameters. */
  | { readonly kind: 'defined' | 'parameter' }
  /** A name in a formula, in the call of a function there if there is one. */
  | { readonly kind: 'formula'; readonly definition: string; readonly called: string | null }
  /** The path after `use`. */
  | { readonly kind: 'used' }
  | { readonly kind: 'experiment' | 'parent' | 'param' | 'let' | 'label' | 'removed' | 'other' }
  | { readonly kind: 'head'; readonly owner: AnyWord | null }
  /** A word with parentheses or braces; the family is null if any is allowed. */
  | { readonly kind: 'word'; readonly family: Family | null; readonly definition: AnyWord | null }
  | { readonly kind: 'axis word' }
  | { readonly kind: 'argument'; readonly owner: AnyWord | null }
  | { readonly kind: 'setting'; readonly owner: string; readonly parameters: Parameters }
  | { readonly kind: 'axis' }
  | { readonly kind: 'value'; readonly wanted: Wanted }
  | { readonly kind: 'member'; readonly object: string };

/** A nesting level of the reader. */
export type Frame =
  | { readonly kind: 'file' }
  | { readonly kind: 'header'; step: 'name' | 'extends' | 'parent' | 'brace' }
  | DefinitionFrame
  | { readonly kind: 'use' }
  | { readonly kind: 'statements' }
  | StatementFrame
  | {
      readonly kind: 'items';
      readonly holds: Held;
      readonly owner: AnyWord | null;
      called: Called | null;
      readonly given: Set<string>;
    }
  /** After `name =` in braces. */
  | { readonly kind: 'setting'; readonly wanted: Wanted }
  | CallFrame
  | { readonly kind: 'list' | 'group'; readonly wanted: Wanted };

/** A definition: its role and name, then its parameters, then its formula; a block's layers are items of their own. */
export interface DefinitionFrame {
  readonly kind: 'definition';
  step: 'role' | 'name' | 'parameters' | 'formula';
  role: string;
  name: string;
  readonly parameters: string[];
  /** Parentheses that are open, the outermost first. */
  readonly open: FormulaCall[];
  /** Whether a parameter's value or condition is read. */
  value: 'default' | 'condition' | null;
}

/** Parentheses of a formula. */
export interface FormulaCall {
  /** The function before them; null for none. */
  readonly called: string | null;
  /** Arguments before this one. */
  position: number;
  /** Name of this argument; null for one without. */
  name: string | null;
}

export interface StatementFrame {
  readonly kind: 'statement';
  readonly statement: StatementKind;
  /** The word it begins with, such as the data set. */
  called: Called | null;
  /** Name declared by a param or a let. */
  declared: string | null;
  /** Value expected next; null before the value begins. */
  wanted: Wanted | null;
}

/** A word that may be followed by parentheses or braces. */
export interface Called {
  readonly word: string;
  readonly family: Family | null;
  readonly definition: AnyWord | null;
}

export interface CallFrame extends Called {
  readonly kind: 'call';
  /** Arguments without names before this one. */
  position: number;
  /** Name of this argument; null for one without. */
  name: string | null;
  readonly given: Set<string>;
}
