import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { type LayerNode, parameterCount } from '../../src/compiler/ir/experiment.js';
import { layersNamedBy } from '../../src/compiler/ir/value.js';
import { builtinWords } from '../../src/words/words.js';
import { compileStatements, experimentText } from './compiled.js';
import { testWorld } from './world.js';

const outline = (nodes: readonly LayerNode[]) =>
  nodes.map((n) => `${n.word} ${n.output.join('×')} ${n.address ?? '-'}`);

/** Diagnostics as `AE402 message | hint`. */
function diagnosed(statements: string): readonly string[] {
  const source = { path: 'example.ae', text: experimentText(statements) };
  const { diagnostics } = compile(source, null, { library: builtinWords, world: testWorld() });
  return diagnostics.map(({ code, message, hint }) => `${code} ${message}${hint === null ? '' : ` | ${hint}`}`);
}

describe('a network with structures is the one written out', () => {
  const same: Record<string, readonly [string, string]> = {
    'residual blocks': [
      'encoder { dense(32) residual { dense(32, activation=relu) dense(32) } relu() code: dense(8) }',
      'encoder { h: dense(32) dense(32, activation=relu) dense(32) add(from=h) relu() code: dense(8) }',
    ],
    'a residual block at the start of a network': [
      'encoder { residual { dropout(0.1) } code: dense(8) }',
      'encoder { dropout(0.1) add(from=input) code: dense(8) }',
    ],
    'a residual block at the start of a decoder': [
      'encoder { code: dense(8) } decoder { residual { dense(8) } dense(784) }',
      'encoder { code: dense(8) } decoder { dense(8) add(from=code) dense(784) }',
    ],
    'a shortcut': [
      'encoder { dense(32) residual(shortcut=dense(16, bias=false)) { dense(16) } code: dense(8) }',
      'encoder { h: dense(32) dense(16) add(from=h) { shortcut: dense(16, bias=false) } code: dense(8) }',
    ],
    'repeated layers': [
      'param n = 3 encoder { repeat(n) { dense(32, activation=relu) } code: dense(8) }',
      'encoder { dense(32, activation=relu) dense(32, activation=relu) dense(32, activation=relu) code: dense(8) }',
    ],
    'layers repeated no time': ['encoder { repeat(0) { dense(32) } code: dense(8) }', 'encoder { code: dense(8) }'],
    'labels within repeated layers': [
      'encoder { repeat(2) { h: dense(32) dense(32) add(from=h) } code: dense(8) }',
      'encoder { a: dense(32) dense(32) add(from=a) b: dense(32) dense(32) add(from=b) code: dense(8) }',
    ],
    'structures in structures': [
      'encoder { dense(8) repeat(2) { residual { repeat(2) { dense(8, activation=relu) } } } code: dense(8) }',
      `encoder { a: dense(8) dense(8, activation=relu) dense(8, activation=relu) b: add(from=a)
        dense(8, activation=relu) dense(8, activation=relu) add(from=b) code: dense(8) }`,
    ],
    'layers repeated with the same weights': [
      'encoder { dense(16) repeat(3, shared=true) { dense(16, activation=relu) } code: dense(8) }',
      'encoder { dense(16) h: dense(16, activation=relu) share(h) again: share(h) code: dense(8) }',
    ],
    'a residual block shared, and shared again': [
      `encoder { conv2d(4, kernel=1) b: residual { conv2d(4, kernel=3, padding=1) batch_norm() relu() } max_pool2d(2) share(b)
        code: dense(8) }`,
      `encoder { s: conv2d(4, kernel=1) c: conv2d(4, kernel=3, padding=1) n: batch_norm() relu() add(from=s)
        p: max_pool2d(2) share(c) share(n) relu() add(from=p) code: dense(8) }`,
    ],
    'a shared block with a skip from outside, of one inside, and a shortcut': [
      `encoder { o: dense(8) x: dense(8) repeat(2, shared=true) { i: dense(8) dense(8) add(from=i) add(from=o) } code: dense(8) }`,
      `encoder { o: dense(8) x: dense(8) i: dense(8) d: dense(8) add(from=i) add(from=o) j: share(i) share(d) add(from=j) add(from=o)
        code: dense(8) }`,
    ],
    'a mirror of residual blocks': [
      `encoder { dense(32, activation=relu) residual { dense(16, activation=tanh) dense(32) } relu() code: dense(8) }
       decoder mirror(encoder, output=sigmoid)`,
      `encoder { h: dense(32, activation=relu) dense(16, activation=tanh) dense(32) add(from=h) relu() code: dense(8) }
       decoder { d: dense(32, activation=relu) dense(16, activation=tanh) dense(32) add(from=d) relu() dense(784) reshape([1, 28, 28]) sigmoid() }`,
    ],
  };
  it.each(Object.entries(same))('%s', (_what, [a, b]) => {
    expect(compileStatements(a).hash).toBe(compileStatements(b).hash);
  });

  it('but not another one', () => {
    const hash = (statements: string) => compileStatements(statements).hash;
    const from = (label: string) =>
      hash(`encoder { a: dense(8) b: dense(8) c: dense(8) add(from=${label}) code: dense(8) }`);
    expect(new Set(['a', 'b', 'c'].map(from)).size).toBe(3);
    const { canonical } = compileStatements('encoder { dropout(0.1) add(from=input) code: dense(8) }');
    expect(canonical).toMatchObject({ encoder: [{}, { layer: { word: 'add@1', from: 'input' } }, {}, {}] });
  });
});

