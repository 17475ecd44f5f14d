import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { kernel, numericType } from '../kernel-call.js';
import { Binary, Class, Comparison, Logical, Operation, Unary, UnaryInteger } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { broadcastShape, broadcastStrides, elementCount, mergeAxes, sameShape } from '../strides.js';
import { broadcastTo, converted, filled, withTemporary, withType } from './copying.js';
import { compareStrings } from './strings.js';

/** Rough nanoseconds per element for functions that take more than one instruction. */
const SLOW = 2;
const FAST = 0.2;

/** Applies a float32 function of one element, converting int32 and bool inputs first. */
export function mapFloat(backend: SimdBackend, f: Unary, x: TensorInfo, p = 0, q = 0, cost = SLOW): TensorInfo {
  return withType(backend, x, 'float32', (input) => {
    const y = backend.allocate(x.shape, 'float32');
    const n = elementCount(x.shape);
    const job = backend.kernels.begin(Operation.UnaryFloat).int(f).int(n);
    job
      .int(backend.address(input))
      .int(backend.address(y))
      .float(p)
      .float(q)
      .run(n * cost);
    return y;
  });
}

function mapInt(backend: SimdBackend, f: UnaryInteger, x: TensorInfo, p = 0, q = 0): TensorInfo {
  return withType(backend, x, 'int32', (input) => {
    const y = backend.allocate(x.shape, 'int32');
    const n = elementCount(x.shape);
    const job = backend.kernels.begin(Operation.UnaryInt).int(f).int(n);
    job
      .int(backend.address(input))
      .int(backend.address(y))
      .int(p)
      .int(q)
      .run(n * FAST);
    return y;
  });
}

/** Applies a function of two elements with broadcasting; both operands have the same type. */
export function zip(backend: SimdBackend, f: Binary, a: TensorInfo, b: TensorInfo, cost = FAST): TensorInfo {
  const integer = numericType(a) === 'int32' && numericType(b) === 'int32';
  const dtype = integer ? 'int32' : 'float32';
  return withType(backend, a, dtype, (left) =>
    withType(backend, b, dtype, (right) => {
      const y = backend.allocate(broadcastShape(a.shape, b.shape), dtype);
      runPaired(backend, integer ? Operation.BinaryInt : Operation.BinaryFloat, f, left, right, y, cost);
      return y;
    }),
  );
}

function compare(backend: SimdBackend, f: Comparison, a: TensorInfo, b: TensorInfo): TensorInfo {
  const float = numericType(a) === 'float32' || numericType(b) === 'float32';
  const dtype = float ? 'float32' : 'int32';
  return withType(backend, a, dtype, (left) =>
    withType(backend, b, dtype, (right) => {
      const y = backend.allocate(broadcastShape(a.shape, b.shape), 'bool');
      runPaired(backend, float ? Operation.CompareFloat : Operation.CompareInt, f, left, right, y, FAST);
      return y;
    }),
  );
}

function runPaired(
  backend: SimdBackend,
  operation: Operation,
  f: number,
  a: TensorInfo,
  b: TensorInfo,
  y: TensorInfo,
  cost: number,
): void {
  const n = elementCount(y.shape);
  if (n === 0) return;
  if (sameShape(a.shape, b.shape)) {
    const job = backend.kernels.begin(operation).int(f).int(backend.address(a)).int(backend.address(b));
    job
      .int(backend.address(y))
      .int(n)
      .int(1)
      .int(1)
      .int(1)
      .int(0)
      .run(n * cost);
    return;
  }
  const axes = mergeAxes(y.shape, [broadcastStrides(a.shape, y.shape), broadcastStrides(b.shape, y.shape)]);
  const row = axes.pop() ?? { size: 1, strides: [1, 1] };
  backend.kernels
    .begin(operation)
    .int(f)
    .int(backend.address(a))
    .int(backend.address(b))
    .int(backend.address(y))
    .int(row.size)
    .int(row.strides[0] ?? 0)
    .int(row.strides[1] ?? 0)
    .int(n / row.size)
    .int(axes.length)
    .ints(axes.map((axis) => axis.size))
    .ints(axes.map((axis) => (axis.strides[0] ?? 0) * 4))
    .ints(axes.map((axis) => (axis.strides[1] ?? 0) * 4))
    .run(n * cost);
}

