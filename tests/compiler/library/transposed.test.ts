import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalForm, canonicalJson } from '../../../src/compiler/ir/canonical.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { initialWeights, type WeightValues } from '../../../src/runtime/training/initial-weights.js';
import { builtinWords } from '../../../src/words/words.js';
import { experimentOf, train } from '../../runtime/training/trial.js';
import { compileStatements } from './statements.js';

const weightsOf = (statements: string, given?: WeightValues) =>
  initialWeights(networkOf(experimentOf(statements), builtinWords), 1, undefined, given);

const weight = (values: WeightValues, key: string): Float32Array => {
  const found = values.get(key);
  if (!found) throw new RangeError(`no weight ${key}`);
  return found;
};

/** Row by row, of `[rows, columns]`. */
const at = (values: Float32Array, columns: number, row: number, column: number) => values[row * columns + column];

const identity = (statements: string) => canonicalJson(canonicalForm(experimentOf(statements), builtinWords));

/** What is wrong, and what to do. */
const problemOf = (statements: string) => {
  const [first] = compileStatements(statements).diagnostics;
  return `${first?.code} ${first?.message} (${first?.hint})`;
};

const small = 'data digits(take=40, test=20) { center_crop(4) }';

describe('a weight that starts as the transpose of an earlier one', () => {
  it('has its columns as rows, and a bias of zeros; a label of an activation means the layer', () => {
    const start = weightsOf(`${small}
      encoder { dense(5)  h: tanh()  code: dense(3, activation=relu) }
      decoder { a: dense(5, init=transposed(code))  dense(input.size, activation=sigmoid, init=transposed(h)) }`);
    const [code, above] = [weight(start, 'encoder/1/weight'), weight(start, 'decoder/0/weight')];
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 3; column++) expect(at(above, 3, row, column)).toBe(at(code, 5, column, row));
    }
    const [first, last] = [weight(start, 'encoder/0/weight'), weight(start, 'decoder/1/weight')];
    for (let row = 0; row < 16; row++) {
      for (let column = 0; column < 5; column++) expect(at(last, 5, row, column)).toBe(at(first, 16, column, row));
    }
    expect([...weight(start, 'decoder/0/bias')]).toEqual([0, 0, 0, 0, 0]);
    expect(new Set(code).size).toBe(15);
  });

  it('of a given weight is that of the one given, and a given one stays', () => {
    const statements = `${small}
      encoder { code: dense(2) }
      decoder { dense(16, init=transposed(code), activation=sigmoid) }`;
    const code = Float32Array.from({ length: 32 }, (_, i) => i);
    const start = weightsOf(statements, new Map([['encoder/0/weight', code]]));
    expect([...weight(start, 'decoder/0/weight').slice(0, 4)]).toEqual([0, 16, 1, 17]);
    const both = weightsOf(statements, new Map([['decoder/0/weight', code]]));
    expect(weight(both, 'decoder/0/weight')).toEqual(code);
  });

  it('of a convolution is its kernel, in the transposed convolution', () => {
    const start = weightsOf(`data digits(take=40, test=20)
      encoder { h: conv2d(4, kernel=[3, 2], stride=2)  code: conv2d(2, kernel=3, groups=2) }
      decoder { conv_transpose2d(4, kernel=3, groups=2, init=transposed(code))
                conv_transpose2d(1, kernel=[3, 2], stride=2, output_padding=[1, 0], init=transposed(h)) }`);
    expect(weight(start, 'decoder/0/weight')).toEqual(weight(start, 'encoder/1/weight'));
    expect(weight(start, 'decoder/1/weight')).toEqual(weight(start, 'encoder/0/weight'));
  });

  it('may come from a layer of the decoder, from one that is transposed itself, and from a head', () => {
    const start = weightsOf(`${small}
      encoder { h: dense(5)  z: reparameterize { mu: dense(3)  logvar: dense(3) } }
      decoder { a: dense(5, init=transposed(z.mu))  b: dense(3, init=transposed(a))  dense(input.size) }
      loss mse() + kl_gaussian()`);
    expect(weight(start, 'decoder/1/weight')).toEqual(weight(start, 'encoder/1/mu/weight'));
  });
});

describe('the training of it', () => {
  beforeAll(async () => {
    await chooseBackend('cpu');
  });

  it('changes each of the two, but for a frozen one', async () => {
    const statements = (more: string) => `${small}
      encoder { code: dense(4) }
      decoder { dense(16, init=transposed(code)${more}, activation=sigmoid) }
      loss mse()
      train sgd(lr=1) { epochs = 1  batch = 20 }`;
    const [free, frozen] = [await train(statements('')), await train(statements(', frozen=true'))];
    const start = weightsOf(statements(''));
    const values = (trained: typeof free, key: string) => trained.weights.find((each) => each.key === key)?.values;
    expect(values(frozen, 'decoder/0/weight')).toEqual(start.get('decoder/0/weight'));
    expect(values(frozen, 'encoder/0/weight')).not.toEqual(start.get('encoder/0/weight'));
    expect(values(free, 'decoder/0/weight')).not.toEqual(start.get('decoder/0/weight'));
  });
});

