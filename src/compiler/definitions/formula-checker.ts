import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Suggestion } from '../diagnostics/diagnostic.js';
import { closest, meantName, someOf, withArticle } from '../diagnostics/suggest.js';
import type { DefinedParameter, Definition } from '../ir/definition.js';
import {
  comparisons,
  elementFunctions,
  type FormulaAxis,
  type FormulaReduction,
  formulaAxes,
  networkEnds,
  type Operation,
  reductions,
  shiftAxes,
  tensorNames,
} from '../ir/formula.js';
import type {
  ArithmeticExpression,
  CallExpression,
  ComparisonExpression,
  Expression,
  MemberExpression,
} from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { type Aggregate, aggregated, aggregateNamed, axisOfAggregate } from './formula-aggregates.js';
import { formulaFunctions } from './formula-functions.js';
import { axisElsewhere, insteadOfFormulaFunction, insteadOfFormulaName } from './formula-habits.js';
import { type CheckedFormula, type FormulaRole, FormulaSteps } from './formula-steps.js';

/** Names that a formula may use. */
export interface FormulaScope {
  readonly role: FormulaRole;
  readonly parameters: readonly DefinedParameter[];
  /** Another definition; a reason why there is none of that name here. */
  definition(name: string): Definition | { readonly problem: string; readonly hint: string | null } | null;
  /** Words that are no functions, and what they are. */
  wordOf(name: string): string | null;
}

/** Checks an expression of a definition; null after reporting why it is no formula. */
export function checkFormula(
  expression: Expression,
  scope: FormulaScope,
  collector: DiagnosticCollector,
): CheckedFormula | null {
  const checker = new FormulaChecker(scope, collector);
  const result = checker.check(expression);
  return result === null ? null : checker.steps.finished(result);
}

class FormulaChecker {
  readonly #scope: FormulaScope;
  readonly #collector: DiagnosticCollector;
  readonly steps: FormulaSteps;

  constructor(scope: FormulaScope, collector: DiagnosticCollector) {
    this.#scope = scope;
    this.#collector = collector;
    this.steps = new FormulaSteps(scope.role, collector);
  }

  /** Index of the step that is the expression's value; null after an error. */
  check(expression: Expression): number | null {
    const { span } = expression;
    switch (expression.kind) {
      case 'number':
        return this.steps.add({ kind: 'number', value: expression.value }, span);
      case 'name':
        return this.#name(expression.name, span);
      case 'unary':
        return expression.operator === '-'
          ? this.#operation('negate', [expression.operand], span)
          : this.#logic('not', [expression.operand], span);
      case 'arithmetic':
        return this.#arithmetic(expression);
      case 'comparison':
        return this.#comparison(expression);
      case 'logical':
        return this.#logic(expression.operator, [expression.left, expression.right], span);
      case 'call':
        return this.#call(expression);
      case 'member':
        return this.#member(expression);
      case 'membership':
        return this.#fail('AE312', "a formula has no 'in'", span, { hint: 'write a == 1 or a == 2' });
      case 'boolean':
      case 'string':
      case 'list':
        return this.#fail('AE312', 'a formula has numbers and tensors alone', span);
    }
  }

