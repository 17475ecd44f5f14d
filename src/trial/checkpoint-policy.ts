import { UsageError } from '../project/usage-error.js';
import type { CheckpointPolicy } from './checkpointer.js';

/** Parses `30s`, `0.5s`, `5epochs`. */
export function readCheckpointPolicy(text: string): CheckpointPolicy {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(s|m|epochs?)?$/.exec(text) ?? [];
  const value = Number(number);
  if (number !== undefined && value > 0) {
    if (unit === undefined || unit === 's') return { seconds: value, epochs: null };
    if (unit === 'm') return { seconds: value * 60, epochs: null };
    if (Number.isInteger(value)) return { seconds: null, epochs: value };
  }
  throw new UsageError(`'${text}' is not a time between checkpoints`, 'write it as 30s, 5m or 2epochs');
}
