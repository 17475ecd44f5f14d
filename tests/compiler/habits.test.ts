import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { parametersOfPeer, wordOfPeer } from '../../src/compiler/library/peers.js';
import { fileWorld } from '../../src/project/world.js';
import { builtinWords } from '../../src/words/words.js';

const experiment = `experiment e {
  data digits()
  encoder { code: dense(8, activation=relu) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.001) { epochs = 1  batch = 32 }
}`;

/** The first diagnostic of the experiment with one piece replaced, and how many there are. */
function first(piece: string, by: string) {
  const text = experiment.replace(piece, by);
  expect(text).not.toBe(experiment);
  const { diagnostics } = compile({ path: 'e.ae', text }, null, { library: builtinWords, world: fileWorld() });
  return { code: diagnostics[0]?.code, hint: diagnostics[0]?.hint, count: diagnostics.length };
}

const layer = 'dense(8, activation=relu)';

test.each([
  [
    layer,
    'Linear(784, 16)',
    'AE201',
    'write dense(features, activation?, bias=true, init=torch); in_features is inferred',
  ],
  [
    layer,
    'linear(784, 16)',
    'AE304',
    "PyTorch's Linear is dense(features, activation?, bias=true, init=torch); in_features is inferred",
  ],
  [
    layer,
    'nn.Linear(784, 16)',
    'AE102',
    "write Linear(…) without 'nn.'; if it has another name here, check will tell you",
  ],
  [
    layer,
    'keras.layers.Dense(16)',
    'AE102',
    "write Dense(…) without 'keras.layers.'; if it has another name here, check will tell you",
  ],
  [layer, 'dense(8, activation=F.relu)', 'AE305', 'write relu: words have no prefix'],
  [layer, 'dense(8, activation=Swish)', 'AE201', 'write silu()'],
  [
    layer,
    'conv2d(16, 3, padding=same)',
    'AE305',
    "there is no 'same' or 'valid': padding=1 keeps the size with kernel=3 and stride=1, padding=2 with kernel=5",
  ],
  [
    layer,
    'conv2d(1, 16, 3, stride=2, padding=1)',
    'AE303',
    'conv2d(channels, kernel, stride=1, padding=0, activation?, bias=true, init=torch); in_channels is inferred',
  ],
  [
    layer,
    'dense(in_features=784, features=8)',
    'AE301',
    'dense(features, activation?, bias=true, init=torch); in_features is inferred',
  ],
  [layer, 'dense(units=8)', 'AE301', 'it is called features here'],
  [
    layer,
    'dense(sqrt(64))',
    'AE305',
    'expressions have no functions: write the number, or use + - * / and ** (a square root is x ** 0.5)',
  ],
  [
    'adam(lr=0.001)',
    'adam(lr=exp(-3))',
    'AE201',
    'expressions have no functions: write the number, or use + - * / and ** (a square root is x ** 0.5)',
  ],
  ['adam(lr=0.001)', 'adam(betas=(0.9, 0.999))', 'AE102', 'these are two arguments here: beta1=0.9, beta2=0.999'],
  ['adam(lr=0.001)', 'adam(betas=[0.9, 0.999])', 'AE301', 'it is called beta1 and beta2 here'],
  [
    'epochs = 1',
    'seed = 3 epochs = 1',
    'AE210',
    'the seed is an option of the command: aedsl run FILE --seed 3, aedsl sweep FILE --seeds 5',
  ],
  [
    'loss mse()',
    'loss mse() seed = 3',
    'AE102',
    'the seed is an option of the command: aedsl run FILE --seed 3, aedsl sweep FILE --seeds 5',
  ],
  ['batch = 32', 'batch_size = 32', 'AE210', 'it is called batch here'],
  ['epochs = 1', 'epochs = 3  stop = early(2, metric=val_loss)', 'AE305', 'write "validation.loss"'],
  ['epochs = 1', 'epochs = 3  stop = early(2, metric=validation.mse)', 'AE305', 'write "validation.mse"'],
  ['data digits()', 'data csv(faces.csv)', 'AE305', 'write "faces.csv"'],
  ['data digits()', 'data csv("faces.csv", drop=[id])', 'AE305', 'write "id"'],
  ['loss mse()', 'loss mse() + 0.1 * l1', 'AE309', 'write l1()'],
  [
    'loss mse()',
    'loss mse() corrupt masking(0.1) corrupt gaussian(0.1)',
    'AE204',
    'an experiment has one corruption; both kinds of impulse noise are salt_and_pepper()',
  ],
])('%s as %s', (piece, by, code, hint) => {
  expect(first(piece, by)).toEqual({ code, hint, count: 1 });
});

test('an unknown word of any family lists the words that there are', () => {
  expect(first(layer, 'attention(8)').hint).toMatch(/^there are dense, conv2d, .*silu/);
  expect(first('digits()', 'kaggle()').hint).toMatch(/^there are mnist, fashion_mnist, digits,/);
});

test("a name from elsewhere means one word of its family, and is none of the family's own names", () => {
  for (const word of builtinWords.words) {
    for (const peer of word.peers ?? []) {
      expect([peer, wordOfPeer(builtinWords, word.family, peer)?.name]).toEqual([peer, word.name]);
      expect([peer, builtinWords.find(word.family, peer)]).toEqual([peer, undefined]);
    }
    for (const [name, parameter] of Object.entries(word.parameters)) {
      for (const peer of parameter.peers ?? []) {
        expect(parametersOfPeer(word.parameters, peer)).toContain(name);
        expect(Object.keys(word.parameters)).not.toContain(peer);
      }
    }
  }
});
