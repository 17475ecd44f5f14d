import { expect, it } from 'vitest';
import { run } from '../../src/sweep/run.js';

const network =
  'encoder { dense(24, activation=tanh)  code: dense(12, activation=sigmoid) } decoder { dense(input.size, activation=sigmoid) }';
const activated = (activation: string) =>
  `encoder { code: dense(24, activation=${activation}) } decoder { dense(input.size) } loss mse()`;

/**
 * A built-in word as it is written by hand, and statements with either. The other words have derivatives of their own,
 * in an order of operations that no chain of derivatives has.
 */
const rewritten: Readonly<Record<string, readonly [definition: string, own: string, word: string]>> = {
  mse: ['define loss own() = mean((output - target) ** 2)', `${network} loss own()`, `${network} loss mse()`],
  mse_sum: [
    'define loss own() = sum((output - target) ** 2)',
    `${network} loss own()`,
    `${network} loss mse(reduction=sum)`,
  ],
  mae: ['define loss own() = mean(abs(output - target))', `${network} loss own()`, `${network} loss mae()`],
  huber: [
    'define loss own(delta = 1) = mean(where(abs(output - target) <= delta, (output - target) ** 2 / 2, delta * (abs(output - target) - delta / 2)))',
    `${network} loss own(0.3)`,
    `${network} loss huber(delta=0.3)`,
  ],
  l1: [
    'define penalty own(on = code) = mean(sum(abs(on), axis=features))',
    `${network} loss mse() + 0.01 * own()`,
    `${network} loss mse() + 0.01 * l1()`,
  ],
  l2: [
    'define penalty own(on = code) = mean(sum(on ** 2, axis=features))',
    `${network} loss mse() + 0.01 * own()`,
    `${network} loss mse() + 0.01 * l2()`,
  ],
  relu: ['define activation own() = relu(x)', activated('own'), activated('relu')],
  relu_by_max: ['define activation own() = max(x, 0)', activated('own'), activated('relu')],
  leaky_relu: [
    'define activation own(slope = 0.01) = where(x > 0, x, slope * x)',
    activated('own(0.2)'),
    activated('leaky_relu(0.2)'),
  ],
  tanh: ['define activation own() = tanh(x)', activated('own'), activated('tanh')],
  sigmoid: ['define activation own() = sigmoid(x)', activated('own'), activated('sigmoid')],
  softplus: ['define activation own() = softplus(x)', activated('own'), activated('softplus')],
  selu: [
    'define activation own() = where(x > 0, 1.0507009873554805 * x, 1.7580993408473766 * expm1(min(x, 0)))',
    activated('own'),
    activated('selu'),
  ],
  elu: [
    'define activation own(alpha = 1) = where(x > 0, x, alpha * expm1(min(x, 0)))',
    activated('own(0.5)'),
    activated('elu(0.5)'),
  ],
};

async function weights(before: string, statements: string): Promise<string | null> {
  const text = `${before}\nexperiment own {\n data digits(take=96, test=20) { center_crop(12) }\n ${statements}\n train adam(lr=0.01) { epochs = 2  batch = 32 }\n}`;
  const trained = await run({ source: { path: 'own.ae', text }, threads: 1, store: null });
  trained.model?.dispose();
  return trained.weightsSha256;
}

it('built-in words that are written as definitions train to the same weights', async () => {
  const equal: string[] = [];
  for (const [name, [definition, own, word]] of Object.entries(rewritten)) {
    if ((await weights(definition, own)) === (await weights('', word))) equal.push(name);
  }
  expect(equal).toEqual(Object.keys(rewritten));
}, 120_000);
