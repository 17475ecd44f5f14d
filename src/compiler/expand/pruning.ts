import { DiagnosticCollector } from '../diagnostics/collector.js';
import { type Diagnostic, hasErrors, type Outcome } from '../diagnostics/diagnostic.js';
import { didYouMean, meantName } from '../diagnostics/suggest.js';
import type { Expression } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import { parsePiece, splitOutsideBrackets } from './piece.js';
import type { Given } from './sweep-request.js';

/** How trials that do badly are ended before their last epoch. */
export type Pruning =
  /**
   * Synchronous successive halving (Jamieson and Talwalkar 2016): at epoch `from · reductionᵏ` of the last stage the
   * best `ceil(n / reduction)` of the n remaining trials go on.
   */
  | { readonly kind: 'halving'; readonly reduction: number; readonly from: number }
  /** Asynchronous successive halving (Li et al. 2020) at the same epochs; its decisions depend on the schedule. */
  | { readonly kind: 'asha'; readonly reduction: number; readonly from: number }
  /** The median rule (Golovin et al. 2017): ends trials worse than the median at epochs `from`, `from + every`, … */
  | { readonly kind: 'median'; readonly from: number; readonly every: number };

const kinds = ['halving', 'asha', 'median'] as const;

/** Reads `halving`, `halving(reduction=4, from=2)`, or without parentheses `halving:reduction=4:from=2`. */
export function readPruningText(source: Source, start: number): Outcome<Expression> {
  const { path, text } = source;
  const [word, ...settings] = splitOutsideBrackets(text, { start, end: text.length }, ':');
  if (!word || settings.length === 0) return parsePiece(source, start, text.length);
  const given = settings.map((setting) => text.slice(setting.start, setting.end)).join(',');
  // The parentheses take the places of colons, so every character but the last stays where it was.
  const spelt = `${text.slice(0, word.end)}(${given})`;
  return parsePiece({ path, text: spelt }, start, spelt.length);
}

/**
 * Reads the value of `prune`.
 * @param least the default of `from` and `every`: the epochs between evaluations
 */
export function readPruning({ value: expression, span }: Given<Expression>, least: number): Outcome<Pruning> {
  const collector = new DiagnosticCollector();
  const word = expression.kind === 'call' ? expression.word.name : expression.kind === 'name' ? expression.name : '';
  const kind = kinds.find((each) => each === word);
  if (kind === undefined) {
    collector.error('AE608', `there is no pruning '${word}'`, span, {
      hint: didYouMean(word, kinds) ?? `there are ${kinds.join(', ')}`,
    });
    return { value: null, diagnostics: collector.all };
  }
  const names = kind === 'median' ? ['from', 'every'] : ['reduction', 'from'];
  const given = new Map<string, number>();
  for (const [i, argument] of (expression.kind === 'call' ? expression.arguments : []).entries()) {
    const name = argument.name?.name ?? names[i] ?? '';
    const smallest = name === 'reduction' ? 2 : 1;
    if (!names.includes(name)) {
      const message = `'${kind}' has no argument ${argument.name ? `'${name}'` : i + 1}`;
      collector.error('AE301', message, argument.name?.span ?? argument.span, {
        hint: meantName(name, names) ?? `it takes ${names.join(', ')}`,
      });
    } else if (given.has(name)) {
      collector.error('AE303', `the argument '${name}' is given twice`, argument.span);
    } else if (
      argument.value.kind !== 'number' ||
      !Number.isSafeInteger(argument.value.value) ||
      argument.value.value < smallest
    ) {
      collector.error('AE306', `${name} must be a whole number from ${smallest} on`, argument.value.span);
    } else given.set(name, argument.value.value);
  }
  if (hasErrors(collector.all)) return { value: null, diagnostics: collector.all };
  const from = given.get('from') ?? least;
  return {
    value:
      kind === 'median'
        ? { kind, from, every: given.get('every') ?? least }
        : { kind, reduction: given.get('reduction') ?? 3, from },
    diagnostics: collector.all,
  };
}

/** Checks that a trial is evaluated at the epochs at which it is compared. */
export function checkPruning(
  pruning: Pruning,
  { span }: Given<Expression>,
  { epochs, evaluateEvery }: { readonly epochs: number; readonly evaluateEvery: number },
): readonly Diagnostic[] {
  const collector = new DiagnosticCollector();
  const between = pruning.kind === 'median' ? [pruning.from, pruning.every] : [pruning.from];
  const uneven = between.find((each) => each % evaluateEvery !== 0);
  if (uneven !== undefined) {
    const message = `trials are compared after epoch ${pruning.from}, and validation data is evaluated every ${evaluateEvery} epochs`;
    collector.error('AE608', message, span, { hint: `give multiples of ${evaluateEvery}: from=${evaluateEvery}` });
  } else if (pruning.from >= epochs) {
    const message = `nothing is pruned: the first comparison is after epoch ${pruning.from}, and there are ${epochs}`;
    collector.warning('AE608', message, span);
  }
  return collector.all;
}
