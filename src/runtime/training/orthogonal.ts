/**
 * Turns a random matrix into one with orthonormal rows (or columns, if there are fewer of them), times `gain`: the Q of
 * its QR decomposition with a positive diagonal in R. That is uniformly distributed over such matrices if the elements
 * are normal (Saxe, McClelland and Ganguli 2014). Computed in float64 by modified Gram–Schmidt, orthogonalising each
 * vector twice ("twice is enough", Parlett 1980).
 *
 * @param elements `[rows, columns]`, row by row
 */
export function orthogonalMatrix(elements: Float32Array, rows: number, columns: number, gain: number): Float32Array {
  const byRow = rows <= columns;
  const [vectors, length] = byRow ? [rows, columns] : [columns, rows];
  const offset = (vector: number, i: number) => (byRow ? vector * columns + i : i * columns + vector);
  const basis: Float64Array[] = [];
  for (let v = 0; v < vectors; v++) {
    const vector = Float64Array.from({ length }, (_, i) => elements[offset(v, i)] ?? 0);
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis) subtractProjection(vector, earlier);
    }
    scaleToUnitLength(vector);
    basis.push(vector);
  }
  const result = new Float32Array(rows * columns);
  basis.forEach((vector, v) => {
    vector.forEach((x, i) => {
      result[offset(v, i)] = gain * x;
    });
  });
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const length = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - length * (unit[i] ?? 0);
}

function scaleToUnitLength(vector: Float64Array): void {
  const length = Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
}
