import { expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { parametersOfPeer, wordOfPeer } from '../../src/compiler/library/peers.js';
import { readParams } from '../../src/project/params.js';
import { fileWorld } from '../../src/project/world.js';
import { builtinWords } from '../../src/words/words.js';

const experiment = `experiment e {
  data digits()
  encoder { code: dense(8, activation=relu) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.001) { epochs = 1  batch = 32 }
}`;

/** Arguments that later come to a word do not matter here. */
const abridged = (hint: string | null | undefined) => hint?.replace(/(init=torch)[^)]*\)/, '$1, …)');

/** The first diagnostic of the experiment with one piece replaced, and how many there are. */
function first(piece: string, by: string) {
  const text = experiment.replace(piece, by);
  expect(text).not.toBe(experiment);
  const { diagnostics } = compile({ path: 'e.ae', text }, null, { library: builtinWords, world: fileWorld() });
  return { code: diagnostics[0]?.code, hint: abridged(diagnostics[0]?.hint), count: diagnostics.length };
}

const layer = 'dense(8, activation=relu)';

test.each([
  [
    layer,
    'Linear(784, 16)',
    'AE201',
    'write dense(features, activation?, bias=true, init=torch, …); in_features is inferred',
  ],
  [
    layer,
    'linear(784, 16)',
    'AE304',
    "PyTorch's Linear is dense(features, activation?, bias=true, init=torch, …); in_features is inferred",
  ],
  [
    layer,
    'pad(2)',
    'AE209',
    'padding is an argument, conv2d(16, kernel=3, padding=1), or a transform of the data: data mnist() { pad(2) }',
  ],
  [
    layer,
    'ZeroPad2d(2)',
    'AE201',
    'padding is an argument, conv2d(16, kernel=3, padding=1), or a transform of the data: data mnist() { pad(2) }',
  ],
  [layer, 'normalize(0.5, 0.5)', 'AE209', 'transforms stand in the braces of the data: data digits() { normalize(…) }'],
  [layer, 'gaussian(0.1)', 'AE209', 'a corruption has its own statement: corrupt gaussian(…)'],
  [layer, 'l1()', 'AE209', 'the loss has its own statement: loss l1(…), or a sum: loss mse() + 0.001 * l1(on=code)'],
  [layer, 'tied(encoder)', 'AE209', 'it stands in place of the decoder and its braces: decoder tied(encoder)'],
  [layer, 'dense(8, activation=None)', 'AE201', 'leave the argument out'],
  [layer, 'dense(8, dropout=0.2)', 'AE301', 'dropout is a layer of its own: dense(16)  dropout(0.2)'],
  [
    layer,
    'conv2d(8, 3, same)',
    'AE305',
    "there is no 'same' or 'valid': padding=1 keeps the size with kernel=3 and stride=1",
  ],
  ['lr=0.001', 'lr=cosine', 'AE305', 'write cosine(from, to=0, over?, unit=epochs)'],
  ['lr=0.001', 'lr="1e-3"', 'AE305', 'write 1e-3, without quotation marks'],
  ['digits()', 'digits(take=100, val=10)', 'AE301', 'it is called validation here'],
  ['mse()', 'mean(mse())', 'AE201', 'each loss has its reduction as an argument: mse(reduction=sum)'],
  ['mse()', 'mse() + l1() / 10', 'AE309', 'weights are written as 0.1 * loss'],
  [
    'mse()',
    'mse() + ramp(0, 1) * l1()',
    'AE309',
    "there is no schedule 'ramp', and a weight that changes is one: switch, step, cosine, exponential, warmup",
  ],
  [layer, 'dense(8, act=relu)', 'AE301', 'it is called activation here'],
  [
    'digits()',
    'npy("x.npy", test="test.npy")',
    'AE305',
    'test is a number of examples; a file of them is test_file= of csv and npy, test_images= of idx, test_folder= of images',
  ],
  [
    'mse()',
    'mse()  callbacks { early() }',
    'AE102',
    'early stopping is stop = early(patience=5); checkpoints and metrics are kept by themselves',
  ],
  [
    'mse()',
    'mse()  seed 3',
    'AE102',
    'the seed is an option of the command: aedsl run FILE --seed 3, aedsl sweep FILE --seeds 5',
  ],
  ['mse()', 'mse()  l1()', 'AE102', "the terms of a loss are joined with '+'"],
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
    'conv2d(channels, kernel, stride=1, padding=0, activation?, bias=true, init=torch, …); in_channels is inferred',
  ],
  [
    layer,
    'dense(in_features=784, features=8)',
    'AE301',
    'dense(features, activation?, bias=true, init=torch, …); in_features is inferred',
  ],
  [layer, 'dense(units=8)', 'AE301', 'it is called features here'],
  ['mse()', 'mse(reduction="sum")', 'AE305', 'write sum, without quotation marks'],
  ...['+ ', ', ', 'and ', ''].map((between): [string, string, string, string] => [
    'loss mse()',
    `corrupt salt(0.1) ${between}gaussian(0.2)\n  loss mse()`,
    'AE102',
    'several go in one block, in their order: corrupt { gaussian(0.1)  salt(0.05) }',
  ]),
  ['batch = 32', 'keep = best(validation.loss)', 'AE305', 'write best, without parentheses'],
  [
    'batch = 32 }',
    'batch = 32 } seed = 3',
    'AE102',
    'the seed is an option of the command: aedsl run FILE --seed 3, aedsl sweep FILE --seeds 5',
  ],
  [
    'batch = 32 }',
    'batch = 32 } test_size = 0.2',
    'AE102',
    'take=, validation= and test= of the data say how many examples each part has',
  ],
  [
    'batch = 32',
    'patience = 3',
    'AE210',
    'training stops early with stop = early(patience=5), and keep = best keeps the best weights',
  ],
  [
    'digits()',
    'DataLoader(digits, batch_size=32)',
    'AE201',
    'data are named alone: data mnist(take=50000, test=1000); the batch is a setting of train',
  ],
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
  ['epochs = 1', 'max_steps = 100', 'AE210', 'it is called steps here'],
  ['epochs = 1', 'epochs = 1  steps = 3', 'AE303', 'leave one of them out'],
  ['epochs = 1  ', '', 'AE302', 'such as { epochs = 10 }, or { steps = 20_000 }'],
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
    'several corruptions go in one block, in their order: corrupt { gaussian(0.1)  salt(0.05) }',
  ],
  [
    'loss mse()',
    'corrupt gaussian(0.1) + salt(0.1) loss mse()',
    'AE102',
    'several go in one block, in their order: corrupt { gaussian(0.1)  salt(0.05) }',
  ],
  ['loss mse()', 'corrupt { } loss mse()', 'AE205', 'such as: corrupt { gaussian(0.1) }'],
  ['loss mse()', 'corrupt { salt(0.1), pepper(0.1) } loss mse()', 'AE102', 'remove the comma'],
  [
    'data digits()',
    'data digits() { scale(0.1, 0.9) } corrupt { masking(0.1) gaussian(0.1) }',
    'AE515',
    'write gaussian(…) in front of masking(…)',
  ],
  ['loss mse()', 'loss mse() evaluate { denoising() }', 'AE510', 'name one: denoising(salt(0.3))'],
])('%s as %s', (piece, by, code, hint) => {
  expect(first(piece, by)).toEqual({ code, hint, count: 1 });
});