describe('skip connections', () => {
  it('reach the encoder, the input and the code from the decoder', () => {
    const { ir } = compileStatements(`encoder { h: conv2d(4, kernel=3, padding=1, activation=relu) code: max_pool2d(2) }
      decoder { add(from=code) upsample2d(2) concat(from=[h, input]) conv2d(1, kernel=1) }`);
    expect(outline(ir.decoder)).toEqual([
      'add 4×14×14 -',
      'upsample2d 4×28×28 -',
      'concat 9×28×28 -',
      'conv2d 1×28×28 decoder/0',
    ]);
    expect(ir.decoder.map(({ arguments: args }) => args.from?.value)).toMatchObject([
      { block: 'encoder', index: 2 },
      undefined,
      [
        { block: 'encoder', index: 1 },
        { block: 'encoder', index: -1 },
      ],
      undefined,
    ]);
  });

  it('add and join the ranges of what they take', () => {
    const { ir } = compileStatements(`encoder { a: dense(8, activation=tanh) dense(8, activation=tanh) add(from=a)
      b: sigmoid() dense(8, activation=tanh) concat(from=b) code: dense(8) }`);
    const range = (word: string) => ir.encoder.find((node) => node.word === word)?.range;
    expect(range('add')).toEqual({ low: -2, high: 2, lowOpen: true, highOpen: true });
    expect(range('concat')).toEqual({ low: -1, high: 1, lowOpen: true, highOpen: true });
  });

  it('take a head, and are refused where shapes differ, with both shapes and the way there', () => {
    const encoder = 'encoder { dense(16) z: reparameterize { mu: dense(4) logvar: dense(4) } }';
    expect(diagnosed(`${encoder} decoder { dense(4) add(from=z.mu) dense(784) } loss mse() + kl_gaussian()`)).toEqual(
      [],
    );
    expect(diagnosed('encoder { h: dense(32) dense(16) add(from=h) code: dense(8) }')).toEqual([
      'AE402 add joins equal shapes: its input is 16, and the layer that it names gives 32 | give it a shortcut: add(from=…) { shortcut: dense(16) }',
    ]);
  });
});

