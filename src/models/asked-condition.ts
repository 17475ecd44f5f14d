import { didYouMean, someOf } from '../compiler/diagnostics/suggest.js';
import { type ConditionChoice, type ConditionSlot, combinations } from '../trial/condition-choices.js';
import { LoadError } from '../trial/load.js';

/** Most combinations of classes and categories that samples are drawn for in turn. */
const mostChoices = 10_000;

/**
 * The conditions that a person asks for: `3`, `oak`, or `age=40,sex=f`. What is not named is each class or category in
 * turn.
 *
 * @param text null for none
 * @param run for messages
 * @returns null for layers that are given nothing
 * @throws LoadError for an unknown name or value, a number that is not named, or too many combinations
 */
export function askedConditions(
  text: string | null,
  slots: readonly ConditionSlot[],
  run: string,
): readonly ConditionChoice[] | null {
  if (slots.length === 0) {
    if (text === null) return null;
    throw new LoadError(
      `the decoder of ${run} is given no condition`,
      'leave --condition out; condition(label) or condition(columns=…) in the decoder makes it conditional',
    );
  }
  const asked = text === null ? new Map<string, string>() : namedValues(text, slots, run);
  const unnamed = slots.filter((slot) => slot.kind === 'number' && !asked.has(slot.name));
  if (unnamed.length > 0) {
    throw new LoadError(
      `the decoder of ${run} is given the ${unnamed.length === 1 ? 'number' : 'numbers'} ${someOf(unnamed.map(({ name }) => name))}`,
      `name a value of each: --condition ${unnamed.map(({ name }) => `${name}=40`).join(',')}`,
    );
  }
  const valuesOf = (slot: ConditionSlot): readonly number[] => {
    const value = asked.get(slot.name);
    if (value !== undefined) return [choiceOf(value, slot, run)];
    return slot.kind === 'number' ? [] : [...slot.values.keys()];
  };
  const count = slots.reduce((all, slot) => all * valuesOf(slot).length, 1);
  if (count > mostChoices) {
    throw new LoadError(
      `the categories of ${run} make ${count.toLocaleString('en')} combinations`,
      `name one of each: --condition ${slots.map(({ name }) => `${name}=…`).join(',')}`,
    );
  }
  return combinations(slots, valuesOf);
}

/** The parts of `age=40,sex=f`; a text without a name is the value of the class, or of the only column. */
function namedValues(text: string, slots: readonly ConditionSlot[], run: string): ReadonlyMap<string, string> {
  const names = slots.map(({ name }) => name);
  const pieces: string[] = [];
  for (const piece of text.split(',')) {
    // A comma within a value belongs to it.
    if (pieces.length > 0 && !piece.includes('=')) pieces.push(`${pieces.pop() ?? ''},${piece}`);
    else pieces.push(piece);
  }
  const values = new Map<string, string>();
  for (const piece of pieces) {
    const at = piece.indexOf('=');
    const own = names.find((name) => piece.trim().startsWith(`${name}=`));
    const name = own ?? (at < 0 ? soleName(piece, slots, run) : piece.slice(0, at).trim());
    if (!names.includes(name)) {
      const hint = didYouMean(name, names) ?? `it is given ${someOf(names)}`;
      throw new LoadError(`the decoder of ${run} is not given '${name}'`, hint);
    }
    if (values.has(name)) throw new LoadError(`--condition names '${name}' twice`, 'give it one value');
    values.set(name, (own === undefined ? piece.slice(at + 1) : piece.trim().slice(own.length + 1)).trim());
  }
  return values;
}

function soleName(piece: string, slots: readonly ConditionSlot[], run: string): string {
  const [only] = slots.length === 1 ? slots : slots.filter(({ kind }) => kind === 'class');
  if (only !== undefined) return only.name;
  throw new LoadError(
    `'${piece}' does not say which condition of ${run} it is`,
    `write --condition ${slots.map(({ name }) => `${name}=…`).join(',')}`,
  );
}

/** @throws LoadError */
function choiceOf(text: string, slot: ConditionSlot, run: string): number {
  if (slot.kind === 'number') {
    const value = Number(text);
    if (text !== '' && Number.isFinite(Math.fround(value))) return value;
    throw new LoadError(`'${text}' is no number, and '${slot.name}' is one`, `such as --condition ${slot.name}=40`);
  }
  const { values } = slot;
  const named = values.indexOf(text);
  if (named >= 0) return named;
  if (slot.kind === 'class' && /^\d{1,9}$/.test(text) && Number(text) < values.length) return Number(text);
  const areNumbers = slot.kind === 'class' && values.every((value, i) => value === String(i));
  const hint = areNumbers
    ? `name one from 0 to ${values.length - 1}`
    : (didYouMean(text, values) ?? `it has ${someOf(values)}`);
  const what = slot.kind === 'class' ? 'class' : `${slot.name}`;
  throw new LoadError(`${run} has no ${what} '${text}'`, hint);
}
