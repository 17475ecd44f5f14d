import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticCollector } from '../../../src/compiler/diagnostics/collector.js';
import type { Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.js';
import { Evaluator } from '../../../src/compiler/evaluate/evaluator.js';
import { axisValues } from '../../../src/compiler/expand/axis.js';
import { readAxis } from '../../../src/compiler/expand/axis-text.js';
import { axisText, valueText } from '../../../src/compiler/expand/value-text.js';
import type { Expression } from '../../../src/compiler/syntax/ast.js';
import { builtinWords } from '../../../src/words/words.js';

function expressions(word: string): readonly Expression[] {
  const collector = new DiagnosticCollector();
  const evaluator = new Evaluator({ params: new Map(), lets: new Map(), target: null }, [], builtinWords, collector);
  const axis = readAxis(word, collector);
  const values = axis && axisValues(axis.value, evaluator, collector);
  if (!values) throw new Error(collector.all.map(({ code }) => code).join(' '));
  return values;
}

function wrongWith(word: string): readonly Diagnostic[] {
  const collector = new DiagnosticCollector();
  expect(readAxis(word, collector)).toBeNull();
  return collector.all;
}

/** The numbers, or else the texts, that an axis comes to. */
function valuesOf(word: string): readonly (number | string)[] {
  const collector = new DiagnosticCollector();
  const evaluator = new Evaluator({ params: new Map(), lets: new Map(), target: null }, [], builtinWords, collector);
  return expressions(word).map((expression) => {
    const value = evaluator.evaluate(expression);
    return value.type === 'number' ? value.value : valueText(expression);
  });
}

describe('an axis of the command line', () => {
  it.each([
    ['rho=[0.01,0.05]', [0.01, 0.05]],
    ['rho=0.01,0.05', [0.01, 0.05]],
    ['rho=0.01', [0.01]],
    ['rho=-0.5,-1e-3', [-0.5, -0.001]],
    ['rho=0.1:0.5:0.1', [0.1, 0.2, 0.3, 0.4]],
    ['rho=0:3', [0, 1, 2]],
    ['rho=5:0:-2', [5, 3, 1]],
    ['rho=range:0.1:0.35:0.1', [0.1, 0.2, 0.3]],
    ['rho=range(0.1,0.5,0.1)', [0.1, 0.2, 0.3, 0.4]],
    ['rho=lin:0.1:0.5:5', [0.1, 0.2, 0.3, 0.4, 0.5]],
    ['rho=linspace(0,1,5)', [0, 0.25, 0.5, 0.75, 1]],
    ['lr=log:1e-4:1e-2:3', [0.0001, 0.001, 0.01]],
    ['lr=logspace(1e-4,1e-2,3)', [0.0001, 0.001, 0.01]],
    ['act=choice:relu:tanh', ['relu', 'tanh']],
    ['act=choice(relu,tanh)', ['relu', 'tanh']],
    ['act=relu,tanh', ['relu', 'tanh']],
    ['stride=[1,2],[2,1]', ['[1,2]', '[2,1]']],
    ['stride=[[1,2],[2,1]]', ['[1,2]', '[2,1]']],
    ['hidden=2*8,32', [16, 32]],
    ['data=digits,mnist(take=100)', ['digits()', 'mnist(take=100)']],
    ['data=csv("a:b,c.csv")', ['csv("a:b,c.csv")']],
  ] as const)('%s', (word, expected) => {
    expect(valuesOf(word)).toEqual(expected);
  });

  it('shows what is wrong in the whole word', () => {
    expect(wrongWith('rho=0.01,0.05,')).toMatchObject([{ span: { source: { text: 'rho=0.01,0.05,' } } }]);
    expect(wrongWith('rho=0.01,0..5')[0]).toMatchObject({ span: { start: 9 } });
  });

  it.each(['0.01,0.05', '=3', 'rho'])("'%s' is none, which is said of the whole word", (word) => {
    expect(wrongWith(word)).toMatchObject([
      { code: 'AE602', span: { start: 0, end: word.length }, hint: 'write it as: rho=0.01,0.05' },
    ]);
  });
});

describe('an axis that is printed', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const number = finite.map((value): Expression => {
    return { kind: 'number', value, text: String(value), span: { source: { path: '', text: '' }, start: 0, end: 0 } };
  });

  it('reads back as the same numbers', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (numbers) => {
        const before = numbers.map((each) => (each.kind === 'number' ? each.value : Number.NaN));
        expect(valuesOf(axisText('x', numbers))).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    's=[[1,2]]',
    's=[1,2],[2,1]',
    'a=relu',
    'a=relu,leaky_relu(0.2)',
    'a=[switch(1,2,after=3)]',
    'd="a,b","c:d"',
  ])('%s reads back as the same expressions', (word) => {
    const values = expressions(word);
    const again = expressions(axisText('x', values));
    expect(again.map(valueText)).toEqual(values.map(valueText));
  });

  it('what a range gives is what one would write', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999, max: 999 }),
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 30 }),
        (first, step, decimals, count) => {
          const write = (units: number) => Number(`${units}e-${decimals}`);
          const expected = Array.from({ length: count }, (_, i) => write(first + i * step) + 0);
          const word = `x=${write(first)}:${write(first + count * step)}:${write(step)}`;
          expect(valuesOf(word)).toEqual(expected);
          const ends = `x=lin:${write(first)}:${write(first + count * step)}:${count + 1}`;
          expect(valuesOf(ends)).toEqual([...expected, write(first + count * step) + 0]);
        },
      ),
    );
  });
});
