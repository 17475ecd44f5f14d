import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Suggestion } from '../diagnostics/diagnostic.js';
import { closest } from '../diagnostics/suggest.js';
import { onNumbers } from '../ir/formula-numbers.js';
import type { Shape } from '../ir/shape.js';
import { elementCount } from '../ir/shape.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type {
  ArithmeticExpression,
  ComparisonExpression,
  ComparisonOperator,
  Expression,
  MemberExpression,
  MembershipExpression,
  NameExpression,
} from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { describeEvaluated, type Evaluated, type WeightedCall } from './evaluated.js';

/**
 * Limit on nested lets and on terms of a loss, far beyond any real use; lets that double would otherwise not terminate.
 */
const mostPending = 200;
const mostTerms = 1000;

/** Members of `input` and `target`. */
const members: readonly string[] = ['shape', 'size', 'channels', 'height', 'width'];

/**
 * Evaluates the expressions of one trial. Params and lets are late bound, by name, so that a parent's expression sees a
 * child's value and a `let` sees the trial's params.
 */
export class Evaluator {
  readonly #experiment: Pick<BoundExperiment, 'params' | 'lets' | 'target'>;
  readonly #assignments: ReadonlyMap<string, Assignment>;
  readonly #library: Library;
  readonly #collector: DiagnosticCollector;
  readonly #known = new Map<string, Evaluated>();
  /** Names being evaluated, outermost first. */
  readonly #pending: string[] = [];
  /** Undefined until the data block is checked; null if it is invalid. */
  #input: Shape | null | undefined = undefined;
  /** Undefined until it is checked; null if it is invalid. */
  #target: Shape | null | undefined = undefined;

  constructor(
    experiment: Pick<BoundExperiment, 'params' | 'lets' | 'target'>,
    assignments: readonly Assignment[],
    library: Library,
    collector: DiagnosticCollector,
  ) {
    this.#experiment = experiment;
    this.#assignments = new Map(assignments.map((a) => [a.name.name, a]));
    this.#library = library;
    this.#collector = collector;
  }

  /**
   * Sets the shape after the data block, from which `input.size` and the like take their values; null if the block is
   * invalid.
   */
  knowInput(shape: Shape | null): void {
    this.#input = shape;
  }

  /** Sets the shape that `target.size` and the like are of: of the target, or else of the input; null if invalid. */
  knowTarget(shape: Shape | null): void {
    this.#target = shape;
  }

  evaluate(expression: Expression): Evaluated {
    const { span } = expression;
    switch (expression.kind) {
      case 'number':
        return { type: 'number', value: expression.value, span };
      case 'boolean':
        return { type: 'boolean', value: expression.value, span };
      case 'string':
        return { type: 'string', value: expression.value, span };
      case 'list':
        return { type: 'list', items: expression.items.map((item) => this.evaluate(item)), span };
      case 'name':
        return this.#name(expression);
      case 'member':
        return this.#member(expression);
      case 'call':
        return { type: 'call', call: expression, span };
      case 'unary':
        return expression.operator === '-'
          ? this.#negative(expression.operand, span)
          : this.#not(expression.operand, span);
      case 'arithmetic':
        return this.#arithmetic(expression);
      case 'logical':
        return this.#logical(expression.operator, expression.left, expression.right, span);
      case 'comparison':
        return this.#comparison(expression);
      case 'membership':
        return this.#membership(expression);
    }
  }