/** A function whose result is float32 for any operand type. */
function floatFunction(name: string, f: Unary, cost = SLOW): KernelConfig {
  return kernel(name, (call) => mapFloat(call.backend, f, call.tensor('x'), 0, 0, cost));
}

/** A function that preserves integer types. */
function typedFunction(
  name: string,
  f: Unary,
  integer: (backend: SimdBackend, x: TensorInfo) => TensorInfo,
): KernelConfig {
  return kernel(name, (call) => {
    const x = call.tensor('x');
    if (numericType(x) === 'float32') return mapFloat(call.backend, f, x, 0, 0, FAST);
    return integer(call.backend, x);
  });
}

function integerFunction(f: UnaryInteger, p = 0, q = 0): (backend: SimdBackend, x: TensorInfo) => TensorInfo {
  return (backend, x) => mapInt(backend, f, x, p, q);
}

function unchanged(backend: SimdBackend, x: TensorInfo): TensorInfo {
  return backend.alias(x, x.shape);
}

const LARGEST_INT = 2147483647;

const unaryKernels: KernelConfig[] = [
  typedFunction('Abs', Unary.Abs, integerFunction(UnaryInteger.Abs)),
  typedFunction('Neg', Unary.Negate, integerFunction(UnaryInteger.Negate)),
  typedFunction('Sign', Unary.Sign, integerFunction(UnaryInteger.Sign)),
  typedFunction('Square', Unary.Square, integerFunction(UnaryInteger.Square)),
  typedFunction('Relu', Unary.Relu, integerFunction(UnaryInteger.Clip, 0, LARGEST_INT)),
  typedFunction('Relu6', Unary.Relu6, integerFunction(UnaryInteger.Clip, 0, 6)),
  typedFunction('Floor', Unary.Floor, unchanged),
  typedFunction('Ceil', Unary.Ceil, unchanged),
  typedFunction('Round', Unary.Round, unchanged),
  floatFunction('Sqrt', Unary.Sqrt, 1),
  floatFunction('Rsqrt', Unary.Rsqrt, 1),
  floatFunction('Reciprocal', Unary.Reciprocal, 1),
  floatFunction('Exp', Unary.Exp),
  floatFunction('Expm1', Unary.Expm1),
  floatFunction('Log', Unary.Log),
  floatFunction('Log1p', Unary.Log1p),
  floatFunction('Sigmoid', Unary.Sigmoid),
  floatFunction('Tanh', Unary.Tanh),
  floatFunction('Softplus', Unary.Softplus),
  floatFunction('Erf', Unary.Erf),
  floatFunction('Sin', Unary.Sin),
  floatFunction('Cos', Unary.Cos),
  floatFunction('Elu', Unary.Elu),
  floatFunction('Selu', Unary.Selu),
  kernel('LeakyRelu', (call) =>
    mapFloat(call.backend, Unary.LeakyRelu, call.tensor('x'), call.number('alpha', 0.2), 0, FAST),
  ),
  kernel('Step', (call) => {
    const x = call.tensor('x');
    const y = mapFloat(call.backend, Unary.Step, x, call.number('alpha', 0), 0, FAST);
    return withTemporary(call.backend, y, (result) => converted(call.backend, result, numericType(x)));
  }),
  kernel('ClipByValue', (call) => {
    const x = call.tensor('x');
    const low = call.number('clipValueMin');
    const high = call.number('clipValueMax');
    if (numericType(x) === 'float32') return mapFloat(call.backend, Unary.Clip, x, low, high, FAST);
    return mapInt(call.backend, UnaryInteger.Clip, x, Math.max(low, -LARGEST_INT), Math.min(high, LARGEST_INT));
  }),
];

