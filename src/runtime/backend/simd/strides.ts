// Canonical shapes for the kernels: drops axes of size 1 and merges neighbouring axes where every operand allows it.

/** A loop axis over several operands: its size, and each operand's stride in elements. */
export interface LoopAxis {
  size: number;
  readonly strides: number[];
}

/** Strides, in elements, of a dense tensor of this shape. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

/** Strides of `shape` broadcast to `target`: 0 along repeated axes. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const dense = denseStrides(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (dense[axis - lead] ?? 0)));
}

/** Loop axes over `shape` with the operands' strides, as few as possible but at least one. */
export function mergeAxes(shape: readonly number[], operands: readonly (readonly number[])[]): LoopAxis[] {
  const merged: LoopAxis[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const strides = operands.map((operand) => operand[axis] ?? 0);
    const outer = merged.at(-1);
    if (outer?.strides.every((stride, i) => stride === (strides[i] ?? 0) * size)) {
      merged[merged.length - 1] = { size: outer.size * size, strides };
    } else {
      merged.push({ size, strides });
    }
  });
  return merged.length > 0 ? merged : [{ size: 1, strides: operands.map(() => 1) }];
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; ++axis) if (a[axis] !== b[axis]) return false;
  return true;
}

export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** Shape that two shapes broadcast to. Throws if they don't. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  if (sameShape(a, b)) return [...a];
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) throw new Error(`Operands could not be broadcast together: [${a}] and [${b}]`);
    return m === 1 ? n : m;
  });
}
