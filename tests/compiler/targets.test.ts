import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { readParams } from '../../src/project/params.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../src/words/words.js';
import { experimentText } from './compiled.js';
import { testWorld } from './world.js';

const world = testWorld({
  'in.npy': { shape: [6], count: 50 },
  'out.npy': { shape: [3], count: 50 },
  'other.npy': { shape: [3], count: 50 },
  'short.npy': { shape: [3], count: 49 },
  'test.npy': { shape: [6], count: 20 },
  'test_out.npy': { shape: [3], count: 20 },
});

function outcome(statements: string, data: string | null = null) {
  const source = { path: 'example.ae', text: experimentText(statements) };
  return compile(source, null, { library: builtinWords, world, data: readParams([], data).data });
}

/** The errors, each with the text that it points to. */
function errors(statements: string, data: string | null = null): readonly string[] {
  return outcome(statements, data)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, message, span }) => `${code} ${message} | ${span?.source.text.slice(span.start, span.end)}`);
}

const network = 'encoder { code: dense(4) }  decoder { dense(target.size) }';

describe('a target', () => {
  it('gives the shape that the decoder must have, and is divided as the data are', () => {
    const { value } = outcome(`data npy("in.npy", take=30, validation=5, test=10, shuffle_seed=2)
      target npy("out.npy") { min_max() }  ${network}`);
    expect(value?.ir.target).toMatchObject({ shape: [3], train: 30, validation: 5, test: 10, trainOn: null });
    expect(value?.ir.decoder.at(-1)?.output).toEqual([3]);
    expect(value?.ir.target?.dataset.arguments).toMatchObject({ take: { value: null }, shuffle_seed: { value: null } });
  });

  it.each([
    [
      'target npy("short.npy")',
      'AE529 the data have 50 examples, and the target \'npy\' has 49 examples | npy("short.npy")',
    ],
    ['target npy("out.npy", take=5)', 'AE529 a target is divided as its data are | 5'],
    ['target npy("out.npy", shuffle_seed=1)', 'AE529 a target is divided as its data are | 1'],
    [
      'target csv("sorted.csv", missing=drop)',
      'AE529 missing leaves out examples, so that those of the data and of the target would not belong together | drop',
    ],
    [
      'data npy("in.npy", test_file="test.npy")  target npy("out.npy")',
      'AE529 the data have 20 examples for the test, and the target \'npy\' has no test part of its own | npy("out.npy")',
    ],
    [
      'target npy("out.npy")  decoder { dense(2) }',
      'AE401 the decoder gives 2, but the target is 3 | decoder { dense(2) }',
    ],
    [
      'target npy("out.npy")  decoder mirror(encoder, output=linear)',
      'AE401 the decoder gives 6, but the target is 3 | decoder mirror(encoder, output=linear)',
    ],
    ['target npy("out.npy")  decoder { dense(target.sise) }', "AE202 'target' has no 'sise' | sise"],
    ['target npy("out.npy")  decoder { dense(target.width) }', 'AE402 the target has no width: it is 3 | target.width'],
    [
      'target npy("out.npy")  loss bce()  decoder { dense(3) }',
      "AE502 bce needs an output in [0, 1], and the output of 'dense' is in (-∞, ∞) | bce()",
    ],
    [
      'target npy("out.npy") { scale(-1, 1) }  loss bce()  decoder { dense(3, activation=sigmoid) }',
      'AE501 bce needs a target in [0, 1], and this target is in [-1, 1] | bce()',
    ],
    ['target npy("nowhere.npy")', 'AE701 cannot read \'nowhere.npy\': there is no such file | "nowhere.npy"'],
  ])('%s', (statements, error) => {
    const data = statements.startsWith('data') ? '' : 'data npy("in.npy")  ';
    const decoder = statements.includes('decoder') ? 'encoder { code: dense(4) }' : network;
    expect(errors(`${data}${statements}  ${decoder}`)).toEqual([error]);
  });

  it('may have a test part of its own, where the data have one', () => {
    expect(
      errors(`data npy("in.npy", test_file="test.npy")  target npy("out.npy", test_file="test_out.npy")  ${network}`),
    ).toEqual([]);
  });

  it('is told when nothing is trained on it', () => {
    const text = experimentText(
      `data npy("in.npy")  target npy("out.npy")  ${network}  pretrain rbm(code) { epochs = 1 }`,
    );
    const source = { path: 'example.ae', text: text.replace(/^train .*$/m, '').replace(/^loss .*$/m, '') };
    const { diagnostics } = compile(source, null, { library: builtinWords, world });
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toContain(
      'AE529 nothing is trained on the target: there is no train',
    );
  });

  it('goes with other data where both are one set, and is told where they are not', () => {
    const upscaled =
      'data mnist(take=500, test=20) { resize(14) }  target mnist()  encoder { flatten()  code: dense(4) }  decoder { dense(784) }';
    const { value } = outcome(upscaled, 'digits(take=50)');
    expect(value?.ir.target).toMatchObject({ shape: [1, 28, 28], train: 50, test: 20, dataset: { word: 'digits' } });
    expect(value?.ir.data.shape).toEqual([1, 14, 14]);
    expect(errors(`data npy("in.npy")  target npy("out.npy")  ${network}`, 'digits')).toEqual([
      'AE529 other data are given, and the target is still that of the data that are written | npy("out.npy")',
    ]);
  });

  it('is told once where its file is named in another folder than that of the data', () => {
    const text = experimentText(`data npy("in.npy")  target npy("out.npy")  ${network}`);
    const parents = { ...world, readSource: () => ({ path: 'sub/base.ae', text }) };
    const source = {
      path: 'child.ae',
      text: `experiment child extends "sub/base.ae" { target npy("nowhere.npy") }`,
    };
    const { diagnostics } = compile(source, null, { library: builtinWords, world: parents });
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'AE701 the target is named in child.ae, and the data in sub/base.ae, which is in another folder',
    ]);
  });

  it('may be swept over: another file is another trial', () => {
    const text = experimentText(`param f = "out.npy"  data npy("in.npy")  target npy(f)  ${network}
      sweep { f = ["out.npy", "other.npy"] }`);
    const { value, diagnostics } = planSweep({
      library: builtinWords,
      source: { path: 'example.ae', text },
      world,
      mostTrials: null,
    });
    expect(diagnostics).toEqual([]);
    expect(value?.trials).toHaveLength(2);
  });

  it('is the input where none is given', () => {
    const own = outcome('encoder { code: dense(4) }  decoder { dense(target.size) }');
    expect(own.value?.hash).toBe(outcome('encoder { code: dense(4) }  decoder { dense(input.size) }').value?.hash);
  });

  it('leaves `target` a name anywhere else', () => {
    expect(
      errors(
        `param target = 3 where target > 0  let twice = 2 * target  encoder { dense(twice)  code: dense(target) }`,
      ),
    ).toEqual([]);
    expect(errors('encoder { target: dense(9)  code: dense(4) }  loss mse() + 0.01 * l1(on=target)')).toEqual([]);
  });
});
