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

/** The rows of some matrices of as many columns, one after the other. */
export function stacked(portions: readonly Matrix[]): Matrix {
  const columns = portions[0]?.columns ?? 0;
  const rows = portions.reduce((sum, matrix) => sum + matrix.rows, 0);
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const matrix of portions) {
    values.set(matrix.values, at);
    at += matrix.values.length;
  }
  return { values, rows, columns };
}
