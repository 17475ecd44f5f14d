import { presentName } from '../../metrics/former-names.js';
import { UsageError } from '../../project/usage-error.js';

/** `test.loss < 0.05`: a condition on a commit's result. */
export interface Condition {
  readonly text: string;
  readonly metric: string;
  holds(value: number): boolean;
}

/** @throws UsageError for a text that is not a comparison with a number */
export function readCondition(text: string): Condition {
  const [, metric, operator, number] = /^\s*([\w.]+)\s*(<=?|>=?)\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*$/i.exec(text) ?? [];
  const limit = Number(number);
  if (metric === undefined || number === undefined || !Number.isFinite(limit)) {
    throw new UsageError(`'${text}' is no condition`, "such as: 'test.loss < 0.05'");
  }
  const holds = (value: number): boolean => {
    switch (operator) {
      case '<':
        return value < limit;
      case '<=':
        return value <= limit;
      case '>':
        return value > limit;
      default:
        return value >= limit;
    }
  };
  return { text: text.trim(), metric: presentName(metric), holds };
}
