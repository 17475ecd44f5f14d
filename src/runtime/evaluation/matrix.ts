/** Values of examples, one row for each, row after row. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** @throws RangeError when the values are not as many as the rows and columns say */
export function requireMatrix(name: string, { values, rows, columns }: Matrix): void {
  if (values.length !== rows * columns) {
    throw new RangeError(`${name}: ${rows} rows of ${columns} values are ${rows * columns}, not ${values.length}`);
  }
}

/**
 * Stacks matrices with the same number of columns; only one of them has to be in memory at a time.
 * @param rows total number of rows
 * @throws RangeError if the total differs
 */
export function stacked(chunks: Iterable<Matrix>, rows: number): Matrix {
  let stack: Matrix | null = null;
  let at = 0;
  for (const { values, columns } of chunks) {
    stack ??= { values: new Float32Array(rows * columns), rows, columns };
    stack.values.set(values, at);
    at += values.length;
  }
  const whole = stack ?? { values: new Float32Array(), rows: 0, columns: 0 };
  if (at !== whole.values.length || whole.rows !== rows) throw new RangeError(`these are not ${rows} rows`);
  return whole;
}
