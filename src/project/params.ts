import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { isAxisWord } from '../compiler/expand/axis.js';
import { splitOutsideBrackets } from '../compiler/expand/piece.js';
import type { Assignment } from '../compiler/resolve/bound.js';
import type { CallExpression } from '../compiler/syntax/ast.js';
import { parseExpression } from '../compiler/syntax/parse.js';
import type { Source } from '../compiler/syntax/source.js';

/** An invalid command-line or API argument. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** Parses `rho=0.05`, `hidden=200`: values are expressions of the language. @throws UsageError if a word has no `=` */
export function readAssignments(words: readonly string[]): {
  readonly assignments: readonly Assignment[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const assignments: Assignment[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(0, equals));
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new UsageError(`'${word}' is not a param with a value`, 'write it as: rho=0.05');
    const source: Source = { path: 'command line', text: word };
    const several = severalValues(source, equals + 1);
    if (several) {
      diagnostics.push(several);
      continue;
    }
    const value = parseExpression(source, equals + 1);
    for (const diagnostic of value.diagnostics) diagnostics.push(diagnostic);
    if (value.value)
      assignments.push({ name: { name, span: { source, start: 0, end: name.length } }, value: value.value });
  }
  return { assignments, diagnostics };
}

/** The diagnostic for a value that only a sweep takes: `rho=0.01,0.05`, `lr=log:1e-4:1e-2:5`, `rho=uniform(0, 1)`. */
function severalValues(source: Source, start: number): Diagnostic | null {
  const { text } = source;
  const whole = { start, end: text.length };
  const called = /^\s*([A-Za-z_]\w*)\(/.exec(text.slice(start))?.[1];
  const several =
    splitOutsideBrackets(text, whole, ',').length > 1 ||
    splitOutsideBrackets(text, whole, ':').length > 1 ||
    (called !== undefined && isAxisWord(called));
  if (!several) return null;
  return {
    code: 'AE305',
    severity: 'error',
    message: 'a run takes one value per param, and these are several',
    span: { source, ...whole },
    related: [],
    hint: 'several values are swept by: aedsl sweep',
  };
}

/** Parses `digits` or `digits(take=1000)`. @throws UsageError if the text is not a data set */
export function readData(text: string): CallExpression {
  const { value } = parseExpression({ path: '--data', text: /^\w+$/.test(text) ? `${text}()` : text });
  if (value?.kind === 'call' && value.block === null) return value;
  if (value?.kind === 'call') {
    throw new UsageError(
      `'${text}' has transforms, but --data replaces only the data set`,
      'name the data set alone, such as: digits(take=100)',
    );
  }
  throw new UsageError(`'${text}' is not a data set`, 'such as: digits, or \'idx("images.gz")\'');
}
