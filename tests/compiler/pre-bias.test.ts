import { describe, expect, it } from 'vitest';
import { compileStatements } from './library/statements.js';

const outcome = (text: string) =>
  compileStatements(`data digits() { center_crop(12) }  ${text}  loss mse()`).diagnostics.map(
    ({ code, message, hint }) => [code, message, hint],
  );

describe('pre_bias', () => {
  it('ends the decoder with its own numbers', () => {
    const { value } = compileStatements(
      'data digits() { center_crop(12) }  encoder { pre_bias()  code: dense(8) }  decoder { dense(input.size, bias=false) }',
    );
    const [added, shaped] = value?.ir.decoder.slice(-2) ?? [];
    expect([added?.word, added?.origin, shaped?.word]).toEqual(['post_bias', 'inserted', 'reshape']);
    expect(added?.weights).toMatchObject([
      { name: 'value', shape: [144], tiedTo: { address: 'encoder/0', name: 'value', transposed: true } },
    ]);
  });

  it('is the first layer, once, and the decoder gives as many values as it takes', () => {
    const second = 'encoder { h: dense(20)  pre_bias()  code: dense(8) }  decoder { dense(input.size, bias=false) }';
    const twice = 'encoder { pre_bias()  pre_bias()  code: dense(8) }  decoder { dense(input.size, bias=false) }';
    const message =
      'the layer pre_bias takes from the input what the decoder gives back, so it is the first layer of the encoder';
    const wrong = ['AE505', message, 'begin the encoder with pre_bias(), once'];
    expect(outcome(second)).toEqual([wrong]);
    expect(outcome(twice)).toEqual([wrong]);
    const other = 'encoder { pre_bias()  code: dense(8) }  target digits() { center_crop(10) }  decoder { dense(100) }';
    expect(outcome(other)).toEqual([
      [
        'AE505',
        'the layer pre_bias takes 144 values from the input, and the decoder gives 100',
        'without pre_bias(), the last layer of the decoder has a bias of its own',
      ],
    ]);
  });

  it('starts from a number or from the center of the data, not from both', () => {
    const { value } = compileStatements(
      'data digits() { center_crop(12) }  encoder { pre_bias(start=mean)  code: dense(8) }  decoder { dense(input.size, bias=false) }',
    );
    expect(value?.ir.encoder.flatMap(({ weights }) => weights.map(({ initial }) => initial))).toContainEqual({
      kind: 'center',
      center: 'mean',
    });
    const both = 'encoder { pre_bias(init=1, start=mean)  code: dense(8) }  decoder { dense(input.size, bias=false) }';
    expect(outcome(both).map(([code]) => code)).toEqual(['AE303']);
    const other = 'encoder { pre_bias(start=mode)  code: dense(8) }  decoder { dense(input.size, bias=false) }';
    expect(outcome(other).map(([code]) => code)).toEqual(['AE305']);
  });

  it('says so where a second bias is added to it', () => {
    const both = 'encoder { pre_bias()  code: dense(8) }  decoder { dense(20)  relu()  dense(input.size) }';
    expect(outcome(both)).toEqual([
      ['AE532', 'the layer dense has a bias beside the one that pre_bias gives back', 'write bias=false there'],
    ]);
    expect(outcome(both.replace('input.size', 'input.size, bias=false'))).toEqual([]);
  });
});
