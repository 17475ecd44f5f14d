import type { Source, Span } from './source.js';

/** Contents of a file, before names are resolved. */
export interface FileNode {
  readonly kind: 'file';
  readonly source: Source;
  /** `use "losses.ae"`, in the order of the text. */
  readonly uses: readonly UseNode[];
  /** In the order of the text. */
  readonly definitions: readonly DefinitionNode[];
  readonly experiments: readonly ExperimentNode[];
}

/** `use "losses.ae"`: makes the definitions of another file of the project known. */
export interface UseNode {
  readonly kind: 'use';
  readonly path: string;
  readonly pathSpan: Span;
  readonly span: Span;
}

/** What a definition can define, as it is written after `define`. */
export const definitionRoles = ['loss', 'penalty', 'activation', 'block'] as const;
export type DefinitionRole = (typeof definitionRoles)[number];

export type DefinitionNode = FormulaDefinition | BlockDefinition;

/** `define loss charbonnier(epsilon = 0.001 where epsilon > 0) = mean(…)` */
export interface FormulaDefinition {
  readonly kind: 'definition';
  readonly role: Exclude<DefinitionRole, 'block'>;
  readonly name: Identifier;
  readonly parameters: readonly DefinitionParameter[];
  readonly formula: Expression;
  readonly span: Span;
}

/** `define block down(channels) { conv2d(channels, kernel=3)  relu() }` */
export interface BlockDefinition {
  readonly kind: 'definition';
  readonly role: 'block';
  readonly name: Identifier;
  readonly parameters: readonly DefinitionParameter[];
  readonly layers: readonly LabelledCall[];
  readonly span: Span;
}

/** `epsilon = 0.001 where epsilon > 0`; without a value, every call must give one. */
export interface DefinitionParameter {
  readonly name: Identifier;
  readonly value: Expression | null;
  readonly constraint: Expression | null;
  readonly span: Span;
}

export interface Identifier {
  readonly name: string;
  readonly span: Span;
}

export interface ExperimentNode {
  readonly kind: 'experiment';
  readonly name: Identifier;
  /** `extends sparse` or `extends "sparse.ae"`. */
  readonly parent: ParentReference | null;
  readonly statements: readonly Statement[];
  readonly span: Span;
}

export type ParentReference =
  | { readonly kind: 'name'; readonly name: Identifier }
  | { readonly kind: 'file'; readonly path: string; readonly span: Span };

export type Statement =
  | ParamStatement
  | LetStatement
  | DataStatement
  | TargetStatement
  | CorruptStatement
  | EncoderStatement
  | DecoderStatement
  | LossStatement
  | PretrainStatement
  | TrainStatement
  | ShowStatement
  | EvaluateStatement
  | SweepStatement
  | WithoutStatement;

export type StatementKind = Statement['kind'];

/** `param rho = 0.01 where 0 < rho < 1` */
export interface ParamStatement {
  readonly kind: 'param';
  readonly name: Identifier;
  readonly value: Expression;
  readonly constraint: Expression | null;
  readonly span: Span;
}

