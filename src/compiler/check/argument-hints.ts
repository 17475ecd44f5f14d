import type { Suggestion } from '../diagnostics/diagnostic.js';
import { belongsElsewhere, insteadOfName } from '../diagnostics/habits.js';
import { closest, meantName } from '../diagnostics/suggest.js';
import type { Evaluated } from '../evaluate/evaluated.js';
import { usage } from '../library/peers.js';
import type { AnyWord } from '../library/word.js';
import type { Span } from '../syntax/source.js';

/** Names that a layer's weight and its transpose have in PyTorch and NumPy: `init=code.T`. */
export const ofWeight: ReadonlySet<string> = new Set(['T', 'mT', 't', 'weight', 'transpose']);

/** Explains `"sum"` and `best(…)`: an option is a name alone. */
export function bareOption(value: Evaluated, options: readonly string[]): string | null {
  if (value.type === 'call' && options.includes(value.call.word.name)) {
    return `write ${value.call.word.name}, without parentheses`;
  }
  if (value.type !== 'string') return null;
  const meant = options.find((option) => option === value.value.toLowerCase()) ?? closest(value.value, options);
  return meant === null ? null : `write ${meant}, without quotation marks`;
}

export function unknownArgument(
  word: AnyWord,
  name: string,
  peers: readonly string[],
  names: readonly string[],
): string | Suggestion | null {
  if (peers.length > 0) return calledHere(peers);
  if (name === word.inferred) return usage(word);
  return belongsElsewhere(name) ?? meantName(name, names) ?? `it takes ${names.length > 0 ? names.join(', ') : 'none'}`;
}

/** Explains `activation=None` and `activation=False`. */
export function insteadOfActivation(name: string): string | null {
  return insteadOfName(name === 'False' || name === 'false' ? 'None' : name);
}

/** Suggests what a free name in place of a number may have meant. */
export function numberHint(name: string, { source }: Span): string | null {
  const ofInput = /^input_?(shape|size|channels|height|width)$/.exec(name)?.[1];
  if (ofInput !== undefined) return `write input.${ofInput}`;
  if (insteadOfName(name) !== null) return insteadOfName(name);
  // Values from the command line can't name what they would declare.
  return source.path.endsWith('.ae') ? `write a number, or declare it: param ${name} = …` : 'write a number';
}

export function isNumber(text: string): boolean {
  return text.length < 40 && /^[+-]?[\d.]+(?:e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

export function booleanHint(value: Evaluated): string | null {
  if (value.type === 'symbol') return insteadOfName(value.name);
  if (value.type === 'number') return value.value === 0 ? 'write false' : value.value === 1 ? 'write true' : null;
  return value.type === 'string'
    ? insteadOfName(`${value.value.charAt(0).toUpperCase()}${value.value.slice(1)}`)
    : null;
}

export function calledHere(peers: readonly string[]): string | Suggestion {
  const hint = `it is called ${peers.join(' and ')} here`;
  const [only, ...others] = peers;
  return only === undefined || others.length > 0 ? hint : { hint, replacement: only };
}
