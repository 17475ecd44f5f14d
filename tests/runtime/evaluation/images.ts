/** Pixels `((i a + j b) mod m) / (m − 1)` in row i and column j, which the script of the expected values has too. */
export function formulaImage(height: number, width: number, a: number, b: number, m: number): Float32Array {
  return Float32Array.from({ length: height * width }, (_, at) => {
    const [i, j] = [Math.floor(at / width), at % width];
    return ((i * a + j * b) % m) / (m - 1);
  });
}
