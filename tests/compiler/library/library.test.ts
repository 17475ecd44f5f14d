import { describe, expect, it } from 'vitest';
import { builtinLibrary } from '../../../src/compiler/library/builtin.js';
import { extendLibrary } from '../../../src/compiler/library/library.js';
import { mse } from '../../../src/compiler/library/loss/mse.js';
import { real } from '../../../src/compiler/library/parameter.js';
import type { LossWord } from '../../../src/compiler/library/word.js';
import { compileStatements } from './statements.js';

const parameters = { slope: real({ doc: 'Of the line.', default: 2 }) };
const ownLoss: LossWord<typeof parameters> = { ...mse, name: 'tilted', parameters, check: () => [] };

describe('the library of words', () => {
  it('takes words from outside, and they are words like any other', () => {
    const library = extendLibrary(builtinLibrary, [ownLoss]);
    const compiled = compileStatements('loss tilted(slope=3)', library);
    expect(compiled.diagnostics).toEqual([]);
    expect(compiled.value?.ir.loss.map((term) => term.name)).toEqual(['tilted']);
    const misspelt = compileStatements('loss titled()', library).diagnostics[0];
    expect(misspelt).toMatchObject({ code: 'AE201', hint: "did you mean 'tilted'?" });
  });

  it('is a value: extending it leaves it as it was', () => {
    extendLibrary(builtinLibrary, [ownLoss]);
    expect(builtinLibrary.find('loss', 'tilted')).toBeUndefined();
  });

  it('has one word of a name in a family, and may have one in each of several', () => {
    expect(() => extendLibrary(builtinLibrary, [mse])).toThrow(/two words 'mse'/);
    expect(() => extendLibrary(builtinLibrary, [{ ...ownLoss, name: 'adam' }])).not.toThrow();
  });
});