/** `let momentum = switch(0.5, 0.9, after=5)` */
export interface LetStatement {
  readonly kind: 'let';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `data mnist(take=50000) { random_crop(10) }`; the transforms are in `call.block`. */
export interface DataStatement {
  readonly kind: 'data';
  readonly call: CallExpression;
  readonly span: Span;
}

/** `target mnist()`: what the decoder must give if it isn't the input; the transforms are in `call.block`. */
export interface TargetStatement {
  readonly kind: 'target';
  readonly call: CallExpression;
  readonly span: Span;
}

/** `corrupt salt(0.3)`, or several in their order: `corrupt { gaussian(0.1)  salt(0.05) }`. */
export interface CorruptStatement {
  readonly kind: 'corrupt';
  readonly calls: readonly CallExpression[];
  readonly span: Span;
}

export interface EncoderStatement {
  readonly kind: 'encoder';
  readonly layers: readonly LabelledCall[];
  readonly span: Span;
}

/** Explicit layers, or a call that derives them from the encoder: `tied(encoder, output=sigmoid)`. */
export interface DecoderStatement {
  readonly kind: 'decoder';
  readonly body:
    | { readonly kind: 'layers'; readonly layers: readonly LabelledCall[] }
    | { readonly kind: 'derived'; readonly call: CallExpression };
  readonly span: Span;
}

export interface LossStatement {
  readonly kind: 'loss';
  readonly value: Expression;
  readonly span: Span;
}

/** `pretrain rbm(on=[h1]) { epochs = 5 }` */
export interface PretrainStatement {
  readonly kind: 'pretrain';
  readonly call: CallExpression;
  readonly settings: readonly Setting[];
  readonly span: Span;
}

/** `train adam(lr=0.001) { epochs = 15  batch = 32 }` */
export interface TrainStatement {
  readonly kind: 'train';
  readonly call: CallExpression;
  readonly settings: readonly Setting[];
  readonly span: Span;
}

export interface ShowStatement {
  readonly kind: 'show';
  readonly calls: readonly CallExpression[];
  readonly span: Span;
}

export interface EvaluateStatement {
  readonly kind: 'evaluate';
  readonly calls: readonly CallExpression[];
  readonly span: Span;
}

/** `sweep { rho = [0.01, 0.05]  seeds = 5 }` */
export interface SweepStatement {
  readonly kind: 'sweep';
  readonly settings: readonly Setting[];
  readonly span: Span;
}

/** `without corrupt`: removes the parent's statement. */
export interface WithoutStatement {
  readonly kind: 'without';
  readonly target: RemovableStatement;
  readonly targetSpan: Span;
  readonly span: Span;
}

export const removableStatements = [
  'data',
  'target',
  'corrupt',
  'encoder',
  'decoder',
  'loss',
  'pretrain',
  'train',
  'show',
  'evaluate',
  'sweep',
] as const;
export type RemovableStatement = (typeof removableStatements)[number];

/** `epochs = 15` */
export interface Setting {
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `code: dense(100)`; the label is optional. */
export interface LabelledCall {
  readonly label: Identifier | null;
  readonly call: CallExpression;
  readonly span: Span;
}

export type Expression =
  | NumberLiteral
  | BooleanLiteral
  | StringLiteral
  | ListExpression
  | NameExpression
  | MemberExpression
  | CallExpression
  | UnaryExpression
  | ArithmeticExpression
  | LogicalExpression
  | ComparisonExpression
  | MembershipExpression;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  /** Source text, for the formatter. */
  readonly text: string;
  readonly span: Span;
}

export interface BooleanLiteral {
  readonly kind: 'boolean';
  readonly value: boolean;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface ListExpression {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
}

/** A reference to a param, a let, a label, an enumeration member or an activation; also `encoder` and `input`. */
export interface NameExpression {
  readonly kind: 'name';
  readonly name: string;
  readonly span: Span;
}

/** `input.size`, `z.mu` */
export interface MemberExpression {
  readonly kind: 'member';
  readonly object: Expression;
  readonly member: Identifier;
  readonly span: Span;
}

/** `word(arguments) { block }`; the parentheses may be omitted before a block. */
export interface CallExpression {
  readonly kind: 'call';
  readonly word: Identifier;
  readonly arguments: readonly Argument[];
  readonly block: readonly LabelledCall[] | null;
  readonly span: Span;
}

export interface Argument {
  /** Null for a positional argument. */
  readonly name: Identifier | null;
  readonly value: Expression;
  readonly span: Span;
}

export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: '-' | 'not';
  readonly operand: Expression;
  readonly span: Span;
}

export interface ArithmeticExpression {
  readonly kind: 'arithmetic';
  readonly operator: '+' | '-' | '*' | '/' | '**';
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

export interface LogicalExpression {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** Chained as in Python: `0 < rho < 1` has three operands and two operators. */
export interface ComparisonExpression {
  readonly kind: 'comparison';
  readonly operands: readonly Expression[];
  readonly operators: readonly ComparisonOperator[];
  readonly span: Span;
}

/** `reduction in [mean, sum]` */
export interface MembershipExpression {
  readonly kind: 'membership';
  readonly value: Expression;
  readonly list: Expression;
  readonly span: Span;
}
