import type { Pruning } from './pruning.js';

/** How a stored sweep prunes. @throws SyntaxError for what no version wrote */
export function readPruningJson(json: string): Pruning {
  const value: unknown = JSON.parse(json);
  const { kind, reduction, from, every } = typeof value === 'object' && value !== null ? fieldsOf(value) : fieldsOf({});
  if ((kind === 'halving' || kind === 'asha') && typeof reduction === 'number' && typeof from === 'number') {
    return { kind, reduction, from };
  }
  if (kind === 'median' && typeof from === 'number' && typeof every === 'number') return { kind, from, every };
  throw new SyntaxError(`not a way of pruning: ${json}`);
}

function fieldsOf(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value));
}
