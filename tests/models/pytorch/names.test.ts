import { expect, it } from 'vitest';
import { seenName, skipName } from '../../../src/models/pytorch/names.js';
import { builtinWords } from '../../../src/words/words.js';
import { experimentOf } from '../../runtime/training/trial.js';

it('layers are named by their label, with the activations that follow it, or by their place; the last of the encoder is the code', () => {
  const experiment = experimentOf(`data digits()
    encoder { wide: dense(20)  relu()  dense(12)  z: reparameterize { mu: dense(4)  logvar: dense(4) } }
    decoder { dense(20)  last: dense(input.size) }
    loss mse()`);
  const named = (block: 'encoder' | 'decoder', index: number, head: string | null = null) =>
    seenName({ kind: 'layer', block, index, head }, experiment, builtinWords);
  expect([0, 1, 2, 3, 4].map((index) => named('encoder', index))).toEqual([
    'encoder.0',
    'wide',
    'wide',
    'encoder.3',
    'code',
  ]);
  expect([0, 1].map((index) => named('decoder', index))).toEqual(['decoder.0', 'last']);
  expect(named('encoder', 4, 'mu')).toBe('code.mu');
  expect(skipName({ kind: 'layer', block: 'encoder', index: 3, head: null }, experiment, builtinWords)).toBe(
    'skip_encoder_3',
  );
});
