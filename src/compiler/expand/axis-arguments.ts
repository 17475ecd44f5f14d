import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { CallExpression } from '../syntax/ast.js';

/**
 * Evaluates the positional numbers of an axis such as `linspace(0, 1, 5)`.
 * @param form the correct form, for messages
 * @param count allowed numbers of arguments
 * @returns null after reporting why they are invalid
 */
export function numbersOf(
  call: CallExpression,
  form: string,
  count: { readonly least: number; readonly most: number },
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): readonly number[] | null {
  const numbers: number[] = [];
  let right = true;
  for (const { name, value, span } of call.arguments) {
    if (name !== null) {
      collector.error('AE301', `the arguments of an axis are positional: ${form}`, span);
      right = false;
      continue;
    }
    const evaluated = evaluator.evaluate(value);
    if (evaluated.type === 'number') numbers.push(evaluated.value);
    else right = false;
    if (evaluated.type !== 'number' && evaluated.type !== 'unknown') {
      collector.error('AE305', `'${call.word.name}' takes numbers`, value.span);
    }
  }
  if (right && (numbers.length < count.least || numbers.length > count.most)) {
    collector.error('AE302', `an axis is written ${form}`, call.span);
    right = false;
  }
  return right ? numbers : null;
}
