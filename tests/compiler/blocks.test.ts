import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { bindExperiments } from '../../src/sweep/plan/check-experiment.js';
import { builtinWords } from '../../src/words/words.js';
import { compileText, experimentText } from './compiled.js';
import { testWorld } from './world.js';

const options = { library: builtinWords, world: testWorld() };

const withBlocks = (blocks: string, statements: string) => `${blocks}\n${experimentText(statements)}`;

const down =
  'define block down(channels, f = relu) { conv2d(channels, kernel=3, stride=2, padding=1)  batch_norm()  f() }';

function diagnosed(blocks: string, statements: string) {
  const source = { path: 'example.ae', text: withBlocks(blocks, statements) };
  return compile(source, null, options).diagnostics;
}

const codes = (blocks: string, statements: string) => diagnosed(blocks, statements).map(({ code }) => code);

describe('a network of blocks', () => {
  const same: Record<string, readonly [blocks: string, used: string, written: string]> = {
    'with parameters': [
      'define block down(channels, k = 3 where k > 0) { conv2d(2 * channels, kernel=k, stride=2, padding=1) batch_norm() relu() }',
      'param n = 4 encoder { down(n) down(channels=n + 1, k=2 + 1) code: dense(8) }',
      `encoder { conv2d(8, kernel=3, stride=2, padding=1) batch_norm() relu()
        conv2d(10, kernel=3, stride=2, padding=1) batch_norm() relu() code: dense(8) }`,
    ],
    'that are given activations to place': [
      'define block layer(n, f) { dense(n) f() }',
      'encoder { layer(16, leaky_relu(0.2)) layer(16, tanh) code: dense(8) }',
      'encoder { dense(16, activation=leaky_relu(0.2)) dense(16, activation=tanh) code: dense(8) }',
    ],
    'that take words': [
      'define block layer(n, f, start = he()) { dense(n, activation=f, init=start) }',
      'param slope = 0.2 encoder { layer(16, leaky_relu(slope)) code: dense(8) }',
      'encoder { dense(16, activation=leaky_relu(0.2), init=he()) code: dense(8) }',
    ],
    'in blocks and in structures': [
      `define block unit(n) { h: dense(n, activation=relu) dense(n) add(from=h) }
       define block trunk(n, depth) { repeat(depth) { unit(n) } }`,
      'encoder { h: dense(16) trunk(depth=2, n=16) code: dense(8) }',
      `encoder { dense(16) a: dense(16, activation=relu) dense(16) add(from=a)
        b: dense(16, activation=relu) dense(16) add(from=b) code: dense(8) }`,
    ],
    'that take from a layer outside, whatever their own are called': [
      'define block joined(from) { h: dense(16) dense(16) add(from=from) add(from=h) }',
      'encoder { h: dense(16) x: joined(h) add(from=x) code: dense(8) }',
      'encoder { a: dense(16) b: dense(16) dense(16) add(from=a) c: add(from=b) add(from=c) code: dense(8) }',
    ],
  };
  it.each(Object.entries(same))('%s is the one written out', (_what, [blocks, used, written]) => {
    expect(compileText(withBlocks(blocks, used)).hash).toBe(compileText(experimentText(written)).hash);
  });

  it.each([
    ['define block b(n) { dens(n) }', ['AE201']],
    ['define block b(n) { residual { dense(n, bais=true) } }', ['AE301']],
    ['define block b(n) { b(n) }', ['AE201']],
    ['define block a(n) { b(n) } define block b(n) { dense(n) }', ['AE201']],
    // Each is used, though by one that nothing places.
    ['define block a(n) { dense(n, 1, 2, 3, 4, 5, 6) } define block b(n) { a(n) }', ['AE304']],
    // What is given, and of which shape, is not known before it is placed.
    [`${down} define block b(f, to) { x: down(8) f() concat(from=to) repeat(2) { residual { dense(to) } } }`, []],
  ])('is checked for its words though nothing places it: %s', (blocks, expected) => {
    const found = diagnosed(blocks, 'encoder { code: dense(8) }').filter(({ severity }) => severity === 'error');
    expect(found.map(({ code }) => code)).toEqual(expected);
    const alone = bindExperiments({ path: 'blocks.ae', text: blocks }, null, options);
    expect(alone.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code))).toEqual(expected);
  });

  it('says of an error where it is and where the block is used', () => {
    const blocks = `define block inner(n) { dense(n, bais=true) }\ndefine block outer(n) { inner(n) }`;
    const [error] = diagnosed(blocks, 'encoder { outer(3) code: dense(8) }');
    expect(error?.code).toBe('AE301');
    expect(error?.related.map(({ message }) => message)).toEqual([
      "the block 'inner' is used here",
      "the block 'outer' is used here",
    ]);
    const [shape] = diagnosed(
      'define block r(n) { residual { dense(n) } }',
      'encoder { dense(4) r(3) code: dense(8) }',
    );
    expect([shape?.code, shape?.related[0]?.message]).toEqual(['AE402', "the block 'r' is used here"]);
  });

  it.each([
    ['define block b(n) { dense(n) b(n) }', 'encoder { b(3) code: dense(8) }', 'AE201'],
    ['define block a(n) { b(n) } define block b(n) { dense(n) }', 'encoder { a(3) code: dense(8) }', 'AE201'],
    ['define block b(n) { dense(n) }', 'encoder { b() code: dense(8) }', 'AE302'],
    ['define block b(n) { dense(n) }', 'encoder { b(1, 2) code: dense(8) }', 'AE304'],
    ['define block b(n) { dense(n) }', 'encoder { b(m=1) code: dense(8) }', 'AE301'],
    ['define block b(n) { dense(n) }', 'encoder { b(1, n=2) code: dense(8) }', 'AE303'],
    ['define block b(n where n > 2) { dense(n) }', 'encoder { b(1) code: dense(8) }', 'AE307'],
    ['define block b(n, n) { dense(n) }', 'encoder { b(1) code: dense(8) }', 'AE203'],
    ['define block b(n) { dense(m) }', 'param m = 3 encoder { b(1) dense(m) code: dense(8) }', 'AE202'],
    ['define block b(n) { add(from=h) }', 'encoder { h: dense(3) b(1) code: dense(8) }', 'AE211'],
    ['define block b(n) { x: dense(n) }', 'encoder { b(1) code: dense(8) } loss mse() + l1(on=x)', 'AE211'],
    ['define block b(n) { dense(n) }', 'encoder { b(1) { dense(2) } code: dense(8) }', 'AE209'],
    ['define block b() { }', 'encoder { x: b() code: dense(8) }', 'AE211'],
    ['define block b() { code: dense(3) }', 'encoder { b() dense(8) }', 'AE212'],
    ['define block dense(n) { flatten() }', 'encoder { code: dense(8) }', 'AE203'],
  ])('%s %s is refused', (blocks, statements, code) => {
    expect(codes(blocks, statements)).toContain(code);
  });

  it('is no place for more layers than a network may have, nor for deep nesting', () => {
    const doubled = Array.from({ length: 30 }, (_, i) => `define block b${i + 1}() { b${i}() b${i}() }`).join('\n');
    expect(codes(`define block b0() { linear() }\n${doubled}`, 'encoder { b30() code: dense(8) }')).toEqual(['AE310']);
    const nested = Array.from({ length: 3000 }, (_, i) => `define block b${i + 1}(x) { b${i}(x + x) }`).join('\n');
    expect(codes(`define block b0(x) { dense(x) }\n${nested}`, 'encoder { b3000(1) code: dense(8) }')).toEqual([
      'AE310',
    ]);
  });

  it('may be that of the design', () => {
    expect(
      codes(
        down,
        'encoder { down(4) down(8, f=tanh) code: dense(16) } decoder { dense(input.size, activation=sigmoid) }',
      ),
    ).toEqual([]);
  });
});
