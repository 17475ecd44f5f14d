import type { DataPart } from '../../metrics/metric-name.js';
import type { NetworkEnd } from '../ir/formula.js';
import type { Interval } from '../ir/interval.js';
import { closed, realLine } from '../ir/interval.js';
import {
  type Family,
  isLayerReference,
  isSchedule,
  isWordValue,
  type LayerReference,
  type Value,
  type WordValue,
} from '../ir/value.js';

/**
 * The parameters of a word, as data: the checker reads them, the reference is generated from them, and `ArgumentsOf`
 * gives the lowering its types.
 */
export type Parameter =
  | IntegerParameter
  | RealParameter
  | BooleanParameter
  | ChoiceParameter
  | TextParameter
  | WordParameter
  | LayerParameter
  | ListParameter
  | PairParameter;

interface Described<Default> {
  readonly doc: string;
  /** `epochs`, `pixels`: shown in the reference and in diagnostics. */
  readonly unit?: string;
  /** Names used by PyTorch and Keras, for hints. */
  readonly peers?: readonly string[];
  /** Hint for a value of another type. */
  readonly misfit?: string;
  /** Absent: the argument is required. Null: it is optional without a default. */
  readonly default?: Default;
}

/** An integer that shapes or counts are computed from; never a schedule. */
export interface IntegerParameter extends Described<number | null> {
  readonly type: 'integer';
  readonly range: Interval;
}

export interface RealParameter extends Described<number | null> {
  readonly type: 'real';
  readonly range: Interval;
  /** Whether it accepts a schedule. */
  readonly schedulable: boolean;
}

export interface BooleanParameter extends Described<boolean | null> {
  readonly type: 'boolean';
}

export interface ChoiceParameter extends Described<string | null> {
  readonly type: 'choice';
  readonly options: readonly string[];
}

export interface TextParameter extends Described<string | null> {
  readonly type: 'text';
  /** A path is relative to the file that names it, and may not leave the project or data folder. */
  readonly path: boolean;
  /** Names a metric of this part of the data, with or without a prefix: `validation.mse` is `mse`. */
  readonly metricOf?: DataPart;
  /**
   * Names what is elsewhere, such as a stored run: with or without quotation marks, and in no identity, where the hash
   * of what it names stands.
   */
  readonly elsewhere?: boolean;
  /** Whether it names a column of the experiment's table. */
  readonly namesColumn?: boolean;
}

/** A word of a family, with its arguments: `init=he()`, `activation=leaky_relu(0.2)`, `corrupt=salt(0.3)`. */
export interface WordParameter extends Described<string | null> {
  readonly type: 'word';
  readonly family: Family;
  /** Whether only layers that are activations are allowed. */
  readonly activation: boolean;
}

/** A label; by default `code`, the encoder's output, or `output`, the decoder's. */
export interface LayerParameter extends Described<NetworkEnd | null> {
  readonly type: 'layer';
  /** Whether `input`, the network's input, may stand in place of a label. */
  readonly allowsInput?: boolean;
}

export interface ListParameter extends Described<null> {
  readonly type: 'list';
  /** `class`: names and numbers of classes; a set, without an order. */
  readonly of: 'layer' | 'text' | 'class' | 'integer' | 'real';
  readonly range: Interval;
  /** Of numbers: whether a file of constants may give them. */
  readonly allowsFile?: boolean;
  /** Of labels: whether `input` may stand in place of one. */
  readonly allowsInput?: boolean;
  /** Of texts: whether they name columns of the experiment's table. */
  readonly namesColumn?: boolean;
}

/** `kernel=3` or `kernel=[3, 5]`: height and width. */
export interface PairParameter extends Described<number | null> {
  readonly type: 'pair';
  readonly range: Interval;
}

export type Parameters = Readonly<Record<string, Parameter>>;

type BareArgument<P extends Parameter> = P extends IntegerParameter
  ? number
  : P extends RealParameter
    ? P['schedulable'] extends true
      ? number | WordValue
      : number
    : P extends BooleanParameter
      ? boolean
      : P extends ChoiceParameter
        ? P['options'][number]
        : P extends TextParameter
          ? string
          : P extends WordParameter
            ? WordValue
            : P extends LayerParameter
              ? LayerReference
              : P extends ListParameter
                ? P['of'] extends 'layer'
                  ? readonly LayerReference[]
                  : P['of'] extends 'text' | 'class'
                    ? readonly string[]
                    : readonly number[]
                : P extends PairParameter
                  ? readonly [number, number]
                  : never;

