import { linspace, logspace } from '../../numerics/spacing.js';
import type { Findings } from '../diagnostics/findings.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { CallExpression, Expression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/** Values beyond which an axis cannot be meant. */
const mostValues = 100_000;

/**
 * The values of one axis: a list, or `range(a, b, step)` (b excluded), `linspace(a, b, n)` and `logspace(a, b, n)` (both
 * ends included), `choice(a, b, …)`. A value alone is an axis of one.
 * @returns null after reporting why there are none
 */
export function axisValues(axis: Expression, evaluator: Evaluator, findings: Findings): readonly Expression[] | null {
  const values =
    axis.kind === 'list' ? axis.items : axis.kind === 'call' ? fromCall(axis, evaluator, findings) : [axis];
  if (values?.length === 0) {
    findings.error('AE602', 'the axis has no values', axis.span);
    return null;
  }
  return values;
}

function fromCall(call: CallExpression, evaluator: Evaluator, findings: Findings): readonly Expression[] | null {
  const { name } = call.word;
  if (name === 'choice') return call.arguments.map((a) => a.value);
  if (name !== 'range' && name !== 'linspace' && name !== 'logspace') return [call];
  const numbers = call.arguments.map(({ value }) => {
    const evaluated = evaluator.evaluate(value);
    if (evaluated.type === 'number') return evaluated.value;
    if (evaluated.type !== 'unknown') findings.error('AE305', `'${name}' takes numbers`, value.span);
    return null;
  });
  if (numbers.includes(null)) return null;
  const [from, to, third] = numbers;
  if (typeof from !== 'number' || typeof to !== 'number' || numbers.length > 3) {
    const form = name === 'range' ? 'range(from, to, step)' : `${name}(from, to, count)`;
    findings.error('AE302', `an axis is written ${form}`, call.span);
    return null;
  }
  const points = name === 'range' ? range(from, to, third ?? 1) : spaced(name, from, to, third ?? 10);
  if (typeof points === 'string') {
    findings.error(points === tooMany ? 'AE310' : 'AE306', points, call.span);
    return null;
  }
  return points.map((value) => numberLiteral(value, call.span));
}

const tooMany = `an axis of more than ${mostValues} values`;

/** Counted, not added up, so that the values are those one would write: 0.1, 0.2, 0.30000000000000004. */
function range(from: number, to: number, step: number): readonly number[] | string {
  if (step === 0) return 'the step of a range cannot be 0';
  const count = Math.max(0, Math.ceil((to - from) / step - 1e-9));
  if (count > mostValues) return tooMany;
  return Array.from({ length: count }, (_, i) => from + i * step);
}

function spaced(name: 'linspace' | 'logspace', from: number, to: number, count: number): readonly number[] | string {
  if (!Number.isInteger(count) || count < 1) return `'${name}' needs a whole number of values`;
  if (count > mostValues) return tooMany;
  if (name === 'logspace' && (from <= 0 || to <= 0)) return "the ends of 'logspace' must be above 0";
  return name === 'linspace' ? linspace(from, to, count) : logspace(from, to, count);
}

export function numberLiteral(value: number, span: Span): Expression {
  return { kind: 'number', value, text: String(value), span };
}
