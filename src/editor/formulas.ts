import * as t from '../../grammar/tokens.js';
import {
  axisMeanings,
  describedFunctions,
  type FormulaFunction,
  formulaTensors,
} from '../compiler/definitions/formula-functions.js';
import { formulaAxes, shiftAxes } from '../compiler/ir/formula.js';
import { ownValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import { describeWord, firstSentence, signature } from '../compiler/library/reference.js';
import type { AnyWord } from '../compiler/library/word.js';
import { is, isOneOf } from '../compiler/syntax/token-kinds.js';
import type { DefinitionFrame, FormulaCall } from './frames.js';
import type { Cursor, Reading } from './reading.js';

/** What may stand at a place of a formula. */
export interface FormulaName {
  readonly label: string;
  readonly kind: 'function' | 'word' | 'tensor' | 'parameter' | 'axis' | 'argument';
  readonly detail: string;
  readonly doc: string;
  /** With `<text>` where something is to be filled in. */
  readonly snippet: string | null;
}

/** A function of formulas, or a definition that a formula calls, with its arguments. */
export interface FormulaSignature {
  readonly label: string;
  readonly doc: string;
  readonly parameters: readonly { readonly name: string; readonly doc: string }[];
}

/** Tensors that a definition of this role has. */
export function tensorsOf(role: string): readonly string[] {
  if (role === 'activation') return ['x'];
  return role === 'loss' || role === 'penalty' ? ['output', 'target', 'input', 'code'] : [];
}

/** Values of `axis` of a function in a definition of this role. */
function axesOf(role: string, called: string | null): readonly string[] {
  if (called === 'shift') return shiftAxes;
  return role === 'activation' ? formulaAxes.filter((axis) => axis !== 'batch' && axis !== 'everything') : formulaAxes;
}

/** Everything that may stand where a value of a formula begins; empty within a value, and where none is wanted. */
export function namesAt(
  frame: DefinitionFrame,
  { previous, typed }: Pick<Cursor, 'previous' | 'typed'>,
  reading: Reading,
  library: Library,
): readonly FormulaName[] {
  const parameters = frame.parameters
    .filter((name) => name !== typed?.image)
    .map((name) => namedParameter(name, frame.name));
  if (frame.step === 'parameters') {
    if (!isOneOf(previous, beginnings) || frame.value === null) return [];
    if (frame.value === 'condition') return parameters;
    return frame.role === 'activation' ? [] : [namedTensor('code')];
  }
  if (frame.step !== 'formula' || !isOneOf(previous, beginnings)) return [];
  const call = frame.open.at(-1);
  if (call?.name === 'axis') return axesOf(frame.role, call.called).map(namedAxis);
  return [
    ...(call !== undefined && isOneOf(previous, [t.LeftParenthesis, t.Comma]) ? argumentsOf(call, library) : []),
    ...parameters,
    ...tensorsOf(frame.role).map(namedTensor),
    ...definitionsBefore(frame, typed?.startOffset ?? previous.startOffset, reading, library).map(namedWord),
    ...describedFunctions.map(namedFunction),
  ];
}

const beginnings = [t.Equals, t.Comma, t.LeftParenthesis, t.BinaryOperator, t.PrefixOperator, t.Where];

function argumentsOf({ called, position }: FormulaCall, library: Library): readonly FormulaName[] {
  if (called === null) return [];
  const known = signatureOf(called, library);
  const isFunction = functionNamed(called) !== undefined;
  return (known?.parameters ?? [])
    .filter(({ name }, i) => (isFunction ? name === 'axis' && position > 0 : name !== 'x' && i >= position))
    .map(({ name, doc }) => ({
      ...{ label: name, kind: 'argument' as const, detail: `of ${called}`, doc },
      snippet: name === 'axis' ? 'axis=<features>' : `${name}=<>`,
    }));
}

/** Definitions that a formula may call: those above it, and those of files that its file uses. */
function definitionsBefore(
  { role, name }: DefinitionFrame,
  offset: number,
  { places }: Reading,
  library: Library,
): readonly AnyWord[] {
  const later = new Set(
    places.flatMap(({ role: { kind }, token }) =>
      kind === 'defined' && token.startOffset > offset ? [token.image] : [],
    ),
  );
  return library.words.filter(
    (word) =>
      (word.family === 'layer' || word.family === 'loss') &&
      word.defined !== undefined &&
      (role !== 'activation' || word.family === 'layer') &&
      word.name !== name &&
      !later.has(word.name),
  );
}

function functionNamed(name: string): FormulaFunction | undefined {
  return describedFunctions.find((each) => each.name === name);
}

/** A definition of this name, as a formula calls it. */
function definitionNamed(name: string, library: Library): AnyWord | undefined {
  return library.words.find(
    (word) => (word.family === 'layer' || word.family === 'loss') && word.defined !== undefined && word.name === name,
  );
}

/** How what a formula calls is written; null if it is nothing. */
export function signatureOf(name: string, library: Library): FormulaSignature | null {
  const known = functionNamed(name);
  if (known !== undefined) {
    const parameters = known.parameters.map((each) => ({
      name: each,
      doc: each === 'axis' ? `${formulaAxes.join(', ')}; everything without one` : '',
    }));
    return { label: known.usage, doc: known.doc, parameters };
  }
  const word = definitionNamed(name, library);
  if (word === undefined) return null;
  const { parameters } = describeWord(word);
  const shown = parameters.map((each) => ({ name: each.name, doc: each.doc }));
  return {
    label: calledLike(word),
    doc: firstSentence(word.doc),
    parameters: word.family === 'layer' ? [{ name: 'x', doc: 'Any tensor.' }, ...shown] : shown,
  };
}

/** In a formula an activation is a function of a tensor. */
function calledLike(word: AnyWord): string {
  const text = signature(word);
  if (word.family !== 'layer') return text;
  return text.replace('(', Object.keys(word.parameters).length > 0 ? '(x, ' : '(x');
}

/** What a name of a formula means, as Markdown's code and a sentence; null for a name that a definition or nothing has. */
export function meaningOf(
  name: string,
  role: string,
  isCalled: boolean,
  library: Library,
): { readonly code: string; readonly doc: string } | null {
  const called = isCalled ? signatureOf(name, library) : null;
  if (called !== null) return { code: called.label, doc: called.doc };
  const axis = ownValue(axisMeanings, name);
  if (axis !== undefined) return { code: `axis=${name}`, doc: axis };
  if (name === 'axis') return { code: 'axis=features', doc: `one of ${formulaAxes.join(', ')}` };
  const tensor = tensorsOf(role).includes(name) ? ownValue(formulaTensors, name) : undefined;
  return tensor === undefined ? null : { code: name, doc: tensor };
}

function namedFunction({ name, usage, doc, parameters }: FormulaFunction): FormulaName {
  const required = parameters.filter((each) => each !== 'axis');
  const snippet = `${name}(${required.map((each) => `<${each}>`).join(', ')})`;
  return { label: name, kind: 'function', detail: usage, doc, snippet };
}

function namedWord(word: AnyWord): FormulaName {
  const snippet = `${word.name}(${word.family === 'layer' ? '<x>' : '<>'})`;
  return { label: word.name, kind: 'word', detail: calledLike(word), doc: firstSentence(word.doc), snippet };
}

function namedTensor(label: string): FormulaName {
  return { label, kind: 'tensor', detail: 'tensor', doc: ownValue(formulaTensors, label) ?? '', snippet: null };
}

function namedParameter(label: string, definition: string): FormulaName {
  return { label, kind: 'parameter', detail: `parameter of ${definition}`, doc: '', snippet: null };
}

function namedAxis(label: string): FormulaName {
  return { label, kind: 'axis', detail: 'axis', doc: ownValue(axisMeanings, label) ?? '', snippet: null };
}

/** Whether a token is the name of a call. */
export function isCalledAt(reading: Reading, index: number): boolean {
  const next = reading.tokens[index + 1];
  return next !== undefined && is(next, t.LeftParenthesis);
}