const train = 'train adam(lr=0.001) { epochs = 1  batch = 32 }';
const written = 'write train adam(lr=0.001) { epochs = 10  batch = 32 }';

/** Everything that is said of the experiment with one piece replaced: the hints. */
test.each<[string, string, readonly string[]]>([
  [
    layer,
    'nn.Linear(784, 16)',
    [
      "write Linear(…), without 'nn.'",
      'write dense(features, activation?, bias=true, init=torch, …); in_features is inferred',
    ],
  ],
  [
    layer,
    'keras.layers.Dense(16, activation=tf.nn.ReLU())',
    [
      "write Dense(…), without 'keras.layers.'",
      "write ReLU(…), without 'tf.nn.'",
      'write dense(features, activation?, bias=true, init=torch, …); in_features is inferred',
    ],
  ],
  [layer, 'dense(8, activation="relu")', ['write relu, without quotation marks']],
  [layer, "dense(8, activation='relu')", ['write "relu", or relu where a word is meant']],
  [
    layer,
    "Conv2D(16, (3, 3), activation='relu')",
    [
      'a list is written in square brackets: [3, 3]',
      'write "relu", or relu where a word is meant',
      'write conv2d(channels, kernel, stride=1, padding=0, activation?, bias=true, init=torch, …); in_channels is inferred',
    ],
  ],
  [
    layer,
    'Input(shape=(784,))',
    ['a list is written in square brackets: [784]', 'the data give the shape of the input: leave it out'],
  ],
  [
    layer,
    'Sequential(nn.Linear(784, 16), nn.ReLU())',
    [
      "write Linear(…), without 'nn.'",
      'layers follow one another in braces: encoder { dense(128, activation=relu)  code: dense(16) }',
    ],
  ],
  [layer, 'dense(8, bias=False)', ['write false']],
  [layer, 'dense(input_size)', ['write input.size']],
  [layer, 'dense(hidden)', ['write a number, or declare it: param hidden = …']],
  [layer, 'dense(8, kernel_regularizer=l2())', ['a penalty is a term of the loss: loss mse() + 0.001 * l2()']],
  ['encoder { code: dense(8, activation=relu) }', 'encoder: dense(8)', ['write encoder { … }']],
  ['encoder { code: dense(8, activation=relu) }', 'encoder [dense(8)]', ['layers are written { code: dense(100) }']],
  ['loss mse()', 'loss mse', ['write mse()']],
  ['loss mse()', 'loss "mse"', ['write mse()']],
  [
    'loss mse()',
    'loss nn.MSELoss() + nn.L1Loss()',
    ["write MSELoss(…), without 'nn.'", 'write mse(reduction=mean, weights?)', 'write mae(reduction=mean, weights?)'],
  ],
  ['loss mse()', 'loss mse() + beta * kld', ["if 'beta' is a number, declare it: param beta = …"]],
  ['loss mse()', 'loss CrossEntropyLoss()', ['nothing is classified here: pixels in [0, 1] take bce()']],
  [
    'adam(lr=0.001)',
    'optim.Adam(model.parameters(), lr=1e-3)',
    [
      "write Adam(…), without 'optim.'",
      'remove the weights',
      'write adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0)',
    ],
  ],
  [
    'adam(lr=0.001)',
    'adam(betas=(0.9, 0.999))',
    ['these are two arguments here: beta1=0.9, beta2=0.999', 'it is called beta1 and beta2 here'],
  ],
  [train, 'train(epochs=10)', [written, "epochs are a setting of 'train': train adam() { epochs = 10 }"]],
  [train, 'fit(epochs=10)', [`a training is ${written.replace('write', 'written')}`]],
  [
    'epochs = 1',
    'epochs = 1  early_stopping(patience=5)',
    ['settings are written early_stopping = value', 'it is called stop here'],
  ],
  ['data digits()', 'data "faces.npy"', ['write data npy("faces.npy")']],
  [
    'data digits()',
    'data digits(shuffle=true)',
    ['training shuffles in every epoch; shuffle_seed=1 permutes the data before they are split'],
  ],
  [
    'data digits()',
    'data digits() { ToTensor() Normalize((0.5,), (0.5,)) }',
    [
      'a list is written in square brackets: [0.5]',
      'a list is written in square brackets: [0.5]',
      'bytes are divided by 255 by themselves: leave it out',
      'write normalize(mean, std)',
    ],
  ],
  [
    'loss mse()',
    'loss mse() import torch',
    ['an .ae file is data and no program: it has statements such as data, encoder, loss and train'],
  ],
  ['data digits()', '-- noise\n data digits()', ['comments begin with //']],
  ['data digits()', '"""Noise.""" data digits()', ['comments begin with //']],
  ['data digits()', 'param rate: float = 0.1  data digits()', ['write param rate = value']],
  ['data digits()', 'param float rate = 0.1  data digits()', ['write param rate = value']],
  [
    'data digits()',
    'let wide = 16 if true else 8  data digits()',
    ['give a param another value from outside, or extend the experiment'],
  ],
  ['data digits()', 'let odd = 33 % 2  data digits()', ['expressions have + - * / and **']],
])('%s as %s is answered at once', (piece, by, hints) => {
  const text = experiment.replace(piece, by);
  expect(text).not.toBe(experiment);
  const { value, diagnostics } = compile({ path: 'e.ae', text }, null, { library: builtinWords, world: fileWorld() });
  expect(value).toBeNull();
  expect(diagnostics.map(({ hint }) => abridged(hint))).toEqual(hints);
});

test('a value from the command line and an error in the loss have no echoes', () => {
  const text = experiment
    .replace('data', 'param beta = 1 data')
    .replace('digits()', 'digits(take=100, validation=10)')
    .replace('loss mse()', 'loss mse() + switch(0, beta, after=1) * l1()')
    .replace('epochs = 1', 'epochs = 3  stop = early(patience=2)');
  const { assignments } = readParams(['beta=hello'], null);
  const options = { library: builtinWords, world: fileWorld(), assignments };
  const { diagnostics } = compile({ path: 'e.ae', text }, null, options);
  expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([['AE305', 'write a number']]);
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
