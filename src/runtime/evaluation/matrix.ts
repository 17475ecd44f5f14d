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
