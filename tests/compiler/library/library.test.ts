import { describe, expect, it } from 'vitest';
import { extendLibrary } from '../../../src/compiler/library/library.js';
import { integer, layer, real, typedArguments } from '../../../src/compiler/library/parameter.js';
import { mse } from '../../../src/words/loss/mse.js';
import type { Loss } from '../../../src/words/word.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from './statements.js';

const parameters = { slope: real({ doc: 'Of the line.', default: 2 }) };
const ownLoss: Loss<typeof parameters> = {
  ...mse,
  name: 'tilted',
  target: () => null,
  parameters,
  check: () => [],
  sumsOverExamples: () => false,
  lower: ({ sum }) => ({ value: (_args, { prediction }) => sum(prediction) }),
  pytorch: null,
};

describe('the library of words', () => {
  it('takes words from outside, and they are words like any other', () => {
    const library = extendLibrary(builtinWords, { loss: [ownLoss] });
    const compiled = compileStatements('loss tilted(slope=3)', library);
    expect(compiled.diagnostics).toEqual([]);
    expect(compiled.value?.ir.loss.map((term) => term.name)).toEqual(['tilted']);
    const misspelt = compileStatements('loss titled()', library).diagnostics[0];
    expect(misspelt).toMatchObject({ code: 'AE201', hint: "did you mean 'tilted'?" });
  });

  it('is a value: extending it leaves it as it was', () => {
    extendLibrary(builtinWords, { loss: [ownLoss] });
    expect(builtinWords.find('loss', 'tilted')).toBeUndefined();
  });

  it('has one word of a name in a family, and may have one in each of several', () => {
    expect(() => extendLibrary(builtinWords, { loss: [mse] })).toThrow(/two words 'mse'/);
    expect(() => extendLibrary(builtinWords, { loss: [{ ...ownLoss, name: 'adam' }] })).not.toThrow();
  });
});

describe('arguments of something compiled', () => {
  const taken = { n: integer({ doc: 'A number.' }), on: layer({ doc: 'A layer.', default: 'code' }) };
  const code = { kind: 'layer', block: 'encoder', index: 0, head: null } as const;

  it('are typed by the parameters that they were checked by', () => {
    const { n, on } = typedArguments(taken, { n: 3, on: code });
    expect([n + 1, on.index]).toEqual([4, 0]);
  });

  it('are refused where no checker has been', () => {
    expect(() => typedArguments(taken, { n: '3', on: code })).toThrow("'n' is not what its parameter takes");
    expect(() => typedArguments(taken, { n: 3, on: null })).toThrow("'on'");
    expect(() => typedArguments(taken, { on: code })).toThrow("'n'");
  });
});
