import { expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { parseExpression } from '../../src/compiler/syntax/parse.js';
import { builtinWords } from '../../src/words/words.js';
import { experimentText } from './compiled.js';
import { testWorld } from './world.js';

function given(name: string, statements: string) {
  const source = { path: 'command line', text: `${name}=30` };
  const { value } = parseExpression(source, name.length + 1);
  if (value === null) throw new Error('no value');
  const assignments = [{ name: { name, span: { source, start: 0, end: name.length } }, value }];
  const text = experimentText(statements);
  const compiled = compile({ path: 'example.ae', text }, null, {
    library: builtinWords,
    world: testWorld(),
    assignments,
  });
  const [diagnostic, ...others] = compiled.diagnostics.filter(({ code }) => code === 'AE215');
  expect(others).toEqual([]);
  const places = diagnostic?.related.map(({ span }) => span.source.text.slice(span.start, span.end));
  return { hint: diagnostic?.hint, places };
}

it('a value that is no param is shown with what makes it one', () => {
  expect(given('epochs', 'train adam() { epochs = 5 }')).toEqual({
    hint: 'make it a param: write param epochs = 5, and epochs = epochs',
    places: ['5'],
  });
  expect(given('lr', 'train adam(lr=0.001) { epochs = 5 }')).toEqual({
    hint: 'make it a param: write param lr = 0.001, and adam(lr=lr)',
    places: ['0.001'],
  });
});

it('one that goes by another param is given by that', () => {
  const statements = 'param n = 5\ntrain adam() { epochs = n }';
  expect(given('epochs', statements).hint).toBe("it is given by the param 'n': write n=…");
});

it('a name that nothing goes by is compared with the params', () => {
  const statements = 'param hidden = 5\nencoder { code: dense(hidden, activation=sigmoid) }';
  expect(given('hiden', statements)).toEqual({ hint: "did you mean 'hidden'?", places: [] });
});

it('one that is an option of the command says so', () => {
  expect(given('seed', 'param n = 5\ntrain adam() { epochs = n }').hint).toContain('aedsl run FILE --seed 3');
});
