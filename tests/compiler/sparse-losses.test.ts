import { expect, it } from 'vitest';
import { compileStatements } from './library/statements.js';

const outcome = (code: string, loss: string) =>
  compileStatements(
    `data digits() { center_crop(12) }  encoder { dense(8)  code: ${code} }  decoder { dense(input.size) }  loss mse() + ${loss}`,
  ).diagnostics.map(({ code, message, hint }) => [code, message, hint]);

it('l0 moves the thresholds of jump_relu, towards no more units than there are', () => {
  expect(outcome('jump_relu()', 'l0(target=8)')).toEqual([]);
  expect(outcome('jump_relu()', 'l0(target=8.5)')).toEqual([
    ['AE306', "a target of 8.5 active units can't be met: the layer has 8", 'take a smaller target, or a wider layer'],
  ]);
  expect(outcome('topk(2)', 'l0()')).toEqual([
    [
      'AE504',
      "l0 moves the thresholds of a jump_relu, and 'topk' has none: it would have no gradient",
      'use l1(), or end the encoder in: dense(64)  code: jump_relu()',
    ],
  ]);
});
