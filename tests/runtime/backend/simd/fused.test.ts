import {
  abs,
  add,
  conv2d,
  conv2dTranspose,
  div,
  engine,
  exp,
  expm1,
  log,
  log1p,
  matMul,
  maximum,
  mean,
  mul,
  neg,
  onesLike,
  pad4d,
  relu,
  type Scalar,
  scalar,
  sigmoid,
  slice,
  sqrt,
  square,
  squaredDifference,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tanh,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FusedActivation, FusedLoss, FusedUpdate } from '../../../../src/runtime/lowering/fused-operations.js';
import { dilated } from '../../../../src/runtime/lowering/windows.js';
import { stream } from '../../../../src/runtime/random/stream.js';
import { expectSameBits, fused, nextToNothing, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const data = (t: Tensor): Float32Array => Float32Array.from(t.dataSync());

/** The value of a scalar function and its gradients. */
function differentiated(f: () => Scalar, by: Tensor[]): Float32Array[] {
  return tidy(() => {
    const { value, grads } = engine().gradients(f, by);
    return [data(value), ...grads.map(data)];
  });
}

function expectSame(inOne: Float32Array[], separate: Float32Array[]): void {
  expect(inOne.length).toBe(separate.length);
  inOne.forEach((values, i) => {
    expectSameBits(values, separate[i] ?? new Float32Array(), `output ${i}`);
  });
}

describe('a fused dense layer has the bits of its parts', () => {
  const functions: Record<FusedActivation, (x: Tensor) => Tensor> = { linear: (x) => x, relu, sigmoid, tanh };
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
          differentiated(
            () => score(fused().dense({ input: x, constantInput: false, weight: w, transposed, bias: b, activation })),
            [x, w, b],
          ),
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
    FusedLoss,
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
        const inOne = tidy(() => {
          const f = () => mul<Scalar>(fused().elementLoss(loss, prediction, target, factor), 3);
          const { grads } = engine().gradients(f, [prediction]);
          return [data(fused().elementLoss(loss, prediction, target, factor)), ...grads.map(data)];
        });
        expectSame(inOne, separate);
      });
    }
  }

  it('the sum of squares', () => {
    const values = tensorOf(noise(9001, 8), [9001]);
    expectSame([data(fused().sumOfSquares(values))], [data(sum(square(values)))]);
  });

  it('sparsity', () => {
    const activations = tensorOf(
      noise(32 * 37, 7).map((v) => Math.abs(v) * 0.9 + 0.05),
      [32, 37],
    );
    const [rho, factor] = [0.05, 1 / 37];
    const inOne = differentiated(() => fused().sparsity(activations, rho, factor), [activations]);
    const separate = tidy(() => {
      const p = mean(activations, 0);
      const total = sum(add(mul(log(div(rho, p)), rho), mul(log(div(1 - rho, sub(1, p))), 1 - rho)));
      const slope = mul(sub(div(1 - rho, sub(1, p)), div(rho, p)), mul(scalar(1), factor));
      return [
        data(mul(total, factor)),
        data(mul(mul(slope, 1 / 32), tensorOf(new Float32Array(32 * 37).fill(1), [32, 37]))),
      ];
    });
    expectSame(inOne, separate);
  });
});

/** In the order of the kernel; a mean square is not negative. */
function slotsOf(kind: FusedUpdate['kind'], first: Tensor, square: Tensor): Tensor[] {
  switch (kind) {
    case 'adam':
    case 'adamw':
      return [first, square];
    case 'rmsprop':
      return [square, first];
    case 'sgd':
    case 'momentum':
      return [first];
  }
}