  #fail(
    code: DiagnosticCode,
    message: string,
    span: Span,
    details: { readonly hint?: string | Suggestion | null } = {},
  ): null {
    this.#collector.error(code, message, span, details);
    return null;
  }

  #name(name: string, span: Span): number | null {
    const parameter = this.#scope.parameters.find((each) => each.name === name);
    if (parameter) {
      return parameter.kind === 'number'
        ? this.steps.add({ kind: 'parameter', name }, span)
        : this.steps.add({ kind: 'layer', name }, span);
    }
    const { role } = this.#scope;
    if (name === 'code' && (role === 'loss' || role === 'penalty'))
      return this.steps.add({ kind: 'layer', name }, span);
    const tensor = tensorNames.find((known) => known === name);
    if (tensor !== undefined) {
      if (role === 'condition')
        return this.#fail('AE312', `a condition has numbers alone, and '${name}' is a tensor`, span);
      if (role === 'activation' ? tensor === 'x' : tensor !== 'x')
        return this.steps.add({ kind: 'tensor', name: tensor }, span);
      return this.#fail('AE202', `there is no '${name}' in ${withArticle(role)}`, span, {
        hint: role === 'activation' ? 'an activation has x' : 'a loss has output, target, input and code',
      });
    }
    const known = [...this.#scope.parameters.map((each) => each.name), ...this.#tensors()];
    const isFunction = formulaFunctions.includes(name);
    const definition = this.#scope.definition(name);
    const hint = isFunction
      ? `'${name}' is a function: write ${name}(…)`
      : definition !== null
        ? `call it: ${name}(…)`
        : (insteadOfFormulaName(name) ?? meantName(name, known) ?? `a number of its own is a parameter: ${name} = 1`);
    return this.#fail('AE202', `there is no '${name}' in this formula`, span, { hint });
  }

  /** `output.logvar`: a head of the layer that a parameter names, or of an end of the network. */
  #member({ object, member, span }: MemberExpression): number | null {
    const layer = object.kind === 'name' ? this.#layerNamed(object.name) : null;
    if (layer !== null && !formulaFunctions.includes(member.name))
      return this.steps.add({ kind: 'layer', name: `${layer}.${member.name}` }, span);
    return this.#fail('AE312', `a formula has no members such as '.${member.name}'`, span, {
      hint: 'functions stand before their operands: mean(x, axis=features)',
    });
  }

  #layerNamed(name: string): string | null {
    const { role, parameters } = this.#scope;
    if (role !== 'loss' && role !== 'penalty') return null;
    const isLayer = parameters.some((each) => each.name === name && each.kind === 'layer');
    return isLayer || networkEnds.some((end) => end === name) ? name : null;
  }

  #tensors(): readonly string[] {
    const { role } = this.#scope;
    if (role === 'condition') return [];
    return role === 'activation' ? ['x'] : ['output', 'target', 'input', 'code'];
  }

  #operation(operation: Operation, operands: readonly Expression[], span: Span): number | null {
    const checked = operands.map((operand) => this.#numeric(operand, `'${shownOperator(operation)}'`));
    const found = checked.filter((operand) => operand !== null);
    if (found.length < checked.length) return null;
    return this.steps.add({ kind: 'operation', operation, operands: found }, span);
  }

  /** An operand that is no truth. */
  #numeric(operand: Expression, of: string): number | null {
    const index = this.check(operand);
    if (index === null || !this.steps.kindAt(index).truth) return index;
    return this.#fail('AE312', `${of} takes numbers, and this is true or false`, operand.span, {
      hint: `write where(${textOf(operand.span)}, 1, 0)`,
    });
  }

  #truth(operand: Expression, of: string): number | null {
    const index = this.check(operand);
    if (index === null || this.steps.kindAt(index).truth) return index;
    return this.#fail('AE312', `${of} takes a condition, and this is a number`, operand.span, {
      hint: `write ${textOf(operand.span)} > 0`,
    });
  }

  #arithmetic({ operator, left, right, span }: ArithmeticExpression): number | null {
    return this.#operation(operator, [left, right], span);
  }

  #logic(operator: 'and' | 'or' | 'not', operands: readonly Expression[], span: Span): number | null {
    const checked = operands.map((operand) => this.#truth(operand, `'${operator}'`));
    const found = checked.filter((operand) => operand !== null);
    if (found.length < checked.length) return null;
    return this.steps.add({ kind: 'operation', operation: operator, operands: found }, span);
  }

  /** `a < b < c` is `a < b and b < c`. */
  #comparison({ operands, operators, span }: ComparisonExpression): number | null {
    const checked = operands.map((operand) => this.#numeric(operand, 'a comparison'));
    let all: number | null = null;
    for (const [i, operator] of operators.entries()) {
      const [left, right] = [checked[i], checked[i + 1]];
      const known = comparisons.find((each) => each === operator);
      if (left == null || right == null || known === undefined) return null;
      const holds = this.steps.add({ kind: 'operation', operation: known, operands: [left, right] }, span);
      if (holds === null) return null;
      all =
        all === null ? holds : this.steps.add({ kind: 'operation', operation: 'and', operands: [all, holds] }, span);
      if (all === null) return null;
    }
    return all;
  }

  #call(call: CallExpression): number | null {
    const { name, span } = call.word;
    if (call.block !== null)
      return this.#fail('AE312', 'a formula has no layers', call.span, { hint: 'a block of layers is define block' });
    const reduction = reductions.find((known) => known === name);
    if (reduction !== undefined) return this.#reductionOrExtreme(reduction, call);
    const element = elementFunctions.find((known) => known === name);
    if (element !== undefined) return this.#function(element, call, ['x']);
    if (name === 'clip') return this.#function('clip', call, ['x', 'low', 'high']);
    if (name === 'where') return this.#where(call);
    if (name === 'shift') return this.#shift(call);
    if (name === 'gram') return this.#gram(call);
    const aggregate = aggregateNamed(name);
    if (aggregate !== null) return this.#aggregate(aggregate, call);
    const definition = this.#scope.definition(name);
    if (definition !== null) {
      if (!('problem' in definition)) return this.#inlined(definition, call);
      return this.#fail('AE217', definition.problem, span, { hint: definition.hint });
    }
    const instead = insteadOfFormulaFunction(name);
    const word = this.#scope.wordOf(name);
    const hint =
      instead !== null
        ? `write ${instead}`
        : word !== null
          ? `${name}() is ${withArticle(word)}, and no function: a formula has ${someOf(formulaFunctions)}`
          : (meantName(name, formulaFunctions) ?? `there are ${someOf(formulaFunctions)}`);
    return this.#fail('AE201', `there is no function '${name}'`, span, { hint });
  }

  /** Operands of a function, all without names. */
  #operands(call: CallExpression, names: readonly string[]): readonly Expression[] | null {
    const { name, span } = call.word;
    const named = call.arguments.find((argument) => argument.name !== null);
    const usage = `write ${name}(${names.join(', ')})`;
    if (named?.name) {
      const message = `'${name}' has no argument '${named.name.name}'`;
      return this.#fail('AE301', message, named.name.span, { hint: usage });
    }
    if (call.arguments.length === names.length) return call.arguments.map(({ value }) => value);
    const [excess] = call.arguments.slice(names.length);
    const takes = `'${name}' takes ${names.length === 1 ? 'one value' : `${names.length} values`}`;
    return excess
      ? this.#fail('AE304', `${takes}, and this is one too many`, excess.span, { hint: usage })
      : this.#fail('AE302', `${takes}`, span, { hint: usage });
  }

  #function(operation: Operation, call: CallExpression, names: readonly string[]): number | null {
    const operands = this.#operands(call, names);
    return operands && this.#operation(operation, operands, call.span);
  }

  #where(call: CallExpression): number | null {
    const operands = this.#operands(call, ['condition', 'a', 'b']);
    const [condition, a, b] = operands ?? [];
    if (!condition || !a || !b) return null;
    const checked = [this.#truth(condition, "'where'"), this.#numeric(a, "'where'"), this.#numeric(b, "'where'")];
    const found = checked.filter((operand) => operand !== null);
    if (found.length < checked.length) return null;
    return this.steps.add({ kind: 'operation', operation: 'where', operands: found }, call.span);
  }

  /** `max(a, b)` is the greater of each pair of values, `max(x)` and `max(x, axis=features)` the greatest of many. */
  #reductionOrExtreme(reduction: FormulaReduction, call: CallExpression): number | null {
    const [, second] = call.arguments;
    const isPair =
      second !== undefined &&
      second.name === null &&
      (reduction === 'max' || reduction === 'min') &&
      this.#axisIn(second.value) === null;
    if (isPair) return this.#function(reduction === 'max' ? 'maximum' : 'minimum', call, ['a', 'b']);
    const found = this.#overAxis(call, 'everything');
    return found && this.steps.reduced(reduction, found.over, found.operand, found.axisSpan, call.span);
  }

  /** The operand and the axis of what goes over one. */
  #overAxis(
    { word, arguments: [of, second, ...others], span }: CallExpression,
    byDefault: FormulaAxis,
  ): { readonly operand: number; readonly over: FormulaAxis; readonly axisSpan: Span } | null {
    const usage = `write ${word.name}(x), ${word.name}(x, axis=features) or ${word.name}(x, axis=batch)`;
    if (of === undefined) return this.#fail('AE302', `'${word.name}' takes a tensor`, word.span, { hint: usage });
    if (of.name !== null)
      return this.#fail('AE301', `'${word.name}' has no argument '${of.name.name}'`, of.name.span, { hint: usage });
    if (second !== undefined && second.name !== null && second.name.name !== 'axis') {
      const isElsewhere = axisElsewhere.includes(second.name.name) || closest(second.name.name, ['axis']) !== null;
      return this.#fail('AE301', `'${word.name}' has no argument '${second.name.name}'`, second.name.span, {
        hint: isElsewhere ? `the axes have names here: axis=features or axis=batch` : usage,
      });
    }
    const [excess] = others;
    if (excess !== undefined) {
      const isKept = excess.name?.name.startsWith('keepdim') ?? false;
      return this.#fail('AE304', `'${word.name}' takes a tensor and an axis, and this is one too many`, excess.span, {
        hint: isKept ? 'leave it out: values of examples and of features go together by themselves' : usage,
      });
    }
    const operand = this.#numeric(of.value, `'${word.name}'`);
    const over = second === undefined ? byDefault : this.#axis(second.value, word.name);
    return operand === null || over === null ? null : { operand, over, axisSpan: second?.span ?? span };
  }

  #aggregate(name: Aggregate, call: CallExpression): number | null {
    const found = this.#overAxis(call, axisOfAggregate(name));
    if (found === null) return null;
    const { span } = call;
    return aggregated(name, found.operand, {
      reduced: (reduction, of) =>
        of === null ? null : this.steps.reduced(reduction, found.over, of, found.axisSpan, span),
      operation: (operation, ...given) => {
        const operands = given.filter((operand) => operand !== null);
        return operands.length < given.length ? null : this.steps.add({ kind: 'operation', operation, operands }, span);
      },
    });
  }

  /** `shift(x, 1, axis=width)` */
  #shift(call: CallExpression): number | null {
    const usage = 'write shift(x, 1, axis=width), or shift(x, -1, axis=width) for the value after each';
    const { word, span } = call;
    const [of, by, along, ...others] = call.arguments;
    const [excess] = others;
    if (excess !== undefined) return this.#fail('AE304', "'shift' takes three values", excess.span, { hint: usage });
    if (of === undefined || by === undefined || along === undefined)
      return this.#fail('AE302', "'shift' takes a tensor, a whole number and an axis", word.span, { hint: usage });
    for (const [argument, name] of [
      [of, 'x'],
      [by, 'by'],
      [along, 'axis'],
    ] as const) {
      if (argument.name === null || (argument.name.name === name && name !== 'x')) continue;
      return this.#fail('AE301', `'shift' has no argument '${argument.name.name}' here`, argument.span, {
        hint: usage,
      });
    }
    const operand = this.#numeric(of.value, "'shift'");
    const distance = wholeNumberIn(by.value);
    if (distance === null || distance === 0 || Math.abs(distance) > mostShift) {
      const message = `'shift' moves by a whole number of places that is written there, from 1 to ${mostShift} or below 0`;
      return this.#fail('AE305', message, by.value.span, { hint: usage });
    }
    const axis = shiftAxes.find((each) => along.value.kind === 'name' && each === along.value.name);
    if (axis === undefined) {
      const message = `'shift' goes along ${someOf(shiftAxes)}, not ${textOf(along.value.span)}`;
      return this.#fail('AE312', message, along.value.span, {
        hint: along.value.kind === 'name' ? meantName(along.value.name, shiftAxes) : usage,
      });
    }
    return operand === null ? null : this.steps.shifted(operand, axis, distance, along.span, span);
  }

  /** `gram(x)`, or `gram(a, b)` of the features of two tensors. */
  #gram(call: CallExpression): number | null {
    const { word, span, arguments: given } = call;
    const operands = this.#operands(call, given.length === 1 ? ['x'] : ['a', 'b']);
    if (operands === null) return null;
    const found = operands.map((operand) => this.#numeric(operand, "'gram'"));
    const [a = null, b = a] = found;
    return a === null || b === null ? null : this.steps.products(a, b, word.span, span);
  }

  #axis(value: Expression, word: string): FormulaAxis | null {
    const axis = this.#axisIn(value);
    if (axis !== null) return axis;
    const text = textOf(value.span);
    const meant = value.kind === 'name' ? meantName(value.name, formulaAxes) : null;
    const byNumber =
      text === '0'
        ? 'axis 0 is the batch here: axis=batch'
        : /^-?\d+$/.test(text)
          ? 'the axes of an example are its features here: axis=features'
          : null;
    return this.#fail('AE312', `'${word}' goes over ${someOf(formulaAxes)}, not ${text}`, value.span, {
      hint: byNumber ?? meant ?? 'write axis=features or axis=batch',
    });
  }

  /** The axis that an expression names; null for any other, such as a parameter with the name of an axis. */
  #axisIn(value: Expression): FormulaAxis | null {
    if (value.kind !== 'name' || this.#scope.parameters.some(({ name }) => name === value.name)) return null;
    return formulaAxes.find((axis) => axis === value.name) ?? null;
  }

  /** A call of another definition, as its steps. */
  #inlined(definition: Definition, call: CallExpression): number | null {
    const { name, role, parameters } = definition;
    const isActivation = role === 'activation';
    if (this.#scope.role === 'condition') return this.#fail('AE312', 'a condition has no definitions', call.span);
    if (this.#scope.role === 'activation' && !isActivation) {
      return this.#fail('AE312', `an activation cannot call ${withArticle(role)}`, call.word.span, {
        hint: 'only other activations: they give a value for each that they take',
      });
    }
    const given = new Map<string, { readonly index: number | null; readonly span: Span }>();
    const names = [...(isActivation ? ['x'] : []), ...parameters.map((each) => each.name)];
    const usage = `${name}(${names.join(', ')})`;
    let position = 0;
    for (const { name: written, value, span } of call.arguments) {
      const target = written?.name ?? names[position++];
      if (target === undefined || !names.includes(target)) {
        return this.#fail(
          written ? 'AE301' : 'AE304',
          written ? `'${name}' has no argument '${target}'` : `'${name}' takes no more arguments`,
          written?.span ?? span,
          {
            hint: (written ? meantName(written.name, names) : null) ?? `it is ${usage}`,
          },
        );
      }
      if (given.has(target)) return this.#fail('AE303', `the argument '${target}' is given twice`, span);
      given.set(target, { index: this.#numeric(value, `'${name}'`), span });
    }
    const x = given.get('x');
    if (isActivation && x === undefined) {
      return this.#fail('AE302', `'${name}' takes a tensor`, call.word.span, { hint: `write ${usage}` });
    }
    for (const parameter of parameters) {
      const value = given.get(parameter.name);
      if (value !== undefined && value.index !== null) {
        const fits =
          parameter.kind === 'number'
            ? this.steps.kindAt(value.index).constant
            : this.steps.stepAt(value.index).kind === 'layer';
        if (!fits) {
          const wanted = parameter.kind === 'number' ? 'a number' : 'a layer';
          return this.#fail('AE312', `'${parameter.name}' of '${name}' is ${wanted}`, value.span);
        }
      } else if (value === undefined && parameter.kind === 'number' && parameter.default === null) {
        return this.#fail('AE302', `'${name}' needs ${parameter.name}=`, call.word.span, { hint: `it is ${usage}` });
      }
    }
    if ([...given.values()].some(({ index }) => index === null)) return null;
    return this.steps.inlined(definition, given, call.span);
  }
}

/** Most places to shift by. */
const mostShift = 1000;

function wholeNumberIn(value: Expression): number | null {
  if (value.kind === 'unary' && value.operator === '-') {
    const number = wholeNumberIn(value.operand);
    return number === null ? null : -number;
  }
  return value.kind === 'number' && Number.isInteger(value.value) ? value.value : null;
}

function textOf({ source, start, end }: Span): string {
  const text = source.text.slice(start, end);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function shownOperator(operation: Operation): string {
  return operation === 'negate' ? '-' : operation;
}
