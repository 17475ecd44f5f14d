import { metricElsewhere, metricMeant } from '../../metrics/spellings.js';
import type { Suggestion } from './diagnostic.js';

/** Optimal string alignment distance: insertions, deletions, substitutions and transpositions of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** Most candidates that are compared, since each takes some time. */
const mostCandidates = 1000;

/** Candidate that `name` is a likely misspelling of, or null. */
export function closest(name: string, candidates: readonly string[]): string | null {
  if (name.length > 60 || candidates.length > mostCandidates) return null;
  const most = name.length <= 3 ? 1 : name.length <= 7 ? 2 : 3;
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= most && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

export function didYouMean(name: string, candidates: readonly string[]): string | null {
  const found = closest(name, candidates);
  return found === null ? null : `did you mean '${found}'?`;
}

/** Like {@link didYouMean}, with the name to write. */
export function meantName(name: string, candidates: readonly string[]): Suggestion | null {
  const found = closest(name, candidates);
  return found === null ? null : { hint: `did you mean '${found}'?`, replacement: found };
}

/**
 * Hint for a text that lacks its quotation marks. @param isMetric whether to recognise metric names of other libraries
 */
export function inQuotationMarks(written: string, isMetric: boolean): Suggestion {
  const text = `"${(isMetric ? metricElsewhere(written) : null) ?? written}"`;
  return { hint: `write ${text}`, replacement: text };
}

/** Like {@link didYouMean} for metrics, with names from other libraries as well: `val_loss`, `train/mse`, `loss`. */
export function didYouMeanMetric(name: string, metrics: readonly string[]): string | null {
  const found = metricMeant(name, metrics);
  return found === null ? didYouMean(name, metrics) : `did you mean '${found}'?`;
}

/** `an activation`, `a loss` */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** Lists names, `relu, tanh, sigmoid`, or the first of very many. */
export function someOf(names: readonly string[], most = 40, between = ', '): string {
  if (names.length <= most) return names.join(between);
  return `${names.slice(0, most).join(between)}${between}… (${names.length})`;
}
