/** JSON that was read is not what was expected: it was damaged, or made by somebody else. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly hint =
    'it was damaged or altered, or is of another version of aedsl; take it from a backup or from its source';
}

/** What we write is at most ten deep; what recurses over it, such as JSON.stringify, fails in the thousands. */
const MOST_NESTING = 64;

/** Parses JSON that may come from anybody. @throws JsonError where it is none, or nested deeper than 64 */
export function parseJson(text: string): unknown {
  if (isNestedDeeper(text, MOST_NESTING)) throw new JsonError(`the JSON is nested deeper than ${MOST_NESTING}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonError('it is not JSON', { cause: error });
  }
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

/** Each of these reads a value as what it must be, and names its place (`sources[2].path`) where it isn't. */
export type Reader<T> = (value: unknown, place: string) => T;

export interface Range {
  readonly least: number;
  readonly most: number;
}

export const wholeNumber =
  ({ least, most }: Range): Reader<number> =>
  (value, place) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new JsonError(`${place} is not a whole number from ${least} to ${most}`);
  };

export const anyNumber: Reader<number> = (value, place) => {
  if (typeof value === 'number') return value;
  throw new JsonError(`${place} is not a number`);
};

export const text: Reader<string> = (value, place) => {
  if (typeof value === 'string') return value;
  throw new JsonError(`${place} is not a text`);
};

export function oneOf<T extends string>(...values: readonly T[]): Reader<T> {
  return (value, place) => {
    const found = values.find((one) => one === value);
    if (found !== undefined) return found;
    throw new JsonError(`${place} is none of ${values.join(', ')}`);
  };
}

/** What is missing is null too. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, place) => (value === null || value === undefined ? null : read(value, place));
}

export function listOf<T>(read: Reader<T>, most: number): Reader<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw new JsonError(`${place} is not a list`);
    if (value.length > most)
      throw new JsonError(`${place} has ${value.length} entries, more than the limit of ${most}`);
    return value.map((item, i) => read(item, `${place}[${i}]`));
  };
}

export function recordOf<T>(read: Reader<T>, most: number): Reader<Readonly<Record<string, T>>> {
  return (value, place) => {
    const entries = [...objectOf(value, place)];
    if (entries.length > most) {
      throw new JsonError(`${place} has ${entries.length} entries, more than the limit of ${most}`);
    }
    return Object.fromEntries(entries.map(([name, item]) => [name, read(item, `${place}.${name.slice(0, 60)}`)]));
  };
}

/** The entries of an object, so that no name is looked for in a prototype. */
export const objectOf: Reader<ReadonlyMap<string, unknown>> = (value, place) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new JsonError(`${place} is not an object`);
  return new Map(Object.entries(value));
};
