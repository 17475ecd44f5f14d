/** `[channels, height, width]` or `[features]`, without the batch dimension. */
export type Shape = readonly number[];

export function elementCount(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** `1×28×28` */
export function describeShape(shape: Shape): string {
  return shape.join('×');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
