/** A golden file that isn't in the format, or uses what this reader doesn't know. */
export class GoldenFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GoldenFormatError';
  }
}

/**
 * The fields of a JSON object, read one by one with their types. What was never read is an error in the end: a field
 * that nobody knows would otherwise change nothing in silence.
 */
export class Fields {
  /** `case.json: layers[2]` */
  readonly place: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #read = new Set<string>();

  /** @throws GoldenFormatError for anything but an object */
  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new GoldenFormatError(`${place} is not an object`);
    }
    this.place = place;
    this.#values = new Map(Object.entries(value));
  }

  static parse(json: string, place: string): Fields {
    const value: unknown = JSON.parse(json);
    return new Fields(value, place);
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Marks fields as known that say nothing to a reader, such as a summary. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** @throws GoldenFormatError for a field that was never asked for */
  done(): void {
    const unknown = this.names.filter((name) => !this.#read.has(name));
    if (unknown.length > 0) throw new GoldenFormatError(`${this.place} has unknown fields: ${unknown.join(', ')}`);
  }

  text(name: string, byDefault?: string): string {
    return this.#expect(name, 'a text', byDefault, (v) => (typeof v === 'string' ? v : undefined));
  }

  number(name: string, byDefault?: number): number {
    return this.#expect(name, 'a number', byDefault, (v) => (typeof v === 'number' ? v : undefined));
  }

  boolean(name: string, byDefault?: boolean): boolean {
    return this.#expect(name, 'a boolean', byDefault, (v) => (typeof v === 'boolean' ? v : undefined));
  }

  numbers(name: string, byDefault?: readonly number[]): readonly number[] {
    return this.#expect(name, 'a list of numbers', byDefault, (v) => listOf(v, (x) => typeof x === 'number'));
  }

  texts(name: string, byDefault?: readonly string[]): readonly string[] {
    return this.#expect(name, 'a list of texts', byDefault, (v) => listOf(v, (x) => typeof x === 'string'));
  }

  pair(name: string, byDefault?: readonly [number, number]): readonly [number, number] {
    const [height, width, ...rest] = this.numbers(name, byDefault);
    if (height === undefined || width === undefined || rest.length > 0) {
      throw new GoldenFormatError(`${this.place}: '${name}' is not a pair`);
    }
    return [height, width];
  }

  object(name: string): Fields {
    const value = this.#expect(name, 'an object', undefined, (v) =>
      typeof v === 'object' && v !== null ? v : undefined,
    );
    return new Fields(value, `${this.place}: ${name}`);
  }

  /** A field of another type than usual. */
  value(name: string): unknown {
    this.#read.add(name);
    return this.#values.get(name);
  }

  objects(name: string): readonly Fields[] {
    const values = this.#expect(name, 'a list', undefined, (v) => (Array.isArray(v) ? v : undefined));
    return values.map((value: unknown, i) => new Fields(value, `${this.place}: ${name}[${i}]`));
  }

  #expect<T>(name: string, what: string, byDefault: T | undefined, check: (value: unknown) => T | undefined): T {
    this.#read.add(name);
    if (!this.#values.has(name) && byDefault !== undefined) return byDefault;
    const checked = check(this.#values.get(name));
    if (checked === undefined) throw new GoldenFormatError(`${this.place}: '${name}' is not ${what}`);
    return checked;
  }
}

function listOf<T>(value: unknown, is: (x: unknown) => x is T): readonly T[] | undefined {
  return Array.isArray(value) && value.every(is) ? value : undefined;
}