describe('a head, and a shortcut,', () => {
  const blocks = `define block projection(n) { conv2d(n, kernel=1, bias=false)  batch_norm() }
define block one(n) { dense(n) }
define block named() { a: dense(8)  relu() }
define block skipping() { residual { dense(8) } }
`;
  const outcomeOf = (statements: string) =>
    compile({ path: 'example.ae', text: `${blocks}${experimentText(statements)}` }, null, {
      library: builtinWords,
      world: testWorld(),
    });
  const latent = (head: string) => `encoder { z: reparameterize { mu: ${head}  logvar: dense(4) } }`;
  const said = (statements: string) =>
    outcomeOf(statements).diagnostics.map(({ code, message }) => `${code} ${message}`);

  it('may be a block of layers, of which one alone is that layer', () => {
    const { value } = outcomeOf(latent('repeat(2) { dense(4, activation=tanh)  dropout(0.1) }'));
    expect(outline(value?.ir.encoder.at(-1)?.heads.mu ?? [])).toEqual([
      'flatten 784 -',
      'dense 4 encoder/0/mu',
      'tanh 4 -',
      'dropout 4 encoder/0/mu/1',
      'dense 4 encoder/0/mu/2',
      'tanh 4 -',
      'dropout 4 encoder/0/mu/3',
    ]);
    const hash = outcomeOf(latent('dense(4)')).value?.hash;
    expect(outcomeOf(latent('one(4)')).value?.hash).toBe(hash);
    expect(outcomeOf(latent('repeat(1) { dense(4) }')).value?.hash).toBe(hash);
    const residual = `encoder { conv2d(4, kernel=1)  residual(shortcut=projection(8)) { conv2d(8, kernel=1) }  code: dense(8) }`;
    const written = `encoder { h: conv2d(4, kernel=1)  conv2d(8, kernel=1)  add(from=h) { shortcut: projection(8) }  code: dense(8) }`;
    expect(outcomeOf(residual).value?.hash).toBe(outcomeOf(written).value?.hash);
    expect(outcomeOf(residual).value?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(
      said(`${latent('repeat(2) { dense(4)  batch_norm() }')} train adam() { epochs = 1  batch = 1 }`).join(),
    ).toContain('AE524');
  });

  it('is one layer after another, without names or skips of its own', () => {
    expect(said(latent('named()'))[0]).toBe("AE209 'a' is within a head, where no layer has a name");
    expect(said(latent('skipping()'))[0]).toContain("AE209 'residual' cannot be within a head");
    expect(said('encoder { h: dense(784)  z: reparameterize { mu: share(h)  logvar: dense(784) } }')[0]).toContain(
      "AE209 'share' cannot be within a head",
    );
    expect(said(latent('reparameterize { mu: dense(4)  logvar: dense(4) }'))[0]).toContain('AE209');
    expect(said(latent('repeat(0) { dense(4) }'))).toEqual(["AE302 the head 'mu' has no layers"]);
    expect(said('encoder { dense(8)  residual(shortcut=named()) { dense(8) }  code: dense(8) }')[0]).toContain('AE209');
  });
});

it('concat says of unequal images and signals what could make them equal', () => {
  const [image] = diagnosed('encoder { h: conv2d(4, kernel=3) max_pool2d(2) concat(from=h) code: dense(8) }');
  expect(image).toBe(
    'AE402 concat joins channels of images of equal height and width: its input is 4×13×13, and the layer that it names gives 4×26×26 | ' +
      'resize one of them: upsample2d, max_pool2d, or a convolution with a stride or with padding',
  );
  const [signal] = diagnosed('encoder { h: reshape([28, 28]) conv1d(4, kernel=3) concat(from=h) code: dense(8) }');
  expect(signal).toContain(
    'channels of signals of equal length: its input is 4×26, and the layer that it names gives 28×28',
  );
  const [mixed] = diagnosed('encoder { h: conv2d(4, kernel=3) dense(8) concat(from=h) code: dense(8) }');
  expect(mixed).toContain('features with features, or images with images');
});

describe('residual', () => {
  it('names both shapes, and a shortcut that makes one of the other', () => {
    const [dense] = diagnosed('encoder { dense(32) residual { dense(16) } code: dense(8) }');
    expect(dense).toBe(
      'AE402 residual adds its input, which is 32, to what its layers give, which is 16 | give it a shortcut: residual(shortcut=dense(16)) { … }',
    );
    const images = (layers: string) =>
      diagnosed(`encoder { conv2d(4, kernel=1) residual { ${layers} } code: dense(8) }`)[0];
    expect(images('conv2d(8, kernel=3, padding=1)')).toContain('residual(shortcut=conv2d(8, kernel=1)) { … }');
    expect(images('conv2d(8, kernel=3, stride=2, padding=1)')).toContain(
      'residual(shortcut=conv2d(8, kernel=1, stride=2)) { … }',
    );
    expect(images('conv2d(4, kernel=3)')).toContain('the layers on the way have to give 4×28×28');
    expect(images('dense(9)')).toContain('the layers on the way have to give 4×28×28');
    expect(images('dense(3136)')).toContain('put flatten() before both');
  });

  it('takes the shortcut that its hints recommend', () => {
    expect(
      diagnosed(`encoder { conv2d(4, kernel=1) residual(shortcut=conv2d(8, kernel=1, stride=2)) { conv2d(8, kernel=3, stride=2, padding=1) }
        code: dense(8) }`),
    ).toEqual([]);
    const [wrong] = diagnosed('encoder { dense(32) residual(shortcut=dense(9)) { dense(16) } code: dense(8) }');
    expect(wrong).toBe(
      'AE402 add joins equal shapes: its input is 16, and its shortcut gives 9 | the shortcut must give 16',
    );
  });

  it('is not undone by a mirror where it has a shortcut, nor is concat', () => {
    const mirrored = (layers: string) =>
      diagnosed(`encoder { ${layers} code: dense(8) } decoder mirror(encoder, output=sigmoid)`);
    expect(mirrored('dense(32) residual(shortcut=dense(16)) { dense(16) }')[0]).toMatch(/^AE505 the layer add: /);
    expect(mirrored('h: dense(32) dense(32) concat(from=h)')[0]).toMatch(/^AE505 the layer concat: /);
  });

  it.each([
    [
      'across each other',
      'a: dense(8) b: dense(8) dense(8) add(from=a) dense(8) add(from=b)',
      ['dense 8', 'dense 8', 'dense 8', 'add 8 decoder[0]', 'dense 8', 'add 8 decoder[1]', 'dense 784'],
    ],
    [
      'from before an activation',
      'a: dense(8) relu() dense(8) add(from=a)',
      ['dense 8', 'dense 8', 'relu 8', 'add 8 decoder[0]', 'dense 784'],
    ],
    [
      'from the input',
      'conv2d(1, kernel=3, padding=1) add(from=input)',
      ['dense 784', 'reshape 1×28×28', 'conv_transpose2d 1×28×28', 'add 1×28×28 decoder[1]'],
    ],
  ])('is mirrored %s', (_how, layers, expected) => {
    const { ir } = compileStatements(`encoder { ${layers} code: dense(8) } decoder mirror(encoder, output=linear)`);
    const found = ir.decoder.map(({ word, output, arguments: { from } }) => {
      const [taken] = layersNamedBy(from?.value ?? null);
      return `${word} ${output.join('×')}${taken ? ` ${taken.block}[${taken.index}]` : ''}`;
    });
    expect(found.filter((text) => text !== 'reshape 1×28×28' || expected.includes(text))).toEqual(expected);
  });
});

describe('repeat', () => {
  it('hides its labels, and says so', () => {
    const [unknown] = diagnosed('encoder { repeat(2) { h: dense(8) } code: dense(8) } loss mse() + l1(on=h)');
    expect(unknown).toBe(
      "AE211 no layer is labelled 'h' | it is known in the braces of 'repeat' alone: to name what comes out, label 'repeat' itself",
    );
    expect(diagnosed('encoder { h: repeat(2) { dense(8) } code: dense(8) } loss mse() + l1(on=h)')).toEqual([]);
    const { ir } = compileStatements(
      'encoder { o: repeat(2) { h: dense(8) r: residual { dense(8) } } code: dense(8) }',
    );
    expect(ir.encoder.map(({ label }) => label)).toEqual([null, null, null, null, null, null, 'o', 'code']);
  });

  it('may be labelled like what is in other braces, but not like a layer around it', () => {
    expect(diagnosed('encoder { repeat(2) { h: dense(8) } repeat(2) { h: dense(8) } code: dense(8) }')).toEqual([]);
    expect(diagnosed('encoder { h: dense(8) repeat(2) { h: dense(8) } code: dense(8) }')).toEqual([
      "AE203 two layers are labelled 'h'",
    ]);
  });

  it('has a limit, also where one is in another, and in no time', () => {
    const nested = (depth: number): string => (depth === 0 ? 'linear()' : `repeat(10000) { ${nested(depth - 1)} }`);
    for (const depth of [1, 2, 6]) {
      const found = diagnosed(`encoder { dense(8) ${nested(depth)} linear() dense(8) code: dense(8) }`);
      expect(found).toEqual(depth === 1 ? [] : ["AE310 'repeat' makes more than 10,000 layers, which is the limit"]);
    }
  });

  it('checks what it leaves out, and reports an error once for all turns', () => {
    expect(diagnosed('encoder { repeat(0) { dens(8) } code: dense(8) }')[0]).toMatch(/^AE201 /);
    expect(diagnosed('encoder { repeat(5) { dense(8, bais=true) } code: dense(8) }')).toHaveLength(1);
    expect(diagnosed('encoder { x: repeat(0) { dense(8) } code: dense(8) }')[0]).toMatch(
      /^AE211 'x' names no layer: 'repeat' places none/,
    );
  });

  it.each([
    ['encoder { repeat(2.5) { dense(8) } code: dense(8) }', 'AE305'],
    ['encoder { repeat(10001) { dense(8) } code: dense(8) }', 'AE306'],
    ['encoder { repeat(2) code: dense(8) }', 'AE302'],
    ['encoder { repeat { dense(8) } code: dense(8) }', 'AE302'],
    ['encoder { residual() code: dense(8) }', 'AE302'],
    ['encoder { repeat(0) { dense(8) } }', 'AE205'],
    ['encoder { code: dense(8) } decoder { repeat(0) { dense(8) } }', 'AE205'],
    ['encoder { z: reparameterize { mu: residual { dense(8) } logvar: dense(8) } }', 'AE209'],
    ['encoder { code: dense(8, activation=residual) }', 'AE201'],
    ['encoder { repeat(2) { code: dense(8) } dense(4) }', 'AE212'],
    ['encoder { residul { dense(8) } code: dense(8) }', 'AE201'],
  ])('%s is refused', (statements, code) => {
    expect(diagnosed(statements)[0]?.slice(0, 5)).toBe(code);
  });

  it('is suggested to who misspells it', () => {
    expect(diagnosed('encoder { residul { dense(8) } code: dense(8) }')[0]).toContain("did you mean 'residual'");
    expect(diagnosed('encoder { BasicBlock { dense(8) } code: dense(8) }')[0]).toContain('write residual(');
  });
});

describe('layers with shared weights', () => {
  /** Which weights of which layers are whose. */
  const shared = (nodes: readonly LayerNode[]): readonly string[] =>
    nodes.flatMap(({ address, weights, heads }) => [
      ...weights.flatMap(({ name, tiedTo }) =>
        tiedTo === null ? [] : [`${address}.${name} ${tiedTo.transposed ? '^' : '='} ${tiedTo.address}.${tiedTo.name}`],
      ),
      ...Object.values(heads).flatMap(shared),
    ]);

  it('name the layer that has them, from the decoder too, through several uses and heads', () => {
    const { ir } = compileStatements(`encoder { dense(8) h: dense(8, bias=false, activation=relu) share(h)
      residual(shortcut=dense(8)) { dense(8) } code: dense(8) }
      decoder { b: share(h) share(b) dense(784) }`);
    expect(shared(ir.encoder)).toEqual(['encoder/2.weight = encoder/1.weight']);
    expect(shared(ir.decoder)).toEqual(['decoder/0.weight = encoder/1.weight', 'decoder/1.weight = encoder/1.weight']);
    expect(outline(ir.decoder)).toEqual([
      'dense 8 decoder/0',
      'relu 8 -',
      'dense 8 decoder/1',
      'relu 8 -',
      'dense 784 decoder/2',
      'reshape 1×28×28 -',
    ]);
    const heads = compileStatements(`encoder { dense(8) b: residual(shortcut=dense(8)) { dense(8, bias=false) } share(b)
      z: reparameterize { mu: dense(8) logvar: dense(8) } }
      decoder { share(z.mu) dense(784) } loss mse() + kl_gaussian()`);
    expect(shared([...heads.ir.encoder, ...heads.ir.decoder])).toEqual([
      'encoder/3.weight = encoder/1.weight',
      'encoder/4/shortcut.weight = encoder/2/shortcut.weight',
      'encoder/4/shortcut.bias = encoder/2/shortcut.bias',
      'decoder/0.weight = encoder/5/mu.weight',
      'decoder/0.bias = encoder/5/mu.bias',
    ]);
  });

  it('are counted once, and tied and transposed through their owner', () => {
    const { ir } = compileStatements(`encoder { code: repeat(2, shared=true) { dense(784, bias=false) } }
      decoder tied(encoder, output=linear)`);
    expect(parameterCount([...ir.encoder, ...ir.decoder])).toBe(784 ** 2);
    expect(shared(ir.decoder)).toEqual(['decoder/0.weight ^ encoder/0.weight', 'decoder/1.weight ^ encoder/0.weight']);
    const from = compileStatements(`encoder { h: dense(9) a: dense(9) again: share(a) code: dense(8) }
      decoder { dense(9) dense(9, init=transposed(again)) dense(784) }`);
    expect(from.ir.decoder[1]?.weights[0]?.initial).toEqual({
      kind: 'transposed',
      of: { address: 'encoder/1', name: 'weight' },
    });
  });

  it('take images of another size, and draw their own random numbers', () => {
    const { ir } =
      compileStatements(`encoder { conv2d(4, kernel=1) b: residual { conv2d(4, kernel=3, padding=1) dropout(0.1) }
      max_pool2d(2) share(b) code: dense(8) }`);
    const dropouts = ir.encoder.filter(({ word }) => word === 'dropout').map(({ address }) => address);
    expect(dropouts).toEqual(['encoder/2', 'encoder/4']);
    const [, second] = ir.encoder.filter(({ word }) => word === 'add').map(({ arguments: args }) => args.from?.value);
    expect(second).toMatchObject({
      block: 'encoder',
      index: ir.encoder.findIndex(({ word }) => word === 'max_pool2d'),
    });
  });

  it.each([
    [
      'h: dense(8) share(h) code: dense(4)',
      /^AE402 the weight of 'h' \(dense\) is 8×784, and here it would have to be 8×8 .*\| that layer takes 784, and this one would take 8/,
    ],
    [
      'repeat(2, shared=true) { dense(8) } code: dense(4)',
      /^AE402 the weight of 'dense' is 8×784, and here it would have to be 8×8/,
    ],
    ['h: relu() share(h) code: dense(4)', /^AE402 what this names has no weights to share: relu \| write relu again/],
    ['share(h) h: dense(784) code: dense(4)', /^AE211 no layer is labelled 'h' \| only an earlier layer can be named/],
    ['h: share(h) code: dense(4)', /^AE211 no layer is labelled 'h'/],
    ['h: dense(784) share(hh) code: dense(4)', /^AE211 no layer is labelled 'hh' \| did you mean 'h'/],
    ['h: dense(784) share(h, init=he()) code: dense(4)', /^AE301 'share' has no argument 'init'/],
    ['h: dense(784) share(h) { dense(8) } code: dense(4)', /^AE209 'share' takes no layers in braces/],
    ['h: dense(784) share() code: dense(4)', /^AE302 'share' needs layer=/],
    ['h: dense(784) share code: dense(4)', /^AE/],
    ['dense(784) repeat(9, shared=true) { repeat(9999) { dense(784) } } code: dense(4)', /^AE310/],
  ])('%s', (layers, problem) => {
    const [first, ...others] = diagnosed(`encoder { ${layers} }`);
    expect(first).toMatch(problem);
    expect(others).toEqual([]);
  });

  it('are not pretrained one by one', () => {
    const text =
      'encoder { repeat(2, shared=true) { dense(784, activation=sigmoid) } code: dense(4, activation=sigmoid) }';
    const [first] = diagnosed(`${text} pretrain rbm() { epochs = 1 }`);
    expect(first).toMatch(/^AE508 the layer 'dense' shares its weights with an earlier one/);
  });
});
