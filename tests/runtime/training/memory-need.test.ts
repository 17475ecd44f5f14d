import { findBackendFactory, removeBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { evaluationChunk, memoryNeed, probeSize } from '../../../src/compiler/library/memory.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { builtinWords } from '../../../src/words/words.js';
import { simdBackend } from '../backend/simd/simd.js';
import { digitsOf, experimentOf, trainOn } from './trial.js';

const data = 'data digits(take=400, test=390)';
const train = 'train adam(lr=0.001) { epochs = 3  batch = 200  diagnostics_every = 3 }';
const dense = `encoder { dense(1500, activation=relu) code: dense(30) } decoder { dense(1500, activation=relu) dense(input.size, activation=sigmoid) }`;
const conv = (layers: string, last = '') => `encoder { ${layers} code: dense(16) }
  decoder { dense(1568, activation=relu) reshape([8, 14, 14]) conv_transpose2d(8, kernel=2, stride=2) ${last} conv2d(1, kernel=3, padding=1, activation=sigmoid) }`;

const networks: Readonly<Record<string, string>> = {
  'dense layers': `${data} ${dense} loss mse() ${train}`,
  'dense layers with momentum': `${data} ${dense} loss bce() train sgd(lr=0.01, momentum=0.9) { epochs = 3  batch = 200  diagnostics_every = 3 }`,
  'a tied decoder': `${data} encoder { code: dense(2000, activation=sigmoid) } decoder tied(encoder, output=sigmoid) loss mse() + kl_sparsity(rho=0.1) ${train}`,
  'a corrupted input and a huber loss': `${data} corrupt masking(0.3) ${dense} loss huber() ${train}`,
  convolutions: `${data} ${conv('conv2d(8, kernel=3, padding=1, activation=relu) conv2d(8, kernel=3, padding=1, activation=relu)')} loss mse() ${train}`,
  'batch norm': `${data} ${conv('conv2d(8, kernel=3, padding=1) batch_norm() relu() conv2d(8, kernel=3, stride=2, padding=1) batch_norm() relu()', 'batch_norm() relu()')} loss mse() ${train}`,
  'layer norm, gelu and dropout': `${data} ${conv('conv2d(6, kernel=3, padding=1) layer_norm() gelu() dropout(0.2) conv2d(6, kernel=3, padding=1) gelu()')} loss mae() ${train}`,
  pools: `${data} ${conv('conv2d(8, kernel=3, padding=1, activation=relu) max_pool2d(2) conv2d(8, kernel=3, padding=1, activation=tanh) avg_pool2d(2)')} loss mse() ${train}`,
  upsampling: `${data} encoder { conv2d(8, kernel=3, stride=2, padding=1, activation=relu) code: conv2d(8, kernel=3, padding=1, activation=relu) }
    decoder { upsample2d(2) conv2d(8, kernel=3, padding=1, activation=elu) conv2d(1, kernel=3, padding=1, activation=sigmoid) } loss mse() ${train}`,
  'a variational one': `${data} encoder { conv2d(8, kernel=3, padding=1, activation=relu) z: reparameterize { mu: dense(20) logvar: dense(20) } }
    decoder { dense(1568, activation=relu) reshape([8, 14, 14]) conv_transpose2d(1, kernel=2, stride=2, activation=sigmoid) } loss bce(reduction=sum) + kl_gaussian() ${train}`,
  'pretraining as RBMs': `${data} encoder { a: dense(1200, activation=sigmoid) b: dense(600, activation=sigmoid) code: dense(20) } decoder mirror(encoder, output=sigmoid)
    pretrain rbm(on=[a, b]) { epochs = 1  batch = 200 } loss mse() ${train}`,
  'pretraining as autoencoders': `${data} encoder { a: dense(1200, activation=sigmoid) code: dense(300, activation=sigmoid) } decoder mirror(encoder, output=sigmoid)
    pretrain autoencoder(corrupt=masking(0.2)) { epochs = 1  batch = 200 } loss mse() ${train}`,
};

describe('what is told of the memory before a training is what it takes', () => {
  it.each(Object.entries(networks))('with %s', async (_name, statements) => {
    if (findBackendFactory('simd')) removeBackend('simd');
    await chooseBackend('simd', { threads: 2 });
    const experiment = experimentOf(statements);
    await trainOn(digitsOf(experiment), experiment, { maxSteps: 6 });
    const { total } = memoryNeed(experiment, builtinWords);
    const taken = simdBackend().memory().numBytesReserved;
    expect(total / taken).toBeGreaterThan(0.85);
    expect((total - 12 * 1024 ** 2) / taken).toBeLessThan(1.55);
  });
});

describe('passes of many examples', () => {
  const sized = (side: number) =>
    experimentOf(`data digits(take=64, test=4) { resize(${side}) }
      encoder { conv2d(64, kernel=3, padding=1, activation=relu) conv2d(64, kernel=3, stride=2, padding=1) batch_norm() code: relu() }
      decoder { upsample2d(2) conv2d(1, kernel=3, padding=1, activation=sigmoid) }
      loss mse() ${train.replace('200', '16')}`);

  it('have as many as ever where these are small, and fewer where they would not fit', () => {
    expect([evaluationChunk(sized(28), builtinWords), probeSize(sized(28), builtinWords)]).toEqual([500, 256]);
    const [chunk, probe] = [evaluationChunk(sized(128), builtinWords), probeSize(sized(128), builtinWords)];
    expect(chunk).toBeLessThan(150);
    expect(probe).toBe(chunk);
    expect(memoryNeed(sized(128), builtinWords).total).toBeLessThan(1.5 * 1024 ** 3);
  });

  it('make no tensor of an activation that the layer before it computes', () => {
    const evaluated = (activation: string) =>
      memoryNeed(experimentOf(`${data} ${dense.replaceAll('relu', activation)} loss mse() ${train}`), builtinWords)
        .evaluation;
    // Twice 1500 units of 390 examples.
    expect(evaluated('selu') - evaluated('relu')).toBe(2 * 1500 * 390 * 4);
    expect(evaluated('tanh')).toBe(evaluated('relu'));
  });

  it('make one of an output that a later layer takes before its activation, and none for a shortcut’s sake', () => {
    const need = (layers: string) =>
      memoryNeed(
        experimentOf(`${data} encoder { a: dense(1000) b: relu() dense(1000) ${layers} code: dense(50) }
          decoder { dense(input.size) } loss mse() ${train}`),
        builtinWords,
      ).evaluation;
    // 1000 units of 390 examples.
    expect(need('add(from=a)') - need('add(from=b)')).toBe(1000 * 390 * 4);
    expect(need('add(from=b) { shortcut: dense(1000) }') - need('add(from=b)')).toBe(1000 * 390 * 4);
  });

  it('and a step are all that grows with the batch', () => {
    const need = (batch: number) =>
      memoryNeed(experimentOf(`${data} ${dense} loss mse() ${train.replace('200', String(batch))}`), builtinWords);
    expect(need(300).step).toBeGreaterThan(2 * need(100).step - need(100).weights);
    expect(need(300).weights).toBe(need(100).weights);
    // An epoch has no more examples than there are.
    expect(need(100_000).step).toBe(need(400).step);
  });
});