function classification(name: string, test: Class): KernelConfig {
  return kernel(name, (call) => {
    const { backend } = call;
    return withType(backend, call.tensor('x'), 'float32', (x) => {
      const y = backend.allocate(x.shape, 'bool');
      const n = elementCount(x.shape);
      backend.kernels.begin(Operation.Classify).int(test).int(n).int(backend.address(x)).int(backend.address(y));
      backend.kernels.run(n * FAST);
      return y;
    });
  });
}

/** Sums and differences, with complex tensors handled part by part. */
function additive(name: string, f: Binary.Add | Binary.Subtract): KernelConfig {
  return kernel(name, (call) => {
    const { backend } = call;
    const [a, b] = [call.tensor('a'), call.tensor('b')];
    if (a.dtype !== 'complex64' && b.dtype !== 'complex64') return zip(backend, f, a, b);
    return withComplex(backend, a, (x) =>
      withComplex(backend, b, (y) =>
        backend.makeComplex(zip(backend, f, x.real, y.real), zip(backend, f, x.imag, y.imag)),
      ),
    );
  });
}

function multiply(backend: SimdBackend, a: TensorInfo, b: TensorInfo): TensorInfo {
  if (a.dtype !== 'complex64' && b.dtype !== 'complex64') return zip(backend, Binary.Multiply, a, b);
  const products = (f: Binary, [p, q]: readonly TensorInfo[], [r, s]: readonly TensorInfo[]): TensorInfo => {
    if (p === undefined || q === undefined || r === undefined || s === undefined)
      throw new Error('a product has two factors');
    return withTemporary(backend, zip(backend, Binary.Multiply, p, q), (left) =>
      withTemporary(backend, zip(backend, Binary.Multiply, r, s), (right) => zip(backend, f, left, right)),
    );
  };
  return withComplex(backend, a, (x) =>
    withComplex(backend, b, (y) =>
      backend.makeComplex(
        products(Binary.Subtract, [x.real, y.real], [x.imag, y.imag]),
        products(Binary.Add, [x.real, y.imag], [x.imag, y.real]),
      ),
    ),
  );
}

/** Provides a tensor as complex: a real tensor gets an imaginary part of 0. */
function withComplex<T>(
  backend: SimdBackend,
  x: TensorInfo,
  use: (parts: { real: TensorInfo; imag: TensorInfo }) => T,
): T {
  if (x.dtype === 'complex64') return use(backend.complexParts(x));
  return withType(backend, x, 'float32', (real) =>
    withTemporary(backend, filled(backend, x.shape, 'float32', 0), (imag) => use({ real, imag })),
  );
}

function binary(name: string, f: Binary, inputs: readonly [string, string] = ['a', 'b'], cost = FAST): KernelConfig {
  return kernel(name, (call) => zip(call.backend, f, call.tensor(inputs[0]), call.tensor(inputs[1]), cost));
}

const binaryKernels: KernelConfig[] = [
  additive('Add', Binary.Add),
  additive('Sub', Binary.Subtract),
  kernel('Multiply', (call) => multiply(call.backend, call.tensor('a'), call.tensor('b'))),
  binary('RealDiv', Binary.Divide, ['a', 'b'], 0.5),
  binary('FloorDiv', Binary.FloorDivide, ['a', 'b'], 0.5),
  binary('Maximum', Binary.Maximum),
  binary('Minimum', Binary.Minimum),
  binary('Mod', Binary.Modulo, ['a', 'b'], 10),
  binary('Pow', Binary.Power, ['a', 'b'], 40),
  binary('SquaredDifference', Binary.SquaredDifference),
  binary('Prelu', Binary.Prelu, ['x', 'alpha']),
  binary('EluGrad', Binary.EluGrad, ['dy', 'y']),
  binary('BitwiseAnd', Binary.BitwiseAnd),
];

