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
 * The rows of some matrices of as many columns, one after the other; no more than one of them has to be there at once.
 * @param rows of all of them
 * @throws RangeError for more or fewer
 */
export function stacked(portions: Iterable<Matrix>, rows: number): Matrix {
  let stack: Matrix | null = null;
  let at = 0;
  for (const { values, columns } of portions) {
    stack ??= { values: new Float32Array(rows * columns), rows, columns };
    stack.values.set(values, at);
    at += values.length;
  }
  const whole = stack ?? { values: new Float32Array(), rows: 0, columns: 0 };
  if (at !== whole.values.length || whole.rows !== rows) throw new RangeError(`these are not ${rows} rows`);
  return whole;
}
