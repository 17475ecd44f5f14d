import type { LossStatement } from '../../compiler/ir/canonical.js';
import { finalLoss } from '../../compiler/ir/recorded-metrics.js';
import type { Comparable } from './events.js';

type Part = 'validation' | 'test' | 'train';

/** What the loss of trials can be compared by. */
export function comparableMetric(statements: readonly LossStatement[]): Comparable {
  const differ = (part: keyof LossStatement) => new Set(statements.map((statement) => statement[part])).size > 1;
  if (differ('transforms')) return 'mse';
  return differ('loss') ? 'sse' : 'loss';
}

/** Where there is no loss, as without a `loss` statement, the error is what trials have. */
const inOrder: Readonly<Record<Comparable, readonly Comparable[]>> = {
  loss: ['loss', 'sse', 'mse'],
  sse: ['sse', 'mse', 'loss'],
  mse: ['mse', 'sse', 'loss'],
};

/** What the stages before the last one say of themselves. */
const ofPretraining = /^pretrain(_\d+)?\..+\.(reconstruction|loss)$/;

/** Those of the parts of the data that trials may be judged by where nobody says which; the first that they have is it. */
export function usualMetrics(comparable: Comparable, parts: readonly Part[] = ['validation', 'test', 'train']) {
  return inOrder[comparable].flatMap((metric) =>
    parts.flatMap((part) => [
      // Where a schedule changes the loss, its epochs are compared by this one.
      ...(metric === 'loss' && part === 'validation' ? [`${part}.${finalLoss}`] : []),
      `${part}.${metric}`,
    ]),
  );
}

/**
 * @param names of the metrics that trials have
 * @returns null where none of them is telling
 */
export function usualMetric(names: readonly string[], comparable: Comparable, parts?: readonly Part[]): string | null {
  const found = usualMetrics(comparable, parts).find((name) => names.includes(name));
  return found ?? names.filter((name) => ofPretraining.test(name)).at(-1) ?? null;
}