describe('the identity', () => {
  it('has the place of the layer, whatever its label, and whether it or its activation is named', () => {
    const one = identity(`encoder { h: dense(8, activation=relu)  code: dense(3) }
      decoder { dense(8, init=transposed(code))  dense(input.size, init=transposed(h)) }`);
    const other = identity(`encoder { dense(8)  first: relu()  code: dense(3) }
      decoder { dense(8, init=transposed(code))  dense(input.size, init=transposed(first)) }`);
    const bare = identity(`encoder { h: dense(8)  relu()  code: dense(3) }
      decoder { dense(8, init=transposed(code))  dense(input.size, init=transposed(h)) }`);
    expect([other, bare]).toEqual([one, one]);
    expect(one).toContain('"of":"encoder[');
  });

  it('has which layer it is', () => {
    const from = (label: string) =>
      identity(`encoder { a: dense(784)  b: dense(784)  code: dense(3) }
        decoder { dense(784, init=torch())  dense(784, init=transposed(${label})) }`);
    expect(from('a')).not.toBe(from('b'));
  });
});

describe('a layer that cannot start so', () => {
  it('is told both shapes', () => {
    expect(
      problemOf(`encoder { h: dense(64, activation=relu)  code: dense(16) }
        decoder { dense(input.size, init=transposed(h), activation=sigmoid) }`),
    ).toBe(
      "AE402 'dense' has a weight 784×16, but that of the layer 'h' (dense) transposed is 784×64 (its input is 16) " +
        "(the layer 'h' (dense) goes from 784 to 64, and this layer from 16 to 784)",
    );
  });

  it('is told what kind of layer has the transpose, or that there is no weight', () => {
    const decoder = 'decoder { dense(input.size, init=transposed(h), activation=sigmoid) }';
    expect(problemOf(`encoder { h: conv2d(4, kernel=3)  code: dense(16) } ${decoder}`)).toMatch(
      /^AE402 'dense' cannot start from the transpose of the layer 'h' \(conv2d\).*weight transposed is that of a conv_transpose2d/,
    );
    expect(problemOf(`encoder { conv2d(4, kernel=3)  h: max_pool2d(2)  code: dense(16) } ${decoder}`)).toMatch(
      /^AE402 the layer 'h' \(max_pool2d\) has no weight that could be transposed/,
    );
    expect(problemOf(`encoder { h: relu()  code: dense(16) } ${decoder}`)).toMatch(
      /^AE402 the layer 'h' \(relu\) has no weight that could be transposed/,
    );
    expect(
      problemOf(`encoder { h: reparameterize { mu: dense(3)  logvar: dense(3) } } ${decoder} loss mse()`),
    ).toContain('name one of its layers: h.mu or h.logvar');
  });

  it('with groups that its kernel does not have is refused, though the sizes of the kernels are the same', () => {
    expect(
      problemOf(`encoder { conv2d(4, kernel=1)  h: conv2d(4, kernel=1, groups=2)  code: conv2d(4, kernel=1) }
        decoder { conv_transpose2d(2, kernel=1, init=transposed(h))  conv_transpose2d(1, kernel=1) }`),
    ).toMatch(/^AE402 'conv_transpose2d' has more or fewer groups than the layer 'h' \(conv2d\)/);
  });

  it('that names a later layer, itself or none is told which labels there are', () => {
    expect(problemOf('encoder { dense(784, init=transposed(h))  h: dense(784)  code: dense(3) }')).toBe(
      "AE211 no layer is labelled 'h' (only an earlier layer can be named, and 'h' does not come before this one)",
    );
    expect(problemOf('encoder { h: dense(784, init=transposed(h))  code: dense(3) }')).toContain(
      'only an earlier layer can be named',
    );
    expect(
      problemOf(`encoder { hid: dense(64)  code: dense(3) }
        decoder { dense(64)  dense(784, init=transposed(hod)) }`),
    ).toContain('hid');
  });

  it('is derived from one that has it, is told so where the shapes differ; a tied one has no start of its own', () => {
    const encoder = 'encoder { a: dense(64)  b: dense(784, init=transposed(a))  code: dense(3) }';
    expect(problemOf(`${encoder} decoder mirror(encoder, output=sigmoid)`)).toMatch(
      /^AE402 'dense' has a weight 64×784, but that of the layer 'a' \(dense\) transposed is 784×64/,
    );
    const tied = weightsOf(`${encoder} decoder tied(encoder, output=sigmoid)`);
    expect([...tied.keys()].filter((key) => key.startsWith('decoder') && key.endsWith('weight'))).toEqual([]);
  });

  it('and the start of an RBM, which has one of its own for each layer', () => {
    expect(
      problemOf(`encoder { h: dense(64, activation=sigmoid)  code: dense(3) }
        decoder tied(encoder, output=sigmoid)
        pretrain rbm(init=transposed(h)) { epochs = 1 }`),
    ).toMatch(/^AE305 'rbm' draws its own starting weights/);
  });
});

it.each(['code.T', 'code.weight', 'transpose(code)'])('init=%s is answered with the word', (written) => {
  expect(
    problemOf(`encoder { code: dense(3) }  decoder { dense(784, init=${written}, activation=sigmoid) }`),
  ).toContain('transposed(');
});
