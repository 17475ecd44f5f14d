import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindExperiment, compileTrial, mistakesBesideSyntax } from '../../src/compiler/compile.js';
import { diagnosticCodes } from '../../src/compiler/diagnostics/codes.js';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.js';
import { verify } from '../../src/compiler/ir/verify.js';
import { builtinWords } from '../../src/words/words.js';
import { sweptTrials } from './swept.js';
import { testWorld } from './world.js';

const runs = Number(process.env.AEDSL_FUZZ_RUNS ?? 300);

const texts = readdirSync('experiments')
  .filter((file) => file.endsWith('.ae'))
  .map((file) => readFileSync(join('experiments', file), 'utf8'));
const pieces = [...new Set(texts.flatMap((text) => text.match(/[A-Za-z_]\w*|[\d.]+|\S/g) ?? []))];
const words = builtinWords.words.map((word) => word.name);
const hostile = [
  '1e308',
  '-1',
  '0',
  '1e9',
  '[]',
  '[[1]]',
  'true',
  '"',
  '(',
  '}',
  '..',
  'input.size',
  'code',
  'z.mu',
  '1/0',
  'range(0,1e9)',
];

/** A formula of some tensors, now and then with a name, an axis or a kind of value that does not fit. */
const formulaOf = (...tensors: readonly string[]) =>
  fc.letrec<{ formula: string }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 3 },
      { weight: 8, arbitrary: fc.constantFrom(...tensors, 'a', '0.5', '2') },
      { weight: 1, arbitrary: fc.constantFrom('x', 'output', 'b', 'code', 'seed', 'pi') },
      {
        weight: 6,
        arbitrary: fc
          .tuple(tie('formula'), fc.constantFrom('+', '-', '*', '/', '**'), tie('formula'))
          .map((parts) => `(${parts.join(' ')})`),
      },
      {
        weight: 6,
        arbitrary: fc
          .tuple(fc.constantFrom('abs', 'exp', 'log', 'sqrt', 'tanh', 'stop_gradient', 'earlier', '-'), tie('formula'))
          .map(([name, of]) => `${name}(${of})`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('sum', 'mean', 'max'), tie('formula'), fc.constantFrom('features', 'batch'))
          .map(([name, of, axis]) => `${name}(${of}, axis=${axis})`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(tie('formula'), fc.constantFrom('>', '==', 'and'), tie('formula'))
          .map(([one, compares, other]) => `where(${one} ${compares} 0, ${other}, clip(${one}, 0, 1))`),
      },
    ),
  })).formula;

