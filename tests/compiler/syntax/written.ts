import fc from 'fast-check';

/** How many random texts a property is tried on; `AEDSL_FUZZ_RUNS` makes it thorough. */
export const fuzzRuns = Number(process.env.AEDSL_FUZZ_RUNS ?? 100);

/** In milliseconds, with much room for slow machines. */
export const fuzzTimeout = 60_000 + 100 * fuzzRuns;

const name = fc.constantFrom(
  'a',
  'rho',
  'use',
  'define',
  'code',
  'hidden',
  'mnist',
  'dense',
  'input',
  'kl_sparsity',
  'x1',
);
const anyWord = fc.oneof(name, fc.constantFrom('data', 'loss', 'in', 'true', 'size'));
const settingName = fc.oneof(name, fc.constantFrom('corrupt', 'data', 'loss', 'epochs'));
const number = fc.constantFrom('0', '1', '0.01', '1e-4', '50_000', '2.5E+3');
const string = fc.constantFrom('"a.ae"', '"\\"quoted\\""', '"// no comment"', '"/*"', '"\\\\"');
const operator = fc.constantFrom('+', '-', '*', '/', '**', '<', '<=', '>', '>=', '==', '!=', 'in', 'and', 'or');

type Tokens = readonly string[];
const join = (...parts: readonly (Tokens | string)[]): Tokens => parts.flat();

const { expression, call, layers, given } = fc.letrec<{
  expression: Tokens;
  operand: Tokens;
  primary: Tokens;
  call: Tokens;
  layers: Tokens;
  given: Tokens;
}>((tie) => ({
  expression: fc
    .tuple(tie('operand'), fc.array(fc.tuple(operator, tie('operand')), { maxLength: 3, depthIdentifier: 'tree' }))
    .map(([first, rest]) => join(first, ...rest.flat())),
  operand: fc
    .tuple(fc.boolean(), tie('primary'), fc.option(anyWord, { freq: 4 }))
    .map(([negative, primary, member]) => join(negative ? ['-'] : [], primary, member === null ? [] : ['.', member])),
  primary: fc.oneof(
    { depthIdentifier: 'tree', depthSize: 'small', withCrossShrink: true },
    fc.oneof(name, number, string, fc.constantFrom('true', 'false', 'encoder')).map((token) => [token]),
    tie('call'),
    tie('given').map((args) => join('where', args)),
    tie('expression').map((inside) => join('(', inside, ')')),
    fc
      .tuple(fc.array(tie('expression'), { maxLength: 3, depthIdentifier: 'tree' }), fc.boolean())
      .map(([items, trailing]) => join('[', separated(items, trailing), ']')),
  ),
  call: fc
    .tuple(name, tie('given'), fc.option(tie('layers'), { freq: 3, depthIdentifier: 'tree' }), fc.boolean())
    .map(([word, args, block, bare]) => join(word, block && bare ? [] : args, block ?? [])),
  layers: fc
    .array(fc.tuple(fc.option(name), tie('call')), { maxLength: 3, depthIdentifier: 'tree' })
    .map((items) => join('{', ...items.map(([label, inner]) => join(label === null ? [] : [label, ':'], inner)), '}')),
  given: fc
    .tuple(
      fc.array(fc.tuple(fc.option(settingName), tie('expression')), { maxLength: 3, depthIdentifier: 'tree' }),
      fc.boolean(),
    )
    .map(([items, trailing]) => {
      const written = items.map(([argument, value]) => join(argument === null ? [] : [argument, '='], value));
      return join('(', separated(written, trailing), ')');
    }),
}));

function separated(items: readonly Tokens[], trailing: boolean): Tokens {
  return items.flatMap((item, i) => (i < items.length - 1 || trailing ? [...item, ','] : item));
}

const settings = fc
  .array(fc.tuple(settingName, expression), { maxLength: 3 })
  .map((items) => join('{', ...items.map(([setting, value]) => join(setting, '=', value)), '}'));
