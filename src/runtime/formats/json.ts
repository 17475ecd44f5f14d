import * as v from 'valibot';
import { readRegularFile } from '../../files/read-file.js';

/** JSON that was read is not what was expected: it was damaged, or made by somebody else. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly hint =
    'it was damaged or altered, or is of another version of aedsl; take it from a backup or from its source';
}

/** What we write is at most ten deep; what recurses over it, such as JSON.stringify, fails in the thousands. */
const mostNesting = 64;

/** What JSON must be, and what it is read as. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/**
 * Reads JSON that may come from anybody.
 * @param place what the JSON is, for messages: `the recipe`, in which `the recipe.sources[2].path` may be wrong
 * @throws JsonError that says what is wrong, and where
 */
export function readJson<T>(schema: Schema<T>, text: string, place: string): T {
  return checked(schema, parseJson(text, place), place);
}

/** As {@link readJson}, for JSON that is of any shape, or whose shape is checked later by {@link checked}. */
export function parseJson(text: string, place = 'it'): unknown {
  if (isNestedDeeper(text, mostNesting)) throw new JsonError(`${place} is nested deeper than ${mostNesting}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonError(`${place} is not JSON`, { cause: error });
  }
}

/**
 * Checks a value of which nothing is known.
 * @param place may be empty, where the fields of the value say enough
 * @throws JsonError for the first thing that is wrong
 */
export function checked<T>(schema: Schema<T>, value: unknown, place: string): T {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [{ path = [], message }] = issues;
  const at = `${place}${path.map(({ key }) => keyText(key)).join('')}`;
  throw new JsonError(`${at.replace(/^\./, '')} ${message}`);
}

/** As {@link readJson}, for a file. @throws FileError, JsonError */
export function readJsonFile<T>(schema: Schema<T>, path: string, mostBytes: number): T {
  return readJson(schema, new TextDecoder().decode(readRegularFile(path, mostBytes)), `'${path}'`);
}

function keyText(key: unknown): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 60)}`;
}

function isNestedDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22 /* " */:
        at = endOfString(text, at);
        break;
      case 0x5b /* [ */:
      case 0x7b /* { */:
        if (++depth > most) return true;
        break;
      case 0x5d /* ] */:
      case 0x7d /* } */:
        depth--;
        break;
    }
  }
  return false;
}

/** The place of the quote that ends the string; the text's length where none does. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c /* \ */) at++;
    else if (code === 0x22 /* " */) return at;
  }
  return text.length;
}

export const anything = v.unknown();

export const text = v.string('is not a text');

export const truth = v.boolean('is neither true nor false');

/** Any number that a program writes, NaN and the infinities too, which JSON has in other ways. */
export const anyNumber = v.custom<number>((value) => typeof value === 'number', 'is not a number');

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Schema<number> {
  const isWithin = (value: unknown) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
  return v.custom<number>(isWithin, `is not a whole number from ${least} to ${most}`);
}

/** How many there are of something, or which one it is. */
export const count = wholeNumber(0);

/** A number, or the text that stands for one which JSON has no way to write: NaN, Infinity, -Infinity. */
export const spelledNumber: Schema<number> = v.union(
  [v.pipe(v.picklist(['NaN', 'Infinity', '-Infinity']), v.transform(Number)), anyNumber],
  'is not a number',
);

export function oneOf<const T extends string | number>(...values: readonly T[]): Schema<T> {
  return v.picklist(values, `is none of ${values.join(', ')}`);
}

/** What is missing is null too. */
export function nullable<T>(schema: Schema<T>): v.NullishSchema<Schema<T>, null> {
  return v.nullish(schema, null);
}

/** For what another version writes otherwise, or not at all: null is what is not of this shape. */
export function lenient<T>(schema: Schema<T>): Schema<T | null> {
  return v.fallback(nullable(schema), null);
}

export function listOf<T>(item: Schema<T>, most: number): Schema<readonly T[]> {
  return v.pipe(v.array(v.unknown(), 'is not a list'), v.maxLength(most, tooMany), v.array(item));
}

/** An object that is read further by whoever knows what it means. */
export const anyObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'is not an object',
);

/** An object with these fields; others are left out. A field that is missing is said to be. */
export function object<const Fields extends v.ObjectEntries>(fields: Fields) {
  return v.pipe(
    anyObject,
    v.object(fields, ({ received }) => (received === 'undefined' ? 'is missing' : 'is not an object')),
  );
}

/**
 * An object of any names, those of Object.prototype included, which a lookup has to reckon with.
 * @param most how many names there may be
 */
export function recordOf<T>(value: Schema<T>, most: number): Schema<Readonly<Record<string, T>>> {
  return v.pipe(
    anyObject,
    v.transform((record) => new Map<string, unknown>(Object.entries(record))),
    v.maxSize(most, tooMany),
    v.map(v.string(), value),
    v.transform((entries) => Object.fromEntries(entries)),
  );
}

/**
 * An object whose shape one of its fields tells.
 * @param shapes by the values of that field; each checks the field itself too
 * @param other what has none of these values; refused by default
 */
export function variant<T>(
  field: string,
  shapes: Readonly<Record<string, Schema<T>>>,
  other: Schema<T> = v.pipe(object({ [field]: oneOf(...Object.keys(shapes)) }), v.never()),
): Schema<T> {
  const byValue = new Map<unknown, Schema<T>>(Object.entries(shapes));
  return v.lazy((value) => byValue.get(value instanceof Object ? Reflect.get(value, field) : null) ?? other);
}

function tooMany({ received, requirement }: { readonly received: string; readonly requirement: number }): string {
  return `has ${received} entries, more than the limit of ${requirement}`;
}