/** Layers of a block, which may use its parameters; now and then a block that it may not know. */
const layersWith = (...blocks: readonly string[]) =>
  fc
    .array(
      fc.oneof(
        {
          weight: 12,
          arbitrary: fc.constantFrom(
            'dense(n)',
            'dense(n + 1, activation=f)',
            'f()',
            'own()',
            'h: dense(4)  f()  add(from=h)',
            'h: dense(4)  concat(from=h)',
            'residual(shortcut=dense(n)) { dense(n)  f() }',
            'repeat(n) { dense(8) }',
            'repeat(2) { dense(n)  t: own()  residual { f() } }',
            ...blocks,
          ),
        },
        { weight: 1, arbitrary: fc.constantFrom('residual { dense(n) }', 'small(n)', 'large(n)', 'x', 'add(from=h)') },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((items) => items.join('  '));

/** An experiment that uses its own loss, penalty, activation and blocks. */
const defining = fc
  .record({
    loss: formulaOf('output', 'target', '(output - target)'),
    penalty: formulaOf('on'),
    activation: formulaOf('x'),
    where: fc.constantFrom('', '', ' where a > 0', ' where 0 < a and a < 9', ' where c'),
    small: layersWith(),
    large: layersWith('small(3)', 'small(n, f=own(2))'),
  })
  .map(({ loss, penalty, activation, where, small, large }) =>
    [
      'define activation earlier() = relu(x) + 0.1 * x',
      `define activation own(a = 1${where}) = x + ${activation}`,
      `define loss far(a = 1${where}) = mean((output - target) ** 2) + mean(${loss})`,
      `define penalty near(on = code, a = 0.5${where}) = mean(abs(on) + ${penalty})`,
      `define block small(n, f = relu) { ${small} }`,
      `define block large(n where n > 0, f = own) { ${large} }`,
      'experiment defined {',
      '  param p = 3',
      '  data mnist(take=100)',
      '  encoder { dense(8, activation=own(2))  k: small(8, f=tanh)  large(8)  code: dense(p) }',
      '  decoder { small(4)  dense(input.size, activation=sigmoid) }',
      '  loss far(a=p) + 0.1 * near() + near(on=k, a=2)',
      '  train adam() { epochs = 1 }',
      '  sweep { p = [2, 3] }',
      '}',
    ].join('\n'),
  );

/** An experiment with some of its tokens left out, doubled, or replaced by others. */
const mutated = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...texts) }, defining),
    fc.array(
      fc.record({
        at: fc.nat(400),
        do: fc.constantFrom('drop', 'double', 'replace', 'insert'),
        piece: fc.constantFrom(...pieces, ...words, ...hostile),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([text, mutations]) => {
    const tokens = text.match(/\/\/[^\n]*\n|[A-Za-z_]\w*|[\d.]+|\s+|\S/g) ?? [];
    for (const mutation of mutations) {
      const at = mutation.at % tokens.length;
      const token = tokens[at] ?? '';
      const replacement = {
        drop: [],
        double: [token, token],
        replace: [` ${mutation.piece} `],
        insert: [token, ` ${mutation.piece} `],
      }[mutation.do];
      tokens.splice(at, 1, ...(replacement ?? []));
    }
    return tokens.join('');
  });

function compileAll(text: string): readonly Diagnostic[] {
  const world = testWorld();
  const bound = bindExperiment({ path: 'experiments/fuzz.ae', text }, null, world);
  const found = [...bound.diagnostics];
  if (bound.value === null) {
    found.push(...mistakesBesideSyntax({ path: 'experiments/fuzz.ae', text }, null, { library: builtinWords, world }));
  } else {
    const trial = compileTrial(bound.value, { library: builtinWords, world });
    found.push(...trial.diagnostics);
    if (trial.value) expect(verify(trial.value.ir)).toEqual([]);
    else expect(trial.diagnostics.some((d) => d.severity === 'error')).toBe(true);
    found.push(...sweptTrials(bound.value, world).diagnostics);
  }
  return found;
}

describe('whatever an experiment says', () => {
  it('the compiler answers with diagnostics or a legal IR, and never throws', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        for (const { code, span } of compileAll(text)) {
          expect(diagnosticCodes[code]).toBeDefined();
          if (span) expect(span.end).toBeGreaterThanOrEqual(span.start);
        }
      }),
      { numRuns: runs },
    );
  });

  it('definitions and blocks of any content are legal, or have diagnostics', () => {
    let legal = 0;
    fc.assert(
      fc.property(defining, (text) => {
        const found = compileAll(text);
        if (found.every(({ severity }) => severity !== 'error')) legal++;
        for (const { code } of found) expect(diagnosticCodes[code]).toBeDefined();
      }),
      { numRuns: runs },
    );
    // One in seven is; if none were, the rest of the compiler would not be reached.
    expect(legal).toBeGreaterThan(Math.floor(runs / 50) - 1);
  });

  it('values that double with every let end in a diagnostic', () => {
    const lets = Array.from({ length: 60 }, (_, i) => `let l${i + 1} = l${i} + l${i}`).join('\n');
    const text = `experiment doubling { let l0 = mse() ${lets} data mnist() encoder { code: dense(9) } decoder { dense(784) } loss l60 train adam() { epochs = 1 } }`;
    expect(compileAll(text).map((d) => d.code)).toContain('AE310');
  });

  it('a chain of a thousand lets is no stack overflow', () => {
    const lets = Array.from({ length: 1000 }, (_, i) => `let l${i} = l${i + 1} + 1`).join('\n');
    const text = `experiment chain { ${lets} let l1000 = 1 data mnist() encoder { code: dense(l0) } decoder { dense(784) } loss mse() train adam() { epochs = 1 } }`;
    expect(compileAll(text).map((d) => d.code)).toContain('AE310');
  });
});
