import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import { describeShape, elementCount, type Shape, sameShape } from '../ir/shape.js';
import type { Library } from '../library/library.js';
import { failed, ok, type Result } from '../library/word.js';
import type { CallExpression } from '../syntax/ast.js';
import type { World } from '../world.js';

/** Shapes of arrays that were read in this process: the IR has their elements alone. */
const shapes = new WeakMap<readonly number[], Shape>();

/** The array that a call such as `npy("weights.npy")` names; undefined after reporting why there is none. */
export function constantArray(
  { word, arguments: given, span }: CallExpression,
  world: World | null,
  evaluator: Pick<Evaluator, 'evaluate'>,
  library: Library,
  collector: DiagnosticCollector,
): readonly number[] | undefined {
  const format = library.find('dataset', word.name)?.constants;
  const formats = library.byFamily.dataset.filter(({ constants }) => constants !== undefined);
  const usage = `write [1, 2, 3], or a file: ${formats.map(({ name }) => `${name}("weights.${name}")`).join(' or ')}`;
  if (format === undefined) {
    collector.error('AE305', `these numbers cannot come from '${word.name}'`, word.span, { hint: usage });
    return undefined;
  }
  const [first, second] = given;
  const path = first && first.name === null && second === undefined ? evaluator.evaluate(first.value) : null;
  if (path?.type !== 'string') {
    if (path?.type !== 'unknown')
      collector.error('AE304', `'${word.name}' takes a path here, and nothing else`, span, { hint: usage });
    return undefined;
  }
  if (world === null) return undefined;
  const request = { format: word.name, path: path.value, role: 'constants' } as const;
  const described = world.describeFile(path.span.source)(request, undefined, format);
  if (!described.ok) {
    const { code, message, hint } = described.problem;
    collector.error(code, message, path.span, { hint });
    return undefined;
  }
  const { values, shape } = described.value;
  if (values === undefined) throw new RangeError(`'${word.name}' gives no constants`);
  // A copy of its own: two uses of a file may be read once.
  const array = [...values];
  shapes.set(array, shape);
  return array;
}

/**
 * The elements of an array for each value of an example, in the language's order. It goes together with the example as in
 * NumPy, or has as many elements in a row.
 */
export function spreadOver(array: readonly number[], to: Shape): Result<readonly number[]> {
  const own = shapes.get(array) ?? [array.length];
  if (array.every((number) => number === 0)) {
    return failed('AE306', 'all of these weights are 0, so that nothing is compared', { hint: 'leave the term out' });
  }
  if (sameShape(own, to) || (own.length === 1 && array.length === elementCount(to))) return ok(array);
  const missing = to.length - own.length;
  const strides = to.map((size, axis) => {
    const length = axis < missing ? 1 : (own[axis - missing] ?? 1);
    if (length !== 1 && length !== size) return null;
    return length === 1 ? 0 : own.slice(axis - missing + 1).reduce((product, n) => product * n, 1);
  });
  if (missing < 0 || strides.includes(null)) {
    const given = own.length === 1 ? `${array.length} numbers` : describeShape(own);
    return failed('AE402', `the weights are ${given}, and the output is ${describeShape(to)}`, {
      hint: `give one for each of the ${elementCount(to).toLocaleString('en')} values, or shapes that go together as in NumPy`,
    });
  }
  return ok(
    Array.from({ length: elementCount(to) }, (_, element) => {
      let [rest, place] = [element, 0];
      for (let axis = to.length - 1; axis >= 0; axis--) {
        const size = to[axis] ?? 1;
        place += (rest % size) * (strides[axis] ?? 0);
        rest = Math.floor(rest / size);
      }
      return array[place] ?? Number.NaN;
    }),
  );
}
