import { expect, it } from 'vitest';
import { readParams } from '../../src/project/params.js';

it.each(['rho=0.01,0.05', 'rho=1:5', 'rho=log:1e-4:1e-2:5', 'rho=uniform(0, 1)', 'rho= loguniform(1, 2)'])(
  'several values are left to a sweep: %s',
  (word) => {
    const { assignments, diagnostics } = readParams([word], null);
    expect(assignments).toEqual([]);
    expect(diagnostics).toMatchObject([
      {
        message: 'a run takes one value per param, and these are several',
        hint: 'several values are swept by: aedsl sweep',
        span: { start: 4, end: word.length },
      },
    ]);
  },
);

it.each(['rho=0.05', 'init=normal(0, 0.1)', 'sizes=[1, 2]', 'f="a,b:c.csv"'])('one value is: %s', (word) => {
  const { assignments, diagnostics } = readParams([word], null);
  expect(diagnostics).toEqual([]);
  expect(assignments.map(({ name }) => `${name.name}=`)).toEqual([word.slice(0, word.indexOf('=') + 1)]);
});

it.each([
  ['digits', null],
  ['digits(take=3)', null],
  ['digits() { center_crop(8) }', '--data replaces only the data set, and this has transforms'],
  ['3', "'3' is not a data set"],
  [' ', "' ' is not a data set"],
])('--data %s', (text, problem) => {
  const { data, diagnostics } = readParams([], text);
  expect(diagnostics.map(({ message }) => message)).toEqual(problem === null ? [] : [problem]);
  expect(data === null).toBe(problem !== null);
});