  /** Evaluates every param and let, so that errors in unused ones are reported too. */
  evaluateAll(): void {
    for (const name of this.#experiment.params.keys()) this.param(name);
    for (const [name, { value }] of this.#experiment.lets) this.#declared(name, value);
  }

  /** Value of a param in this trial: assigned, or its default. */
  param(name: string): Evaluated | null {
    const declared = this.#experiment.params.get(name);
    return declared ? this.#declared(name, this.#assignments.get(name)?.value ?? declared.value) : null;
  }

  #name({ name, span }: NameExpression): Evaluated {
    const param = this.param(name);
    // Errors point to an assigned value itself, and to the use of a default.
    if (param) return this.#assignments.has(name) ? param : { ...param, span };
    const declared = this.#experiment.lets.get(name);
    if (declared) return { ...this.#declared(name, declared.value), span };
    return { type: 'symbol', name, span };
  }

  #declared(name: string, value: Expression): Evaluated {
    const known = this.#known.get(name);
    if (known) return known;
    if (this.#pending.includes(name)) {
      const circle = [...this.#pending.slice(this.#pending.indexOf(name)), name].join(' → ');
      this.#collector.error('AE208', `'${name}' depends on itself: ${circle}`, value.span);
      return { type: 'unknown', span: value.span };
    }
    if (this.#pending.length >= mostPending) {
      this.#collector.error(
        'AE310',
        `'${name}' is at the end of a chain of more than ${mostPending} names`,
        value.span,
      );
      return { type: 'unknown', span: value.span };
    }
    this.#pending.push(name);
    const evaluated = this.evaluate(value);
    this.#pending.pop();
    this.#known.set(name, evaluated);
    return evaluated;
  }

  #member({ object, member, span }: MemberExpression): Evaluated {
    if (object.kind !== 'name') {
      this.#collector.error('AE309', "only a name can precede '.'", object.span);
      return { type: 'unknown', span };
    }
    const isTarget = object.name === 'target' && this.#isTarget(member.name);
    const name = isTarget ? 'target' : 'input';
    if (object.name !== name) return { type: 'member', name: object.name, member: member.name, span };
    const shape = isTarget ? this.#target : this.#input;
    if (shape === undefined) {
      this.#collector.error('AE208', "'input' is the output of the data block, and is not known before it", span, {
        hint: 'write the number, or let a layer or a loss use it',
      });
    }
    if (!shape) return { type: 'unknown', span };
    const number = (value: number | undefined, what: string): Evaluated => {
      if (value !== undefined) return { type: 'number', value, span };
      this.#collector.error('AE402', `the ${name} has no ${what}: it is ${shape.join('×')}`, span, {
        hint: `only images have channels, height and width; ${name}.size is the number of values`,
      });
      return { type: 'unknown', span };
    };
    const image = shape.length === 3 ? shape : [];
    switch (member.name) {
      case 'size':
        return { type: 'number', value: elementCount(shape), span };
      case 'shape':
        return { type: 'list', items: shape.map((value) => ({ type: 'number', value, span })), span };
      case 'channels':
        return number(image[0], 'channels');
      case 'height':
        return number(image[1], 'height');
      case 'width':
        return number(image[2], 'width');
      default: {
        const meant = closest(member.name, members);
        this.#collector.error('AE202', `'${name}' has no '${member.name}'`, member.span, {
          hint: meant
            ? { hint: `did you mean '${name}.${meant}'?`, replacement: meant }
            : `it has ${members.join(', ')}`,
        });
        return { type: 'unknown', span };
      }
    }
  }

  /** Whether `target.member` is about what the decoder must give, and not a head of a layer with that label. */
  #isTarget(member: string): boolean {
    const { params, lets, target } = this.#experiment;
    if (this.#target === undefined || params.has('target') || lets.has('target')) return false;
    return target !== null || members.includes(member);
  }

  #negative(operand: Expression, span: Span): Evaluated {
    const value = this.evaluate(operand);
    if (value.type === 'number') return { type: 'number', value: 0 - value.value, span };
    return this.#noOperation(`'-' needs a number, not ${describeEvaluated(value)}`, span, [value]);
  }

  #not(operand: Expression, span: Span): Evaluated {
    const value = this.evaluate(operand);
    if (value.type === 'boolean') return { type: 'boolean', value: !value.value, span };
    return this.#noOperation(`'not' needs a boolean, not ${describeEvaluated(value)}`, span, [value]);
  }

  #logical(operator: 'and' | 'or', leftSide: Expression, rightSide: Expression, span: Span): Evaluated {
    const left = this.evaluate(leftSide);
    const right = this.evaluate(rightSide);
    if (left.type === 'boolean' && right.type === 'boolean') {
      const value = operator === 'and' ? left.value && right.value : left.value || right.value;
      return { type: 'boolean', value, span };
    }
    return this.#noOperation(`'${operator}' needs two booleans`, span, [left, right]);
  }

  #arithmetic({ operator, left: leftSide, right: rightSide, span }: ArithmeticExpression): Evaluated {
    const left = this.evaluate(leftSide);
    const right = this.evaluate(rightSide);
    if (left.type === 'unknown' || right.type === 'unknown') return { type: 'unknown', span };
    if (left.type === 'number' && right.type === 'number') {
      return this.#numbers(operator, left.value, right.value, rightSide.span, span);
    }
    const [leftTerms, rightTerms] = [this.#terms(left), this.#terms(right)];
    if (operator === '+' && leftTerms && rightTerms && leftTerms.length + rightTerms.length > mostTerms) {
      this.#collector.error('AE310', `a loss of more than ${mostTerms} terms`, span);
      return { type: 'unknown', span };
    }
    if (operator === '+' && leftTerms && rightTerms)
      return { type: 'loss', terms: [...leftTerms, ...rightTerms], span };
    if (operator === '*' && leftTerms && rightTerms) {
      return this.#noOperation(
        'two losses cannot be multiplied',
        span,
        [],
        this.#instead(left, right) ?? 'add losses, and weight one by a number: mse() + 0.5 * l1()',
      );
    }
    const scaled =
      operator === '*' && leftTerms
        ? this.#scaled(leftTerms, right, span)
        : operator === '*' && rightTerms
          ? this.#scaled(rightTerms, left, span)
          : null;
    if (scaled) return scaled;
    const hint =
      this.#isSchedule(left) || this.#isSchedule(right)
        ? 'a schedule can weight a loss; otherwise write the numbers into its arguments'
        : leftTerms && (operator === '-' || operator === '/')
          ? `weights are written as ${operator === '-' ? '-1' : '0.1'} * loss`
          : this.#uncalledLoss(left, right);
    return this.#noOperation(
      `'${operator}' does not apply to ${describeEvaluated(left)} and ${describeEvaluated(right)}`,
      span,
      [left, right],
      hint,
    );
  }

  #numbers(operator: ArithmeticExpression['operator'], a: number, b: number, rightSpan: Span, span: Span): Evaluated {
    if (operator === '/' && b === 0) {
      this.#collector.error('AE308', 'division by zero', rightSpan);
      return { type: 'unknown', span };
    }
    const value = onNumbers(operator, [a, b]);
    if (!Number.isFinite(value)) {
      this.#collector.error('AE308', `the result of '${operator}' is not a finite number`, span);
      return { type: 'unknown', span };
    }
    return { type: 'number', value, span };
  }

  /** Reads a value as a sum of losses; null if it isn't one. */
  #terms(value: Evaluated): readonly WeightedCall[] | null {
    if (value.type === 'loss') return value.terms;
    if (value.type !== 'call' || this.#isSchedule(value)) return null;
    return [{ factor: 1, schedule: null, call: value.call }];
  }

  #scaled(terms: readonly WeightedCall[], by: Evaluated, span: Span): Evaluated | null {
    if (by.type === 'number')
      return { type: 'loss', terms: terms.map((t) => ({ ...t, factor: t.factor * by.value })), span };
    if (by.type !== 'call' || !this.#isSchedule(by)) return null;
    if (terms.some((t) => t.schedule !== null)) {
      return this.#noOperation('a loss can have one schedule for its weight, not two', span, []);
    }
    return { type: 'loss', terms: terms.map((t) => ({ ...t, schedule: by.call })), span };
  }

  /** Explains `ramp(0, 1) * l1()`: a factor that is no loss was meant for a schedule. */
  #instead(...factors: readonly Evaluated[]): string | null {
    const called = factors.flatMap((factor) => (factor.type === 'call' ? [factor.call.word.name] : []));
    const other = called.find((name) => this.#library.find('loss', name) === undefined);
    if (other === undefined) return null;
    return `there is no schedule '${other}', and a weight that changes is one: ${this.#library.names('schedule').join(', ')}`;
  }

  /** Explains `0.1 * l1`, which should be `0.1 * l1()`. */
  #uncalledLoss(...operands: readonly Evaluated[]): Suggestion | null {
    for (const operand of operands) {
      if (operand.type !== 'symbol' || !this.#library.find('loss', operand.name)) continue;
      const replacement = `${operand.name}()`;
      return { hint: `write ${replacement}`, replacement, span: operand.span };
    }
    return null;
  }

  #isSchedule(value: Evaluated): boolean {
    return value.type === 'call' && this.#library.find('schedule', value.call.word.name) !== undefined;
  }

  #comparison({ operands, operators, span }: ComparisonExpression): Evaluated {
    const values = operands.map((operand) => this.evaluate(operand));
    let result = true;
    for (const [i, operator] of operators.entries()) {
      const [left, right] = [values[i], values[i + 1]];
      if (!left || !right) continue;
      const holds = compare(operator, left, right);
      if (holds === null) {
        return this.#noOperation(
          `'${operator}' cannot compare ${describeEvaluated(left)} with ${describeEvaluated(right)}`,
          span,
          values,
          values.some(({ type }) => type === 'list') ? 'to sweep a list of values, use: aedsl sweep' : null,
        );
      }
      result &&= holds;
    }
    return { type: 'boolean', value: result, span };
  }

  #membership({ value: wanted, list: among, span }: MembershipExpression): Evaluated {
    const value = this.evaluate(wanted);
    const list = this.evaluate(among);
    if (value.type === 'unknown' || list.type === 'unknown') return { type: 'unknown', span };
    if (list.type !== 'list') return this.#noOperation(`'in' needs a list, not ${describeEvaluated(list)}`, span, []);
    return { type: 'boolean', value: list.items.some((item) => compare('==', value, item) === true), span };
  }

  #noOperation(
    message: string,
    span: Span,
    operands: readonly Evaluated[],
    hint: string | Suggestion | null = null,
  ): Evaluated {
    if (!operands.some((o) => o.type === 'unknown')) {
      const free = operands.find((operand) => operand.type === 'symbol');
      const declared = free === undefined ? null : `if '${free.name}' is a number, declare it: param ${free.name} = …`;
      this.#collector.error('AE309', message, span, { hint: hint ?? declared });
    }
    return { type: 'unknown', span };
  }
}

/** Returns null if the two can't be compared. */
function compare(operator: ComparisonOperator, left: Evaluated, right: Evaluated): boolean | null {
  const [a, b] = [plain(left), plain(right)];
  if (a === null || b === null || typeof a !== typeof b) return null;
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
  }
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function plain(value: Evaluated): number | string | boolean | null {
  switch (value.type) {
    case 'number':
    case 'boolean':
    case 'string':
      return value.value;
    case 'symbol':
      return value.name;
    case 'list':
    case 'member':
    case 'call':
    case 'loss':
    case 'unknown':
      return null;
  }
}
