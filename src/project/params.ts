import { DiagnosticCollector } from '../compiler/diagnostics/collector.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { isAxisWord } from '../compiler/expand/axis.js';
import { axisName } from '../compiler/expand/axis-text.js';
import { splitOutsideBrackets } from '../compiler/expand/piece.js';
import type { Assignment } from '../compiler/resolve/bound.js';
import type { CallExpression } from '../compiler/syntax/ast.js';
import { parseExpression } from '../compiler/syntax/parse.js';
import type { Source } from '../compiler/syntax/source.js';

/** What a user types of an experiment, as the compiler takes it. */
export interface Given {
  readonly assignments: readonly Assignment[];
  /** Null for the experiment's own data. */
  readonly data: CallExpression | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses `rho=0.05`, `hidden=200`, whose values are expressions of the language, and the data set of `--data`.
 * @param data `digits` or `digits(take=1000)`; null for the experiment's own
 */
export function readParams(words: readonly string[], data: string | null): Given {
  const collector = new DiagnosticCollector();
  const assignments = words.flatMap((word) => readAssignment(word, collector) ?? []);
  return { assignments, data: data === null ? null : readData(data, collector), diagnostics: collector.all };
}

function readAssignment(word: string, collector: DiagnosticCollector): Assignment | null {
  const source: Source = { path: 'command line', text: word };
  const name = axisName(word);
  if (name === null) {
    const span = { source, start: 0, end: word.length };
    collector.error('AE102', `'${word}' is not a param with a value`, span, { hint: 'write it as: rho=0.05' });
    return null;
  }
  const start = name.length + 1;
  if (hasSeveralValues(word, start)) {
    const span = { source, start, end: word.length };
    collector.error('AE305', 'a run takes one value per param, and these are several', span, {
      hint: 'several values are swept by: aedsl sweep',
    });
    return null;
  }
  const { value, diagnostics } = parseExpression(source, start);
  collector.addAll(diagnostics);
  return value && { name: { name, span: { source, start: 0, end: name.length } }, value };
}

/** Whether a value is one that only a sweep takes: `0.01,0.05`, `log:1e-4:1e-2:5`, `uniform(0, 1)`. */
function hasSeveralValues(text: string, start: number): boolean {
  const whole = { start, end: text.length };
  const called = /^\s*([A-Za-z_]\w*)\(/.exec(text.slice(start))?.[1];
  return (
    splitOutsideBrackets(text, whole, ',').length > 1 ||
    splitOutsideBrackets(text, whole, ':').length > 1 ||
    (called !== undefined && isAxisWord(called))
  );
}

function readData(text: string, collector: DiagnosticCollector): CallExpression | null {
  const source: Source = { path: '--data', text: /^[A-Za-z_]\w*$/.test(text) ? `${text}()` : text };
  const { value, diagnostics } = parseExpression(source);
  if (value?.kind === 'call' && value.block === null) return value;
  const span = value?.span ?? { source, start: 0, end: source.text.length };
  if (value?.kind === 'call') {
    collector.error('AE305', '--data replaces only the data set, and this has transforms', span, {
      hint: 'name the data set alone, such as: digits(take=100)',
    });
  } else if (value !== null || text.trim() === '') {
    collector.error('AE305', `'${text}' is not a data set`, span, { hint: 'such as: digits, or \'idx("images.gz")\'' });
  } else collector.addAll(diagnostics);
  return null;
}
