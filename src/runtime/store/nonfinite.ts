/** A number as SQLite can store it: finite, or NULL with the reason beside it. */
export interface StoredNumber {
  readonly value: number | null;
  readonly nonfinite: 'NaN' | 'Infinity' | '-Infinity' | null;
}

export function toStored(x: number): StoredNumber {
  if (Number.isFinite(x)) return { value: x, nonfinite: null };
  return { value: null, nonfinite: Number.isNaN(x) ? 'NaN' : x > 0 ? 'Infinity' : '-Infinity' };
}

export function fromStored({ value, nonfinite }: StoredNumber): number {
  switch (nonfinite) {
    case 'NaN':
      return Number.NaN;
    case 'Infinity':
      return Infinity;
    case '-Infinity':
      return -Infinity;
    case null:
      return value ?? Number.NaN;
  }
}