function comparison(name: string, f: Comparison): KernelConfig {
  return kernel(name, (call) => {
    const [a, b] = [call.tensor('a'), call.tensor('b')];
    if (a.dtype === 'string' && b.dtype === 'string') return compareStrings(call.backend, f, a, b);
    return compare(call.backend, f, a, b);
  });
}

function logical(name: string, f: Logical): KernelConfig {
  return kernel(name, (call) => {
    const { backend } = call;
    const shape = broadcastShape(call.tensor('a').shape, call.tensor('b').shape);
    return withTemporary(backend, broadcastTo(backend, call.tensor('a'), shape), (a) =>
      withTemporary(backend, broadcastTo(backend, call.tensor('b'), shape), (b) => {
        const y = backend.allocate(shape, 'bool');
        const n = elementCount(shape);
        const job = backend.kernels.begin(Operation.LogicalBytes).int(f).int(n);
        job
          .int(backend.address(a))
          .int(backend.address(b))
          .int(backend.address(y))
          .run(n * FAST);
        return y;
      }),
    );
  });
}

const boolKernels: KernelConfig[] = [
  classification('IsNan', Class.NaN),
  classification('IsInf', Class.Infinite),
  classification('IsFinite', Class.Finite),
  comparison('Equal', Comparison.Equal),
  comparison('NotEqual', Comparison.NotEqual),
  comparison('Less', Comparison.Less),
  comparison('LessEqual', Comparison.LessEqual),
  comparison('Greater', Comparison.Greater),
  comparison('GreaterEqual', Comparison.GreaterEqual),
  logical('LogicalAnd', Logical.And),
  logical('LogicalOr', Logical.Or),
  kernel('LogicalNot', (call) => {
    const { backend } = call;
    const x = call.tensor('x');
    const y = backend.allocate(x.shape, 'bool');
    const n = elementCount(x.shape);
    backend.kernels
      .begin(Operation.LogicalNot)
      .int(n)
      .int(backend.address(x))
      .int(backend.address(y))
      .run(n * FAST);
    return y;
  }),
  kernel('Select', (call) => {
    const { backend } = call;
    const t = call.tensor('t');
    const e = call.tensor('e');
    const dtype = numericType(t) === numericType(e) ? numericType(t) : 'float32';
    const given = call.tensor('condition');
    // A one-axis condition selects whole slices of t and e.
    const lead =
      given.shape.length === 1 && t.shape.length > 1 ? [...given.shape, ...t.shape.slice(1).map(() => 1)] : given.shape;
    return withTemporary(backend, broadcastTo(backend, { ...given, shape: lead }, t.shape), (condition) =>
      withType(backend, t, dtype, (yes) =>
        withType(backend, e, dtype, (no) => {
          const y = backend.allocate(t.shape, dtype);
          const n = elementCount(t.shape);
          const job = backend.kernels
            .begin(Operation.Select)
            .int(dtype === 'bool' ? 1 : 4)
            .int(n);
          job.int(backend.address(condition)).int(backend.address(yes)).int(backend.address(no));
          job.int(backend.address(y)).run(n * FAST);
          return y;
        }),
      ),
    );
  }),
  kernel('AddN', (call) => {
    const { backend } = call;
    const [first, ...rest] = call.tensors;
    if (first === undefined) throw new Error('AddN needs at least one tensor');
    let sum = backend.alias(first, first.shape);
    for (const term of rest) sum = withTemporary(backend, sum, (partial) => zip(backend, Binary.Add, partial, term));
    return sum;
  }),
];

/** Functions of one or two elements, comparisons, logic and selection. */
export const elementwiseKernels: readonly KernelConfig[] = [...unaryKernels, ...binaryKernels, ...boolKernels];