describe('a fused update has the bits of its formula', () => {
  const shapes = [[3, 5], [100, 100], [1]];
  const make = (seed: number, values = noise) =>
    shapes.map((shape, i) =>
      tensorOf(
        values(
          shape.reduce((n, s) => n * s, 1),
          seed + i,
        ),
        shape,
      ),
    );
  const decayed = (g: Tensor, w: Tensor, decay: number) => (decay === 0 ? g : add(g, mul(w, decay)));
  const cases: [FusedUpdate, (w: Tensor, g: Tensor, a: Tensor, b: Tensor) => Tensor[]][] = [];
  for (const decay of [0, 0.01]) {
    const shrink = 1 - decay;
    const rates = [
      ['adam', 0.001, 1e-8],
      ['adamw', 0.001, 1e-8],
      ['adam', 1e12, 1e-30],
      ['adam', 1e-30, 0],
    ] as const;
    for (const [kind, rate, floor] of rates) {
      const n = { kind, rate, floor, beta1: 0.9, beta2: 0.999, decay: kind === 'adam' ? decay : shrink };
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
  for (const decay of [0, 0.0002]) {
    cases.push([
      { kind: 'momentum', rate: 0.1, momentum: 0.5, decay },
      (w, g, a) => {
        const u = sub(mul(a, 0.5), mul(decayed(g, w, decay), 0.1));
        return [add(w, u), u];
      },
    ]);
  }
  const update = (
    numbers: FusedUpdate,
    formula: (w: Tensor, g: Tensor, a: Tensor, b: Tensor) => Tensor[],
    [weights, gradients, a, b]: [Tensor[], Tensor[], Tensor[], Tensor[]],
  ) => {
    const entries = weights.map((weight, i) => {
      const [gradient, first, second] = [gradients[i], a[i], b[i]];
      if (!gradient || !first || !second) throw new Error('missing tensor');
      return { weight, gradient, slots: slotsOf(numbers.kind, first, second) };
    });
    const expected = entries.map(({ weight, gradient, slots: [first = weight, second = first] }) =>
      formula(weight, gradient, first, second).map(data),
    );
    fused().updateOf(entries)(numbers);
    entries.forEach(({ weight, slots }, i) => {
      expectSame([weight, ...slots].map(data), expected[i] ?? []);
    });
  };
  for (const [numbers, formula] of cases) {
    it(JSON.stringify(numbers), () => {
      tidy(() => update(numbers, formula, [make(10), make(20), make(30), make(40).map(abs)]));
    });
    it(`${JSON.stringify(numbers)}, with averages next to nothing`, () => {
      tidy(() => {
        const tiny = (seed: number) => make(seed, nextToNothing);
        const none = make(0, (count) => new Float32Array(count));
        for (const [weights, gradients] of [
          [make(10), none],
          [tiny(10), none],
          [tiny(11), tiny(20)],
          [make(11), make(20)],
        ] as const) {
          update(numbers, formula, [weights, gradients, tiny(30), tiny(40).map(abs)]);
        }
      });
    });
  }
});

describe('a fused convolution has the bits of its parts', () => {
  const functions: Record<FusedActivation, (x: Tensor) => Tensor> = { linear: (x) => x, relu, sigmoid, tanh };
  for (const [activation, out] of [
    ['linear', 5],
    ['relu', 8],
    ['tanh', 1],
  ] as const) {
    for (const padding of [0, 1] as const) {
      const around = (images: Tensor4D): Tensor4D =>
        pad4d(images, [
          [0, 0],
          [padding, padding],
          [padding, padding],
          [0, 0],
        ]);
      it(`${activation}, ${out} channels, padding ${padding}`, () => {
        const images = tensor4d(noise(3 * 11 * 9 * 2, 51), [3, 11, 9, 2]);
        const kernels = tensor4d(noise(3 * 3 * 2 * out, 52), [3, 3, 2, out]);
        const bias = tensorOf(noise(out, 53), [out]);
        const score = (y: Tensor) => sum<Scalar>(square(y));
        const window = { stride: [2, 2], padding: [padding, padding], dilation: [1, 1] } as const;
        const layer = { images, constantInput: false, kernels, bias, ...window, activation };
        const separate = () => functions[activation](add(conv2d(around(images), kernels, 2, 'valid'), bias));
        expectSame(
          differentiated(() => score(fused().convolution(layer)), [images, kernels, bias]),
          differentiated(() => score(separate()), [images, kernels, bias]),
        );
      });

      it(`${activation}, ${out} channels, padding ${padding}, taps apart`, () => {
        const images = tensor4d(noise(3 * 11 * 9 * 2, 57), [3, 11, 9, 2]);
        const kernels = tensor4d(noise(3 * 2 * 2 * out, 58), [3, 2, 2, out]);
        const bias = tensorOf(noise(out, 59), [out]);
        const score = (y: Tensor) => sum<Scalar>(square(y));
        const window = { stride: [2, 1], padding: [padding, padding], dilation: [2, 3] } as const;
        const layer = { images, constantInput: false, kernels, bias, ...window, activation };
        const separate = () =>
          functions[activation](add(conv2d(around(images), dilated(kernels, [2, 3]), [2, 1], 'valid'), bias));
        expectSame(
          differentiated(() => score(fused().convolution(layer)), [images, kernels, bias]),
          differentiated(() => score(separate()), [images, kernels, bias]),
        );
      });

      it(`transposed, ${activation}, ${out} channels, padding ${padding}`, () => {
        const images = tensor4d(noise(3 * 5 * 4 * 2, 54), [3, 5, 4, 2]);
        const kernels = tensor4d(noise(3 * 3 * out * 2, 55), [3, 3, out, 2]);
        const bias = tensorOf(noise(out, 56), [out]);
        const score = (y: Tensor) => sum<Scalar>(square(y));
        const [height, width] = [11 - 2 * padding, 9 - 2 * padding];
        const window = { stride: [2, 2], padding: [padding, padding], dilation: [1, 1] } as const;
        const layer = { images, constantInput: false, kernels, bias, ...window, activation };
        const separate = () => {
          const whole = conv2dTranspose(images, kernels, [3, 11, 9, out], 2, 'valid');
          const cut = slice(whole, [0, padding, padding, 0], [3, height, width, out]);
          return functions[activation](add(cut, bias));
        };
        expectSame(
          differentiated(() => score(fused().transposedConvolution(layer, [height, width])), [images, kernels, bias]),
          differentiated(() => score(separate()), [images, kernels, bias]),
        );
      });
    }
  }
});

describe('a variational encoder in fused kernels has the bits of its formulas', () => {
  for (const dimensions of [1, 2, 7, 20]) {
    const moments = () => ({
      mu: tensorOf(noise(33 * dimensions, 61), [33, dimensions]),
      logvar: tensorOf(noise(33 * dimensions, 62), [33, dimensions]),
    });

    it(`the divergence of ${dimensions} dimensions`, () => {
      const { mu, logvar } = moments();
      const weights = tensorOf(noise(dimensions, 63), [dimensions]);
      const score = (divergence: Tensor) => sum<Scalar>(mul(divergence, weights));
      const inOne = differentiated(() => score(fused().gaussianDivergence(mu, logvar)), [mu, logvar]);
      const separate = tidy(() => {
        const each = mul(add(square(mu), sub(expm1(logvar), logvar)), 0.5);
        const upstream = div(mul(weights, onesLike(mu)), 33);
        const slope = mul(sub(exp(logvar), 1), 0.5);
        return [data(score(mean(each, 0))), data(mul(upstream, mu)), data(mul(upstream, slope))];
      });
      expectSame(inOne, separate);
    });

    it(`a sample of ${dimensions} dimensions`, () => {
      const { mu, logvar } = moments();
      const { normal, key } = stream({ seed: 4, path: 'encoder/1', purpose: 'eps' });
      const drawn = new Float32Array(33 * dimensions);
      normal(drawn, 9, 3);
      const eps = tensorOf(drawn, [33, dimensions]);
      const score = (z: Tensor) => sum<Scalar>(square(z));
      const place = { key, at: { step: 9 }, first: 3 };
      expectSame(
        differentiated(() => score(fused().reparameterize(mu, logvar, place)), [mu, logvar]),
        differentiated(() => score(add(mu, mul(eps, exp(mul(logvar, 0.5))))), [mu, logvar]),
      );
    });
  }
});
