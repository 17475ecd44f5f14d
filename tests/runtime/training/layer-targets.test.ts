import { expect, test } from 'vitest';
import { layerTargets } from '../../../src/runtime/training/measured-layers.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from '../../compiler/library/statements.js';

const layers = 'encoder { h: dense(8, activation=sigmoid)  code: dense(4, activation=sigmoid) }';

test.each([
  ['loss mse()', {}],
  ['loss mse() + kl_sparsity(rho=0.05)', { 'encoder.1.mean_activation': 0.05 }],
  // Whatever a param is called.
  ['param wanted = 0.2 loss mse() + kl_sparsity(rho=wanted, on=h)', { 'encoder.0.mean_activation': 0.2 }],
  ['param rho = 0.2 loss mse() + rho * l1()', {}],
  [
    'loss mse() + kl_sparsity(rho=0.05) + kl_sparsity(rho=0.1, on=h)',
    { 'encoder.1.mean_activation': 0.05, 'encoder.0.mean_activation': 0.1 },
  ],
  ['loss mse() + kl_sparsity(rho=cosine(0.1, 0.05))', {}],
])('%s asks of layers what its terms say', (loss, targets) => {
  const { value, diagnostics } = compileStatements(`${layers} ${loss}`);
  expect(value, JSON.stringify(diagnostics)).not.toBeNull();
  if (value) expect(layerTargets(value.ir, builtinWords)).toEqual(targets);
});
