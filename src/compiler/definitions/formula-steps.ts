import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { DefinedParameter, Definition } from '../ir/definition.js';
import {
  axesKeptBy,
  type Formula,
  type FormulaAxis,
  type FormulaKind,
  type FormulaReduction,
  kindOf,
  partsOfLayer,
  type ShiftAxis,
  type Step,
  stepKey,
} from '../ir/formula.js';
import type { Span } from '../syntax/source.js';

/** Most steps of a formula, with those of the definitions that it calls. */
export const mostSteps = 2000;

/** Where a formula stands; `condition` for a `where`, which has numbers alone. */
export type FormulaRole = Definition['role'] | 'condition';

/** A formula, and where each of its steps is written. */
export interface CheckedFormula {
  readonly formula: Formula;
  readonly places: readonly Span[];
  readonly kind: FormulaKind;
}

/** The steps of a formula while it is checked, each with its kind and where it is written. */
export class FormulaSteps {
  readonly #role: FormulaRole;
  readonly #collector: DiagnosticCollector;
  readonly #steps: Step[] = [];
  readonly #places: Span[] = [];
  readonly #kinds: FormulaKind[] = [];
  readonly #known = new Map<string, number>();
  #isTooLong = false;

  constructor(role: FormulaRole, collector: DiagnosticCollector) {
    this.#role = role;
    this.#collector = collector;
  }

  /** The steps that a result is made of, each after its operands in their order, whatever the order they were met in. */
  finished(result: number): CheckedFormula {
    const places = new Map<number, number>();
    const pending = [result];
    for (let index = pending.at(-1); index !== undefined; index = pending.at(-1)) {
      const step = this.stepAt(index);
      const operands = 'operands' in step ? step.operands : [];
      const missing = operands.find((operand) => !places.has(operand));
      if (missing !== undefined && !places.has(index)) {
        pending.push(missing);
        continue;
      }
      if (!places.has(index)) places.set(index, places.size);
      pending.pop();
    }
    const kept = [...places.keys()];
    const at = (index: number): number => held(places.get(index), index);
    return {
      formula: kept.map((index) => withOperands(this.stepAt(index), at)),
      places: kept.map((index) => held(this.#places[index], index)),
      kind: this.kindAt(result),
    };
  }

  stepAt(index: number): Step {
    return held(this.#steps[index], index);
  }

  kindAt(index: number): FormulaKind {
    return held(this.#kinds[index], index);
  }

  /** Adds a step, unless an equal one is there. Returns its index; null after an error. */
  add(step: Step, span: Span): number | null {
    const key = stepKey(step);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#steps.length >= mostSteps) {
      if (!this.#isTooLong) {
        this.#isTooLong = true;
        this.#collector.error('AE310', `a formula of more than ${mostSteps} steps, which is the limit`, span, {
          hint: 'with the definitions that it calls; split it into terms of the loss',
        });
      }
      return null;
    }
    if (step.kind === 'operation' && !this.#goTogether(step.operands)) {
      return this.#fail(
        'AE312',
        'values of pairs of features go together with numbers and with one another alone',
        span,
        'reduce them first: sum(gram(x) ** 2); the pairs of a feature with itself are mean(x ** 2, axis=batch)',
      );
    }
    const kind = kindOf(step, this.#kinds);
    this.#steps.push(step);
    this.#places.push(span);
    this.#kinds.push(kind);
    this.#known.set(key, this.#steps.length - 1);
    return this.#steps.length - 1;
  }

  #goTogether(operands: readonly number[]): boolean {
    const kinds = operands.map((operand) => this.kindAt(operand));
    return (
      kinds.every(({ pairs }) => !pairs) || kinds.every(({ pairs, batch, features }) => pairs || (!batch && !features))
    );
  }

  /** The products of two tensors' features, averaged over the batch. */
  products(a: number, b: number, place: Span, span: Span): number | null {
    if (this.#role === 'activation')
      return this.#fail('AE312', 'an activation sees one example at a time, and gram is a mean over the batch', place);
    for (const operand of [a, b]) {
      const kind = this.kindAt(operand);
      if (kind.batch && kind.features) continue;
      return this.#fail(
        'AE312',
        `'gram' takes a value for each feature of each example, not ${describeKind(kind)}`,
        span,
      );
    }
    return this.add({ kind: 'gram', operands: [a, b] }, span);
  }

  /** A tensor moved along an axis of its images or signals. */
  shifted(operand: number, axis: ShiftAxis, by: number, axisSpan: Span, span: Span): number | null {
    const kind = this.kindAt(operand);
    if (!kind.features || kind.pairs)
      return this.#fail('AE312', `this has no ${axis}: it is ${describeKind(kind)}`, axisSpan);
    return this.add({ kind: 'shift', axis, by, operands: [operand] }, span);
  }

