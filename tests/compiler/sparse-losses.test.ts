import { expect, it } from 'vitest';
import { compileStatements } from './library/statements.js';

const outcome = (code: string, loss: string, decoder = 'dense(input.size)') =>
  compileStatements(
    `data digits() { center_crop(12) }  encoder { dense(8)  ${code} }  decoder { ${decoder} }  loss mse() + ${loss}`,
  ).diagnostics.map(({ code, message, hint }) => [code, message, hint]);

it('l0 moves the thresholds of jump_relu, towards no more units than there are', () => {
  expect(outcome('code: jump_relu()', 'l0(target=8)')).toEqual([]);
  expect(outcome('code: jump_relu()', 'l0(target=8.5)')).toEqual([
    ['AE306', "a target of 8.5 active units can't be met: the layer has 8", 'take a smaller target, or a wider layer'],
  ]);
  expect(outcome('code: topk(2)', 'l0()')).toEqual([
    [
      'AE504',
      "l0 moves the thresholds of a jump_relu, and 'topk' has none: it would have no gradient",
      'use l1(), or end the encoder in: dense(64)  code: jump_relu()',
    ],
  ]);
});

it('auxk needs counters, what is before an activation, and a decoder that is a matrix', () => {
  const counted = 'topk(2)  code: count_dead(steps=3)';
  expect(outcome(counted, 'auxk(k=8)')).toEqual([]);
  expect(outcome(counted, 'auxk(k=9)').map(([code]) => code)).toEqual(['AE306']);
  expect(outcome('code: topk(2)', 'auxk(k=8)')).toEqual([
    [
      'AE504',
      "auxk revives units that count_dead counts as dead, and 'topk' counts none",
      'end the encoder in: dense(64, activation=topk(8))  code: count_dead(steps=1000)',
    ],
  ]);
  expect(outcome('code: count_dead(steps=3)', 'auxk(k=8)').map(([code]) => code)).toEqual(['AE504']);
  for (const above of ['dropout(0.1)', 'batch_norm()', 'layer_norm()']) {
    expect(outcome(`topk(2)  ${above}  code: count_dead(steps=3)`, 'auxk(k=8)').map(([code]) => code)).toEqual([
      'AE504',
    ]);
  }
  for (const activation of ['batch_topk(2)', 'jump_relu()', 'relu()']) {
    expect(outcome(`${activation}  code: count_dead(steps=3)`, 'auxk(k=8)')).toEqual([]);
  }
  expect(outcome(`${counted.replace('code: ', 'c: ')}  code: dense(8)`, 'auxk(k=8, on=c)').map(([, m]) => m)).toEqual([
    "auxk looks at the end of the encoder, whose units the decoder's columns belong to",
  ]);
  expect(outcome(counted, 'auxk(k=8)', 'dense(9, activation=relu)  dense(input.size)')).toEqual([
    [
      'AE504',
      'auxk needs a decoder of one dense layer without an activation, and this has dense, relu, dense',
      'write: decoder { dense(input.size) }',
    ],
  ]);
  // Counters without steps, and AuxK without a width.
  expect(outcome('topk(2)  code: count_dead()', 'auxk()').map(([code]) => code)).toEqual(['AE302', 'AE302']);
});

it('a controller steers a penalty that names it, to no more units than there are', () => {
  const steered = 'relu()  code: l0_controller(target=4)';
  for (const loss of ['l1(controller=code)', 'tanh_penalty(controller=code, decoder=output)']) {
    expect(outcome(steered, loss)).toEqual([]);
  }
  expect(outcome('j: jump_relu()  code: l0_controller(target=4)', 'l0(on=j, controller=code)')).toEqual([]);
  expect(outcome('relu()  code: l0_controller(target=9)', 'l1(controller=code)')[0]).toEqual([
    'AE306',
    "a target of 9 active units can't be met: there are 8 (its input is 8)",
    'take a smaller target, or a wider layer',
  ]);
  expect(outcome('code: relu()', 'l1(controller=code)').map(([, message]) => message)).toEqual([
    "an l0_controller steers a penalty, and 'relu' is none",
  ]);
  expect(outcome('j: jump_relu()  code: l0_controller(target=4)', 'l0(on=j, target=3, controller=code)')[0]).toEqual([
    'AE303',
    'L0 is steered twice: to a target of the penalty, and by a controller',
    'leave one of them out',
  ]);
  expect(outcome(steered, 'l1()')).toEqual([
    ['AE534', "'l0_controller' steers no term of the loss", 'name it in a penalty: l1(controller=code)'],
  ]);
});