/** Type of one argument; null if the parameter is optional without a default. */
export type ArgumentOf<P extends Parameter> = P extends { readonly default: null }
  ? BareArgument<P> | null
  : BareArgument<P>;

/** Arguments of a word; arbitrary values if the word is not known statically. */
export type ArgumentsOf<P extends Parameters> = string extends keyof P
  ? Readonly<Record<string, Value>>
  : { readonly [Name in keyof P]: ArgumentOf<P[Name]> };

/** Like {@link ArgumentsOf}, with every schedule replaced by its value at one point of the training. */
export type ResolvedArgumentsOf<P extends Parameters> = string extends keyof P
  ? Readonly<Record<string, Value>>
  : {
      readonly [Name in keyof P]: P[Name] extends RealParameter
        ? P[Name] extends { readonly default: null }
          ? number | null
          : number
        : ArgumentOf<P[Name]>;
    };

// Constructors. Each preserves the literal types of its options, which ArgumentsOf needs.

type Options<T> = Omit<T, 'type' | 'range'> & { readonly range?: Interval };

export function integer<const O extends Options<IntegerParameter>>(options: O) {
  return { type: 'integer', range: closed(1, Number.MAX_SAFE_INTEGER), ...options } as const;
}

/** A number that is constant during training. */
export function real<const O extends Omit<Options<RealParameter>, 'schedulable'>>(options: O) {
  return { type: 'real', schedulable: false, range: realLine, ...options } as const;
}

/** A number that may change during training: accepts a schedule. */
export function scheduled<const O extends Omit<Options<RealParameter>, 'schedulable'>>(options: O) {
  return { type: 'real', schedulable: true, range: realLine, ...options } as const;
}

export function boolean<const O extends Omit<BooleanParameter, 'type'>>(options: O) {
  return { type: 'boolean', ...options } as const;
}

export function choice<const O extends Omit<ChoiceParameter, 'type'>>(options: O) {
  return { type: 'choice', ...options } as const;
}

export function text<const O extends Omit<TextParameter, 'type' | 'path'>>(options: O) {
  return { type: 'text', path: false, ...options } as const;
}

export function path<const O extends Omit<TextParameter, 'type' | 'path'>>(options: O) {
  return { type: 'text', path: true, ...options } as const;
}

export function word<const O extends Omit<WordParameter, 'type' | 'activation'>>(options: O) {
  return { type: 'word', activation: false, ...options } as const;
}

export function activation<const O extends Omit<WordParameter, 'type' | 'activation' | 'family'>>(options: O) {
  const peers = ['act', 'act_fn', 'activation_fn', 'nonlinearity'];
  return { type: 'word', family: 'layer', activation: true, peers, ...options } as const;
}

export function layer<const O extends Omit<LayerParameter, 'type'>>(options: O) {
  return { type: 'layer', ...options } as const;
}

export function list<const O extends Options<ListParameter>>(options: O) {
  return { type: 'list', range: realLine, ...options } as const;
}

export function pair<const O extends Options<PairParameter>>(options: O) {
  return { type: 'pair', range: closed(1, Number.MAX_SAFE_INTEGER), ...options } as const;
}

/**
 * Arguments of a compiled word, typed by the parameters that they were checked against.
 * @throws RangeError for values that did not come from the checker
 */
export function typedArguments<P extends Parameters>(
  parameters: P,
  args: Readonly<Record<string, Value>>,
): ArgumentsOf<P> {
  if (fits(parameters, args)) return args;
  const wrong = Object.keys(parameters).find((name) => !fitsOne(parameters[name], args[name]));
  throw new RangeError(`'${wrong}' is not what its parameter takes`);
}

type AnyArguments = Readonly<Record<string, Value>>;

function fits<P extends Parameters>(parameters: P, args: AnyArguments): args is AnyArguments & ArgumentsOf<P> {
  return Object.entries(parameters).every(([name, parameter]) => fitsOne(parameter, args[name]));
}

function fitsOne(parameter: Parameter | undefined, value: Value | undefined): boolean {
  if (parameter === undefined || value === undefined) return false;
  if (value === null) return parameter.default === null;
  switch (parameter.type) {
    case 'integer':
      return typeof value === 'number';
    case 'real':
      return typeof value === 'number' || (parameter.schedulable && isSchedule(value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && parameter.options.includes(value);
    case 'text':
      return typeof value === 'string';
    case 'word':
      return isWordValue(value) && value.family === parameter.family;
    case 'layer':
      return isLayerReference(value);
    case 'list':
    case 'pair':
      return Array.isArray(value);
  }
}