  reduced(reduction: FormulaReduction, over: FormulaAxis, operand: number, axisSpan: Span, span: Span): number | null {
    const kind = this.kindAt(operand);
    if (!kind.batch && !kind.features) {
      const isLayer = this.#role === 'penalty' || this.#role === 'loss';
      const hint =
        kind.constant && isLayer
          ? 'a parameter that is a layer has a label as its value: on = code'
          : `leave '${reduction}' out`;
      return this.#fail('AE312', `'${reduction}' of a single number`, span, hint);
    }
    const isOfFeatures = over !== 'batch' && over !== 'everything';
    const isGone = axesKeptBy(over).length > 0 && axesKeptBy(over).every((axis) => kind.reduced.includes(axis));
    if (
      (isOfFeatures && !kind.features) ||
      (over === 'batch' && !kind.batch) ||
      isGone ||
      (kind.pairs && isOfFeatures)
    ) {
      const message = `this has no ${over}: it is ${describeKind(kind)}`;
      return this.#fail('AE312', message, axisSpan, 'leave the axis out, or reduce something else');
    }
    if (this.#role === 'activation' && !isOfFeatures) {
      return this.#fail(
        'AE312',
        'an activation sees one example at a time',
        axisSpan,
        'write axis=features; batch_norm() looks at the batch, and keeps what it needs for single examples',
      );
    }
    return this.add({ kind: 'reduction', reduction, over, operands: [operand] }, span);
  }

  /** The steps of a definition that is called, with the arguments that are given. */
  inlined(
    { formula, parameters }: Definition,
    given: ReadonlyMap<string, { readonly index: number | null }>,
    span: Span,
  ): number | null {
    const moved: number[] = [];
    for (const step of formula) {
      const at = this.#moved(step, parameters, given, moved, span);
      if (at === null) return null;
      moved.push(at);
    }
    return moved.at(-1) ?? null;
  }

  #moved(
    step: Step,
    parameters: readonly DefinedParameter[],
    given: ReadonlyMap<string, { readonly index: number | null }>,
    moved: readonly number[],
    span: Span,
  ): number | null {
    const at = (operand: number): number => held(moved[operand], operand);
    switch (step.kind) {
      case 'number':
        return this.add(step, span);
      case 'tensor':
        return (step.name === 'x' ? given.get('x')?.index : undefined) ?? this.add(step, span);
      case 'parameter': {
        const index = given.get(step.name)?.index;
        if (index !== undefined && index !== null) return index;
        const parameter = parameters.find(({ name }) => name === step.name);
        if (parameter?.kind !== 'number' || parameter.default === null)
          throw new RangeError(`a definition's parameter ${step.name} has no value`);
        return this.add({ kind: 'number', value: parameter.default }, span);
      }
      case 'layer': {
        const { parameter, head } = partsOfLayer(step.name);
        const index = given.get(parameter)?.index ?? null;
        const named = parameters.find(({ name }) => name === parameter);
        const end = named?.kind === 'layer' ? named.default : 'code';
        if (head === null) return index ?? this.add({ kind: 'layer', name: end }, span);
        const owner: Step = index === null ? { kind: 'layer', name: end } : this.stepAt(index);
        if (owner.kind !== 'layer' || partsOfLayer(owner.name).head !== null)
          return this.#fail('AE312', `'${parameter}' must be a layer with a '${head}', not a head of one`, span);
        return this.add({ kind: 'layer', name: `${owner.name}.${head}` }, span);
      }
      case 'reduction':
        return this.reduced(step.reduction, step.over, at(step.operands[0]), span, span);
      case 'shift':
        return this.shifted(at(step.operands[0]), step.axis, step.by, span, span);
      case 'gram':
        return this.products(at(step.operands[0]), at(step.operands[1]), span, span);
      case 'operation':
        return this.add({ ...step, operands: step.operands.map(at) }, span);
    }
  }

  #fail(code: DiagnosticCode, message: string, span: Span, hint: string | null = null): null {
    this.#collector.error(code, message, span, { hint });
    return null;
  }
}

/** A value of a step that must be there. */
function held<T>(value: T | undefined, index: number): T {
  if (value === undefined) throw new RangeError(`a formula has no step ${index}`);
  return value;
}

function withOperands(step: Step, at: (index: number) => number): Step {
  switch (step.kind) {
    case 'operation':
      return { ...step, operands: step.operands.map(at) };
    case 'reduction':
    case 'shift':
      return { ...step, operands: [at(step.operands[0])] };
    case 'gram':
      return { ...step, operands: [at(step.operands[0]), at(step.operands[1])] };
    default:
      return step;
  }
}

/** `a value for each example and feature`, `one number` */
export function describeKind({ batch, features, reduced, pairs, truth }: FormulaKind): string {
  const what = truth ? 'a truth' : 'a value';
  if (pairs) return `${what} for each pair of features`;
  if (reduced.length > 0) return `${what}${batch ? ' of each example' : ''} without ${reduced.join(' and ')}`;
  if (batch && features) return `${what} for each feature of each example`;
  if (batch) return `${what} for each example`;
  return features ? `${what} for each feature` : 'one number';
}