it('activations are weighed by the columns of a decoder of one matrix', () => {
  for (const loss of ['l1(decoder=output)', 'tanh_penalty(decoder=output)']) {
    expect(outcome('code: relu()', loss)).toEqual([]);
    expect(outcome('code: relu()', loss, 'dense(9, activation=relu)  dense(input.size)').map(([code]) => code)).toEqual(
      ['AE504'],
    );
  }
});

it('gate_l1 and gate_mse train gates, and a gated layer says where nothing does', () => {
  const both = 'gate_mse() + 0.1 * gate_l1()';
  const warned = (encoder: string, loss: string) =>
    compileStatements(
      `data digits() { center_crop(12) }  encoder { ${encoder} }  decoder { dense(input.size) }  loss mse() + ${loss}`,
    ).diagnostics.map(({ code, severity, message, hint }) => [code, severity, message, hint]);
  const untrained = [
    'AE535',
    'warning',
    "no term of the loss trains the gate of 'gated'",
    'add gate_l1() and gate_mse()',
  ];
  const gated = 'dense(8, bias=false)  code: gated()';
  expect(warned(gated, both)).toEqual([]);
  expect(warned(gated, '0.1 * l1()')).toEqual([untrained]);
  expect(warned('dense(8, bias=false)  code: gated(frozen=true)', '0.1 * l1()')).toEqual([]);
  expect(warned('dense(8, bias=false)  g: gated()  code: dense(4)', '0.1 * gate_l1(on=g)')).toEqual([]);
  expect(warned('dense(8)  code: gated()', both)).toEqual([
    ['AE532', 'warning', "'dense' has a bias beside those of 'gated'", 'write bias=false in the layer below'],
  ]);
  expect(warned('a: dense(8)  dense(8, bias=false)  code: gated()', both)).toEqual([]);
  for (const loss of ['gate_l1', 'gate_mse']) {
    expect(outcome('code: topk(2)', `${loss}()`)).toEqual([
      [
        'AE504',
        `${loss} trains the gate of a gated layer, and 'topk' has none`,
        'use l1(), or end the encoder in: dense(64, bias=false)  code: gated()',
      ],
    ]);
  }
  expect(outcome('dense(8, bias=false)  code: gated()', both, 'dense(9, activation=relu)  dense(input.size)')).toEqual([
    [
      'AE504',
      'gate_mse needs a decoder of one dense layer without an activation, and this has dense, relu, dense',
      'write: decoder { dense(input.size) }',
    ],
  ]);
});

it('gate_mse has the reduction of the reconstruction', () => {
  const reductionWith = (mse: string, gate: string) =>
    compileStatements(
      `data digits() { center_crop(12) }  encoder { dense(8, bias=false)  code: gated() }  decoder { dense(input.size) }
       loss ${mse} + ${gate} + gate_l1()`,
    ).value?.ir.loss.find(({ name }) => name === 'gate_mse')?.loss.arguments.reduction?.value;
  expect(reductionWith('mse()', 'gate_mse()')).toBe('mean');
  expect(reductionWith('mse(reduction=batchmean)', 'gate_mse()')).toBe('batchmean');
  expect(reductionWith('mse(reduction=batchmean)', 'gate_mse(reduction=mean)')).toBe('mean');
});

it('matryoshka takes widths that rise and are below that of the code', () => {
  const wrong = (widths: string) => outcome('code: topk(2)', `matryoshka(widths=${widths})`).map(([code]) => code);
  expect(wrong('[2, 7]')).toEqual([]);
  for (const widths of ['[]', '[4, 2]', '[3, 3]', '[2, 8]', '[0, 2]']) expect(wrong(widths)).toEqual(['AE306']);
});
