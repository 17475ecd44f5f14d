import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Source } from '../../src/compiler/syntax/source.js';
import { parseRecipe, recordingWorld, stringifyRecipe, worldOf } from '../../src/project/recipe.js';
import { builtinWords } from '../../src/words/words.js';
import { compileText, experimentText } from './compiled.js';
import { testWorld } from './world.js';

const charbonnier = 'define loss charbonnier(epsilon = 0.001) = mean(sqrt((output - target) ** 2 + epsilon ** 2))';
const hash = (definitions: string, statements: string) =>
  compileText(`${definitions}\n${experimentText(statements)}`).hash;
const standard = hash(charbonnier, 'loss charbonnier()');

describe("the identity of a person's own word", () => {
  it('ignores its name, its layout, comments, a default that is given, and what it calls', () => {
    for (const [definitions, statements] of [
      [charbonnier.replaceAll('charbonnier', 'other'), 'loss other()'],
      [`// of a paper\n${charbonnier.replaceAll(' ', '\n  ')} /* so */`, 'loss charbonnier()'],
      [charbonnier.replace('0.001', '7'), 'loss charbonnier(epsilon=1e-3)'],
      [
        'define activation far(e = 1) = sqrt(x ** 2 + e ** 2)  define loss other(epsilon = 0.001) = mean(far(output - target, epsilon))',
        'loss other()',
      ],
    ] as const) {
      expect(hash(definitions, statements), definitions).toBe(standard);
    }
  });

  it('holds everything else', () => {
    const others = [
      hash(charbonnier, 'loss charbonnier(0.002)'),
      hash(charbonnier.replace('** 2 +', '** 4 +'), 'loss charbonnier()'),
      hash(charbonnier.replace('output - target', 'target - output'), 'loss charbonnier()'),
      hash(charbonnier.replace('0.001', '0.001 where epsilon > 0'), 'loss charbonnier()'),
      hash(charbonnier.replace('mean', 'sum'), 'loss charbonnier()'),
      hash(charbonnier.replace('- target', '- shift(target, 1, axis=width)'), 'loss charbonnier()'),
      hash(charbonnier.replace('- target', '- shift(target, 2, axis=width)'), 'loss charbonnier()'),
      hash(charbonnier.replace('- target', '- shift(target, 1, axis=height)'), 'loss charbonnier()'),
      hash(charbonnier, 'loss 2 * charbonnier()'),
    ];
    expect(new Set([standard, ...others]).size).toBe(others.length + 1);
  });

  it('of an activation is the same as a layer and as an argument', () => {
    const snake = 'define activation snake(a = 1) = x + sin(a * x) ** 2 / a';
    const one = hash(snake, 'encoder { code: dense(16, activation=snake(2)) }');
    expect(hash(snake, 'encoder { dense(16)  snake(2) }')).toBe(one);
    expect(hash(snake, 'param f = snake(2) encoder { code: dense(16, activation=f) }')).toBe(one);
    expect(hash(snake, 'encoder { code: dense(16, activation=snake) }')).not.toBe(one);
  });

  it('of a layer is its place', () => {
    const hoyer = 'define penalty hoyer(on = code) = mean(sum(abs(on), axis=features) ** 2)';
    const network = 'encoder { h: dense(16, activation=relu)  code: dense(8) }';
    const own = hash(hoyer, `${network} loss mse() + hoyer()`);
    expect(hash(hoyer, `${network} loss mse() + hoyer(on=code)`)).toBe(own);
    expect(hash(hoyer, `${network} loss mse() + hoyer(on=h)`)).not.toBe(own);
  });
});

describe('ranges', () => {
  const range = (formula: string, input = 'sigmoid') =>
    compileText(
      `define activation own(a = 2 where a > 0) = ${formula}\n${experimentText(
        `encoder { dense(16, activation=${input})  code: own() }`,
      )}`,
    ).ir.encoder.at(-1)?.range;

  it('follow an activation', () => {
    expect(range('x * 3 - 1')).toMatchObject({ low: -1, high: 2, lowOpen: true, highOpen: true });
    expect(range('(x - 1) ** 2')).toMatchObject({ low: 0, high: 1 });
    expect(range('abs(x) + 1 / (1 + x ** 2)', 'linear')).toMatchObject({ low: 0, high: Number.POSITIVE_INFINITY });
    expect(range('where(x > 0, tanh(x), a * x)', 'tanh')).toMatchObject({ low: -2, high: 2 });
    // How many values a sum goes over depends on the layer.
    expect(range('x * 0 + sum(x, axis=features)')).toMatchObject({ low: 0, high: Number.POSITIVE_INFINITY });
    expect(range('x * 0 + mean(x, axis=features)')).toMatchObject({ low: 0, high: 1 });
    expect(range('round(4 * x) / 4')).toMatchObject({ low: 0, high: 1, lowOpen: false, highOpen: false });
    expect(range('sign(x - 0.5)')).toMatchObject({ low: -1, high: 1, lowOpen: false });
    expect(range('clip(x, -1, 1) + max(x, 0) * 0', 'linear')).toMatchObject({ low: -1, high: 1 });
  });
});