const calls = fc.array(call, { maxLength: 3 }).map((items) => join('{', ...items, '}'));
const stage = (keyword: string): fc.Arbitrary<Tokens> =>
  fc.tuple(name, given, fc.option(settings)).map(([word, args, braces]) => join(keyword, word, args, braces ?? []));

const statement = fc.oneof(
  fc
    .tuple(name, expression, fc.option(expression))
    .map(([param, value, where]) => join('param', param, '=', value, where === null ? [] : join('where', where))),
  fc.tuple(name, expression).map(([constant, value]) => join('let', constant, '=', value)),
  fc.tuple(fc.constantFrom('data', 'target', 'corrupt', 'decoder'), call).map(([keyword, word]) => join(keyword, word)),
  fc.tuple(fc.constantFrom('encoder', 'decoder'), layers).map(([keyword, block]) => join(keyword, block)),
  expression.map((value) => join('loss', value)),
  stage('train'),
  stage('pretrain'),
  fc.tuple(fc.constantFrom('show', 'evaluate', 'corrupt'), calls).map(([keyword, block]) => join(keyword, block)),
  settings.map((block) => join('sweep', block)),
  fc.constantFrom('corrupt', 'target', 'sweep', 'loss').map((target) => ['without', target]),
);

const parent = fc.oneof(
  name.map((other) => ['extends', other]),
  string.map((file) => ['extends', file]),
);

const parameters = fc
  .array(fc.tuple(name, fc.option(expression), fc.option(expression)), { maxLength: 3 })
  .map((items) =>
    items.map(([parameter, value, where]) =>
      join(parameter, value === null ? [] : join('=', value), where === null ? [] : join('where', where)),
    ),
  );

const definition = fc.oneof(
  fc
    .tuple(fc.constantFrom('loss', 'penalty', 'activation'), name, parameters, fc.boolean(), expression)
    .map(([role, own, items, trailing, value]) =>
      join('define', role, own, '(', separated(items, trailing), ')', '=', value),
    ),
  fc
    .tuple(name, parameters, layers)
    .map(([own, items, block]) => join('define', 'block', own, '(', separated(items, false), ')', block)),
  string.map((file) => ['use', file]),
);

/** The tokens of a file that the grammar accepts; what they mean is nonsense. */
export const fileTokens: fc.Arbitrary<Tokens> = fc
  .array(
    fc.oneof(
      { weight: 1, arbitrary: definition },
      {
        weight: 2,
        arbitrary: fc
          .tuple(name, fc.option(parent), fc.array(statement, { maxLength: 6 }))
          .map(([own, from, statements]) => join('experiment', own, from ?? [], '{', ...statements, '}')),
      },
    ),
    { maxLength: 4 },
  )
  .map((items) => items.flat());

const gap = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(' ', '  ', '\t', '\u2028', '\ufeff') },
  { weight: 3, arbitrary: fc.constantFrom('\n', '\n\n', '\r\n', '\r', '\r\r', '\r \r\n', '\n\n\n  ') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ' // note\n',
      '\n// own line\n',
      '\n\n// apart\n\n',
      ' /* inline */ ',
      '\n/* own */\n',
      ' /* two\n lines */ ',
      ' // first\n // second\n',
      ' /* a */ // b\n',
      '\n/* before */ ',
      ' // old\r',
      '\r// old, own line\r',
      ' /* old\r\r lines */ ',
      ' // one\u2028line with a\0\n',
    ),
  },
);

/** The same with white space and comments between any two tokens. */
export const writtenFile: fc.Arbitrary<string> = fc.tuple(fileTokens, fc.infiniteStream(gap)).map(([tokens, gaps]) => {
  const stream = gaps[Symbol.iterator]();
  const next = (): string => stream.next().value ?? ' ';
  return `${next()}${tokens.map((token) => token + next()).join('')}`;
});
