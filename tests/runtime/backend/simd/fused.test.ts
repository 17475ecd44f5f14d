import {
  abs,
  add,
  div,
  engine,
  exp,
  log,
  log1p,
  matMul,
  maximum,
  mean,
  mul,
  neg,
  relu,
  type Scalar,
  scalar,
  sigmoid,
  sqrt,
  square,
  squaredDifference,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { gatherBytes } from '../../../../src/runtime/backend/simd/fused/byte-images.js';
import { type DenseActivation, fusedDense } from '../../../../src/runtime/backend/simd/fused/dense.js';
import {
  type ElementLoss,
  fusedElementLoss,
  fusedSparsity,
} from '../../../../src/runtime/backend/simd/fused/losses.js';
import { fusedUpdate, type OptimizerNumbers } from '../../../../src/runtime/backend/simd/fused/optimizers.js';
import { expectSameBits, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const data = (t: Tensor): Float32Array => Float32Array.from(t.dataSync());

/** The value of a scalar function and its gradients. */
function differentiated(f: () => Scalar, by: Tensor[]): Float32Array[] {
  return tidy(() => {
    const { value, grads } = engine().gradients(f, by);
    return [data(value), ...grads.map(data)];
  });
}

function expectSame(fused: Float32Array[], separate: Float32Array[]): void {
  expect(fused.length).toBe(separate.length);
  fused.forEach((values, i) => {
    expectSameBits(values, separate[i] ?? new Float32Array(), `output ${i}`);
  });
}

describe('a fused dense layer has the bits of its parts', () => {
  const functions: Record<DenseActivation, (x: Tensor) => Tensor> = { linear: (x) => x, relu, sigmoid, tanh };
  for (const activation of ['linear', 'relu', 'sigmoid', 'tanh'] as const) {
    for (const transposed of [false, true]) {
      it(`${activation}, ${transposed ? '[features, inputs]' : '[inputs, features]'}`, () => {
        const [x, w, b, target] = [
          tensorOf(noise(33 * 70, 1), [33, 70]),
          tensorOf(noise(70 * 45, 2), transposed ? [45, 70] : [70, 45]),
          tensorOf(noise(45, 3), [45]),
          tensorOf(noise(33 * 45, 4), [33, 45]),
        ];
        const score = (y: Tensor) => sum<Scalar>(squaredDifference(y, target));
        expectSame(
          differentiated(() => score(fusedDense({ input: x, weight: w, transposed, bias: b, activation })), [x, w, b]),
          differentiated(() => score(functions[activation](add(matMul(x, w, false, transposed), b))), [x, w, b]),
        );
      });
    }
  }
});

describe('a fused loss has the bits of its formula', () => {
  const y = noise(64 * 100, 5).map((v) => Math.abs(v));
  const t = noise(64 * 100, 6).map((v) => (v > 0.5 ? 1 : v < -0.5 ? 0 : Math.abs(v)));
  y.set([0, 1, 1e-30, 0.5], 0);
  const losses: Record<
    ElementLoss,
    { value: (y: Tensor, t: Tensor) => Tensor; slope: (y: Tensor, t: Tensor) => Tensor; twice: number }
  > = {
    squared_error: { value: squaredDifference, slope: sub, twice: 2 },
    cross_entropy: {
      value: (p, q) => neg(add(mul(q, maximum(log(p), -100)), mul(sub(1, q), maximum(log1p(neg(p)), -100)))),
      slope: (p, q) => div(sub(p, q), maximum(mul(p, sub(1, p)), 1e-12)),
      twice: 1,
    },
    cross_entropy_of_logits: {
      value: (p, q) => add(sub(relu(p), mul(q, p)), log1p(exp(neg(abs(p))))),
      slope: (p, q) => sub(sigmoid(p), q),
      twice: 1,
    },
  };
  for (const loss of ['squared_error', 'cross_entropy', 'cross_entropy_of_logits'] as const) {
    for (const factor of [1, 1 / 6400]) {
      it(`${loss}, times ${factor}`, () => {
        const [prediction, target] = [tensorOf(y, [64, 100]), tensorOf(t, [64, 100])];
        const { value, slope, twice } = losses[loss];
        const separate = tidy(() => {
          const total = sum(value(prediction, target));
          const upstream = scalar(3);
          return [
            data(factor === 1 ? total : mul(total, factor)),
            data(mul(slope(prediction, target), mul(upstream, factor * twice))),
          ];
        });
        const fused = tidy(() => {
          const f = () => mul<Scalar>(fusedElementLoss(loss, prediction, target, factor), 3);
          const { grads } = engine().gradients(f, [prediction]);
          return [data(fusedElementLoss(loss, prediction, target, factor)), ...grads.map(data)];
        });
        expectSame(fused, separate);
      });
    }
  }

  it('sparsity', () => {
    const activations = tensorOf(
      noise(32 * 37, 7).map((v) => Math.abs(v) * 0.9 + 0.05),
      [32, 37],
    );
    const [rho, factor] = [0.05, 1 / 37];
    const fused = differentiated(() => fusedSparsity(activations, rho, factor), [activations]);
    const separate = tidy(() => {
      const p = mean(activations, 0);
      const total = sum(add(mul(log(div(rho, p)), rho), mul(log(div(1 - rho, sub(1, p))), 1 - rho)));
      const slope = mul(sub(div(1 - rho, sub(1, p)), div(rho, p)), mul(scalar(1), factor));
      return [
        data(mul(total, factor)),
        data(mul(mul(slope, 1 / 32), tensorOf(new Float32Array(32 * 37).fill(1), [32, 37]))),
      ];
    });
    expectSame(fused, separate);
  });
});

describe('a fused update has the bits of its formula', () => {
  const shapes = [[3, 5], [100, 100], [1]];
  const make = (seed: number) =>
    shapes.map((shape, i) =>
      tensorOf(
        noise(
          shape.reduce((n, s) => n * s, 1),
          seed + i,
        ),
        shape,
      ),
    );
  const decayed = (g: Tensor, w: Tensor, decay: number) => (decay === 0 ? g : add(g, mul(w, decay)));
  const cases: [OptimizerNumbers, (w: Tensor, g: Tensor, a: Tensor, b: Tensor) => Tensor[]][] = [];
  for (const decay of [0, 0.01]) {
    const shrink = 1 - decay;
    for (const kind of ['adam', 'adamw'] as const) {
      const n = { kind, rate: 0.001, floor: 1e-8, beta1: 0.9, beta2: 0.999, decay: kind === 'adam' ? decay : shrink };
      cases.push([
        n,
        (w, g, a, b) => {
          const slope = kind === 'adam' ? decayed(g, w, decay) : g;
          const weight = kind === 'adam' || shrink === 1 ? w : mul(w, shrink);
          const m = add(mul(a, n.beta1), mul(slope, 1 - n.beta1));
          const v = add(mul(b, n.beta2), mul(square(slope), 1 - n.beta2));
          return [sub(weight, mul(div(m, add(sqrt(v), n.floor)), n.rate)), m, v];
        },
      ]);
    }
    for (const momentum of [0, 0.9]) {
      for (const nesterov of [false, momentum > 0]) {
        cases.push([
          { kind: 'sgd', rate: 0.1, momentum, nesterov, decay },
          (w, g, a) => {
            const slope = decayed(g, w, decay);
            const u = momentum === 0 ? slope : add(mul(a, momentum), slope);
            return [sub(w, mul(nesterov ? add(slope, mul(u, momentum)) : u, 0.1)), u];
          },
        ]);
      }
      cases.push([
        { kind: 'rmsprop', rate: 0.01, alpha: 0.99, epsilon: 1e-8, momentum, decay },
        (w, g, a, b) => {
          const slope = decayed(g, w, decay);
          const v = add(mul(a, 0.99), mul(square(slope), 1 - 0.99));
          const scaled = div(slope, add(sqrt(v), 1e-8));
          const u = momentum === 0 ? scaled : add(mul(b, momentum), scaled);
          return [sub(w, mul(u, 0.01)), v, u];
        },
      ]);
    }
  }
  for (const [numbers, formula] of cases) {
    it(JSON.stringify(numbers), () => {
      tidy(() => {
        const [weights, gradients, a, b] = [make(10), make(20), make(30), make(40).map(abs)];
        const entries = weights.map((weight, i) => {
          const [gradient, first, second] = [gradients[i], a[i], b[i]];
          if (!gradient || !first || !second) throw new Error('missing tensor');
          return {
            weight,
            gradient,
            slots: numbers.kind === 'sgd' ? [first] : numbers.kind === 'rmsprop' ? [second, first] : [first, second],
          };
        });
        fusedUpdate(numbers, entries).forEach(({ weight, slots }, i) => {
          const entry = entries[i];
          if (!entry) throw new Error('missing entry');
          const [first = entry.weight, second = first] = entry.slots;
          expectSame([weight, ...slots].map(data), formula(entry.weight, entry.gradient, first, second).map(data));
        });
      });
    });
  }
});

describe('a batch of byte images', () => {
  it('is the table at the bytes of each window', () => {
    const bytes = Uint8Array.from({ length: 3 * 28 * 28 }, (_, i) => (i * 37) & 255);
    const table = Float32Array.from({ length: 256 }, (_, i) => (i / 255 - 0.5) / 0.25);
    const starts = Int32Array.of(784 + 5 * 28 + 3, 0);
    const batch = tidy(() =>
      data(gatherBytes(tensor(bytes, [bytes.length], 'bool'), starts, { rows: 10, rowBytes: 10, stride: 28 }, table)),
    );
    const expected = Float32Array.from({ length: 200 }, (_, i) => {
      const [item, r, c] = [Math.floor(i / 100), Math.floor((i % 100) / 10), i % 10];
      return table[bytes[(starts[item] ?? 0) + r * 28 + c] ?? 0] ?? 0;
    });
    expectSameBits(batch, expected);
  });
});
