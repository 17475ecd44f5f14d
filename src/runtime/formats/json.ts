import * as v from 'valibot';
import { readRegularFile } from '../../files/read-file.js';

/** JSON that does not have the expected shape: damaged, or written by something else. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly hint =
    'it is damaged, was altered, or comes from another version of aedsl; restore it from a backup or its source';
}

/** Our own JSON nests at most ten levels; recursive code such as JSON.stringify fails in the thousands. */
const mostNesting = 64;

/** Shape that JSON must have, and the type it is read as. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** The type of the values that a schema reads. */
export type SchemaOutput<S extends v.GenericSchema> = v.InferOutput<S>;

/**
 * Parses and checks untrusted JSON.
 * @param place names the JSON in messages: `the recipe` gives `the recipe.sources[2].path`
 * @throws JsonError saying what is wrong, and where
 */
export function readJson<T>(schema: Schema<T>, text: string, place: string): T {
  return checked(schema, parseJson(text, place), place);
}

/** Parses untrusted JSON of any shape, or whose shape {@link checked} checks later. */
export function parseJson(text: string, place = 'it'): unknown {
  if (isNestedDeeper(text, mostNesting)) throw new JsonError(`${place} is nested deeper than ${mostNesting}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonError(`${place} is not JSON`, { cause: error });
  }
}

/**
 * Checks an unknown value.
 * @param place may be empty if the field names say enough
 * @throws JsonError for the first problem
 */
export function checked<T>(schema: Schema<T>, value: unknown, place: string): T {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [{ path = [], message }] = issues;
  const at = `${place}${path.map(({ key }) => keyText(key)).join('')}`;
  throw new JsonError(`${at.replace(/^\./, '')} ${message}`);
}

/** Like {@link readJson}, for a file. @throws FileError, JsonError */
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

/** Index of the closing quote of a string; the text's length if there is none. */
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

/** Any number that a program writes, including NaN and the infinities, which JSON represents otherwise. */
export const anyNumber = v.custom<number>((value) => typeof value === 'number', 'is not a number');

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Schema<number> {
  const isWithin = (value: unknown) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
  return v.custom<number>(isWithin, `is not a whole number from ${least} to ${most}`);
}

/** A count or an index. */
export const count = wholeNumber(0);

/** A number, or the string for one that JSON cannot represent: NaN, Infinity, -Infinity. */
export const spelledNumber: Schema<number> = v.union(
  [v.pipe(v.picklist(['NaN', 'Infinity', '-Infinity']), v.transform(Number)), anyNumber],
  'is not a number',
);

export function oneOf<const T extends string | number>(...values: readonly T[]): Schema<T> {
  return v.picklist(values, `is not one of ${values.join(', ')}`);
}

/** Treats a missing value as null. */
export function nullable<T>(schema: Schema<T>): v.NullishSchema<Schema<T>, null> {
  return v.nullish(schema, null);
}

/** For values that another version writes differently or not at all: null if the shape doesn't match. */
export function lenient<T>(schema: Schema<T>): Schema<T | null> {
  return v.fallback(nullable(schema), null);
}

export function listOf<T>(item: Schema<T>, most: number): Schema<readonly T[]> {
  return v.pipe(v.array(v.unknown(), 'is not a list'), v.maxLength(most, tooMany), v.array(item));
}

/** An object whose fields are checked later. */
export const anyObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'is not an object',
);

/** An object with these fields, dropping all others. Reports missing fields. */
export function object<const Fields extends v.ObjectEntries>(fields: Fields) {
  return v.pipe(
    anyObject,
    v.object(fields, ({ received }) => (received === 'undefined' ? 'is missing' : 'is not an object')),
  );
}

/**
 * An object with arbitrary keys, including those of Object.prototype, so look them up with care.
 * @param most number of keys allowed
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
 * A discriminated union.
 * @param shapes by value of the discriminating field; each checks that field too
 * @param other for any other value; rejected by default
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
