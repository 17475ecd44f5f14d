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

/** An experiment with some of its tokens left out, doubled, or replaced by others. */
const mutated = fc
  .tuple(
    fc.constantFrom(...texts),
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
