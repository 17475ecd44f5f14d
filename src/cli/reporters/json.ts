import type { Listener } from '../../api/events.js';
import type { Console } from '../console.js';

/** One event a line. What is not a finite number is written as text, because JSON has no word for it. */
export function jsonReporter(console: Console): Listener {
  return (event) => console.out(`${JSON.stringify(event, plain)}\n`);
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Float32Array) return Array.from(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
