import type { Diagnostic, Outcome } from '../../compiler/diagnostics/diagnostic.js';
import { hasErrors } from '../../compiler/diagnostics/diagnostic.js';
import { Findings } from '../../compiler/diagnostics/findings.js';
import { didYouMean } from '../../compiler/diagnostics/suggest.js';
import { parsePiece, splitOutsideBrackets } from '../../compiler/expand/piece.js';
import type { Given } from '../../compiler/expand/sweep-request.js';
import type { Expression } from '../../compiler/syntax/ast.js';
import type { Source } from '../../compiler/syntax/source.js';

/** How trials that do badly are ended before their last epoch. */
export type Pruning =
  /**
   * Synchronous successive halving (Jamieson and Talwalkar 2016): at epoch `from · reductionᵏ` of the last stage the best
   * `ceil(n / reduction)` of the n trials that are left go on.
   */
  | { readonly kind: 'halving'; readonly reduction: number; readonly from: number }
  /** Asynchronous successive halving (Li et al. 2020) at the same epochs; what it decides depends on the schedule. */
  | { readonly kind: 'asha'; readonly reduction: number; readonly from: number }
  /** The median rule (Golovin et al. 2017): at epochs `from`, `from + every`, … what is worse than the median ends. */
  | { readonly kind: 'median'; readonly from: number; readonly every: number };

const kinds = ['halving', 'asha', 'median'] as const;

/** Epochs of the last stage after which trials are compared, all before its end. */
export function rungEpochs(pruning: Pruning, epochs: number): readonly number[] {
  const rungs: number[] = [];
  for (let epoch = pruning.from; epoch < epochs; ) {
    rungs.push(epoch);
    epoch = pruning.kind === 'median' ? epoch + pruning.every : epoch * pruning.reduction;
  }
  return rungs;
}

/** `halving`, `halving(reduction=4, from=2)`, or without parentheses `halving:reduction=4:from=2`. */
export function readPruningText(text: string): Outcome<Expression> {
  const source: Source = { path: '--prune', text };
  const [word, ...settings] = splitOutsideBrackets(text, { start: 0, end: text.length }, ':');
  if (!word || settings.length === 0) return parsePiece(source, 0, text.length);
  const spelt = `${text.slice(word.start, word.end)}(${settings.map(({ start, end }) => text.slice(start, end)).join(',')})`;
  // The parentheses take the places of colons, so every character but the last stays where it was.
  return parsePiece({ path: source.path, text: spelt }, 0, spelt.length);
}

/**
 * What a `prune` says.
 * @param least the default of `from` and `every`: the epochs between evaluations
 */
export function readPruning(
  { value: expression, span }: Given<Expression>,
  least: number,
): { readonly value: Pruning | null; readonly diagnostics: readonly Diagnostic[] } {
  const findings = new Findings();
  const word = expression.kind === 'call' ? expression.word.name : expression.kind === 'name' ? expression.name : '';
  const kind = kinds.find((each) => each === word);
  if (kind === undefined) {
    findings.error('AE608', `there is no pruning '${word}'`, span, {
      hint: didYouMean(word, kinds) ?? `there are ${kinds.join(', ')}`,
    });
    return { value: null, diagnostics: findings.all };
  }
  const names = kind === 'median' ? ['from', 'every'] : ['reduction', 'from'];
  const given = new Map<string, number>();
  for (const [i, argument] of (expression.kind === 'call' ? expression.arguments : []).entries()) {
    const name = argument.name?.name ?? names[i] ?? '';
    const smallest = name === 'reduction' ? 2 : 1;
    if (!names.includes(name)) {
      const message = `'${kind}' has no argument ${argument.name ? `'${name}'` : i + 1}`;
      findings.error('AE301', message, argument.name?.span ?? argument.span, {
        hint: didYouMean(name, names) ?? `it takes ${names.join(', ')}`,
      });
    } else if (given.has(name)) {
      findings.error('AE303', `the argument '${name}' is given twice`, argument.span);
    } else if (
      argument.value.kind !== 'number' ||
      !Number.isSafeInteger(argument.value.value) ||
      argument.value.value < smallest
    ) {
      findings.error('AE306', `${name} must be a whole number from ${smallest} on`, argument.value.span);
    } else given.set(name, argument.value.value);
  }
  if (hasErrors(findings.all)) return { value: null, diagnostics: findings.all };
  const from = given.get('from') ?? least;
  return {
    value:
      kind === 'median'
        ? { kind, from, every: given.get('every') ?? least }
        : { kind, reduction: given.get('reduction') ?? 3, from },
    diagnostics: findings.all,
  };
}

/** Whether a trial is evaluated where it is to be compared. */
export function checkPruning(
  pruning: Pruning,
  { span }: Given<Expression>,
  { epochs, evaluateEvery }: { readonly epochs: number; readonly evaluateEvery: number },
): readonly Diagnostic[] {
  const findings = new Findings();
  const between = pruning.kind === 'median' ? [pruning.from, pruning.every] : [pruning.from];
  const uneven = between.find((each) => each % evaluateEvery !== 0);
  if (uneven !== undefined) {
    const message = `trials are compared after epoch ${pruning.from}, and validation data is evaluated every ${evaluateEvery} epochs`;
    findings.error('AE608', message, span, { hint: `give multiples of ${evaluateEvery}: from=${evaluateEvery}` });
  } else if (pruning.from >= epochs) {
    const message = `nothing is pruned: the first comparison is after epoch ${pruning.from}, and there are ${epochs}`;
    findings.warning('AE608', message, span);
  }
  return findings.all;
}