describe('files of definitions', () => {
  const texts: Readonly<Record<string, string>> = {
    'losses/far.ae': `use "near.ae"\n${charbonnier.replace('mean(', 'near(')}`.replace('near(sqrt', 'mean(sqrt'),
    'losses/near.ae': 'define activation near(x2 = 1) = x * x2',
    'near.ae': 'define activation near(k = 3) = k * x',
  };
  const read = (path: string, from: Source) => {
    const place = [...from.path.split('/').slice(0, -1), ...path.split('/')].join('/');
    const text = texts[place];
    return text === undefined ? { problem: 'there is no such file' } : { path: place, text };
  };
  const source = {
    path: 'own.ae',
    text: `use "losses/far.ae"  use "near.ae"\n${experimentText('encoder { dense(32, activation=near)  code: dense(8) } loss charbonnier()')}`,
  };

  it('travel with a recipe, whichever file names them by the same words', () => {
    const recording = recordingWorld({ ...testWorld(), readSource: read });
    const compiled = compile(source, null, { library: builtinWords, world: recording.world });
    expect(compiled.diagnostics).toEqual([]);
    expect(recording.sources.map(({ path, from }) => [path, from])).toEqual([
      ['losses/far.ae', undefined],
      ['near.ae', undefined],
      ['near.ae', 0],
    ]);
    const recipe = parseRecipe(
      stringifyRecipe({
        sources: [source, ...recording.sources],
        experiment: null,
        params: [],
        data: null,
        epochs: null,
        maxSteps: null,
        files: recording.files,
      }),
    );
    const [own = source] = recipe.sources;
    const again = compile(own, null, { library: builtinWords, world: { ...testWorld(), ...worldOf(recipe) } });
    expect(again.value?.hash).toBe(compiled.value?.hash);
    expect(again.value?.hash).toBeDefined();
    expect(compiled.value?.bound.sources.map(({ path }) => path)).toEqual([
      'own.ae',
      'losses/far.ae',
      'losses/near.ae',
      'near.ae',
    ]);
  });

  it('give nothing that they have from a third file', () => {
    const other = {
      path: 'own.ae',
      text: `use "losses/far.ae"\n${experimentText('encoder { code: dense(8, activation=near) }')}`,
    };
    const { diagnostics } = compile(other, null, {
      library: builtinWords,
      world: { ...testWorld(), readSource: read },
    });
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "AE201 there is no activation 'near'",
    ]);
  });
});

describe('the chapter on definitions', () => {
  const blocks = [...readFileSync('docs/definitions.md', 'utf8').matchAll(/^```ae\n([\s\S]*?)^```/gm)].map(
    ([, text = '']) => text,
  );

  it('has listings that compile, and one that warns', () => {
    const found = blocks.map((text) =>
      compile({ path: 'own.ae', text }, null, { library: builtinWords, world: testWorld() }),
    );
    expect(found.map(({ value }) => value?.ir.name)).toEqual(['robust', 'sparse_snake', 'smooth', 'unsafe']);
    expect(found.map(({ diagnostics }) => [...new Set(diagnostics.map(({ code }) => code))])).toEqual([
      [],
      ['AE531'],
      [],
      ['AE531', 'AE503'].filter((code) => found[3]?.diagnostics.some((each) => each.code === code)),
    ]);
  });
});

it('a hint writes what can be 0 without the parentheses around it', () => {
  const hints = (formula: string) => {
    const text = `define loss ratio() = mean(${formula})\n${experimentText('loss ratio()')}`;
    const { diagnostics } = compile({ path: 'own.ae', text }, null, { library: builtinWords, world: testWorld() });
    return diagnostics.map(({ hint }) => hint);
  };
  const hint = 'keep it away from 0, such as by max(output - target, 1e-8) where it is never negative';
  expect(hints('1 / (output - target)')).toEqual([hint]);
  expect(hints('1 / ((output) - (target))')).toEqual([hint.replace('output - target', '(output) - (target)')]);
});

it('the root within std is one to write out, with a small number', () => {
  const text = `define penalty flat(on = code) = mean(std(on, axis=batch))\n${experimentText('loss mse() + flat()')}`;
  const { diagnostics } = compile({ path: 'own.ae', text }, null, { library: builtinWords, world: testWorld() });
  expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
    ['AE531', 'write sqrt(var(on, axis=batch) + 1e-8)'],
  ]);
});

describe('hostile definitions', () => {
  const found = (text: string) =>
    compile({ path: 'a.ae', text }, null, { library: builtinWords, world: testWorld() }).diagnostics;

  it('of a million nested calls, or a chain that doubles with each definition', () => {
    const deep = `define loss a() = ${'abs('.repeat(1e6)}output${')'.repeat(1e6)}`;
    expect(found(deep).map(({ code }) => code)).toEqual(['AE110']);
    const nested = `define loss a() = ${'abs('.repeat(1e5)}output${')'.repeat(1e5)}`;
    expect(found(nested).map(({ code }) => code)).toEqual(['AE105']);
    const doubled = Array.from({ length: 60 }, (_, i) =>
      i === 0
        ? 'define activation f0(a = 1) = sin(a * x)'
        : `define activation f${i}(a = 1) = f${i - 1}(f${i - 1}(x, a + ${i}), a)`,
    ).join('\n');
    const codes = found(`${doubled}\n${experimentText('encoder { code: dense(8, activation=f59) }')}`);
    expect(codes[0]).toMatchObject({ code: 'AE310' });
    expect(codes.length).toBeLessThan(80);
  });

  it('of many definitions', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `define loss own${i}() = mean(output - target) * ${i}`).join(
      '\n',
    );
    const start = performance.now();
    const codes = found(`${many}\n${experimentText('loss own1()')}`);
    expect(codes.every(({ code }) => code === 'AE218' || code === 'AE216')).toBe(true);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
