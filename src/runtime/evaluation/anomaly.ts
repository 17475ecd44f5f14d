import type { Matrix } from './matrix.js';

/** How the differences of an example's values become one number. */
export type AnomalyScore = 'norm' | 'mean square' | 'mean magnitude' | 'largest';

/** An example and what the network makes of it, in the same units. */
export interface ScoredExamples {
  readonly seen: Matrix;
  readonly rebuilt: Matrix;
}

/**
 * The score of each row: the Euclidean norm of the differences from its reconstruction, the mean of their squares or
 * magnitudes, or the largest magnitude. In float64.
 */
export function scoresOf({ seen, rebuilt }: ScoredExamples, score: AnomalyScore): Float64Array {
  const { rows, columns } = seen;
  return Float64Array.from({ length: rows }, (_, row) => {
    let [sum, largest] = [0, 0];
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const difference = Math.abs((seen.values[i] ?? 0) - (rebuilt.values[i] ?? 0));
      sum += score === 'mean magnitude' ? difference : difference * difference;
      largest = Math.max(largest, difference);
    }
    switch (score) {
      case 'norm':
        return Math.sqrt(sum);
      case 'mean square':
      case 'mean magnitude':
        return sum / columns;
      case 'largest':
        return largest;
    }
  });
}

/** What scores say of which examples are anomalies. */
export interface AnomalyMeasures {
  /** Share of pairs of an anomaly and a normal example in which the anomaly has the higher score; equal ones count half. */
  readonly auroc: number;
  readonly averagePrecision: number;
  /** Share of anomalies among as many of the highest scores as there are anomalies. */
  readonly precisionAtN: number;
}

/**
 * The area under the ROC curve, the average precision, Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores (as scikit-learn's
 * `roc_auc_score` and `average_precision_score`), and the precision at n, where n is the number of anomalies (as PyOD's
 * `precision_n_scores`).
 *
 * @throws RangeError unless there are anomalies and others, with a finite score each
 */
export function measureRanking(scores: Float64Array, isAnomaly: Uint8Array): AnomalyMeasures {
  const anomalies = isAnomaly.reduce((sum, one) => sum + one, 0);
  const others = isAnomaly.length - anomalies;
  if (anomalies === 0 || others === 0) {
    throw new RangeError(`there are ${anomalies} anomalies and ${others} normal examples, and both are needed`);
  }
  if (!scores.every(Number.isFinite)) throw new RangeError('there are scores that are not finite');
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  let [found, passed, wins, averagePrecision] = [0, 0, 0, 0];
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i] ?? 0];
    const [foundBefore, passedBefore] = [found, passed];
    for (; i < order.length && scores[order[i] ?? 0] === score; i++) {
      if (isAnomaly[order[i] ?? 0] === 1) found++;
      else passed++;
    }
    // Each anomaly beats the normal examples with lower scores, and half of those with its own.
    wins += (found - foundBefore) * (others - passed + (passed - passedBefore) / 2);
    averagePrecision += (found - foundBefore) * (found / (found + passed));
  }
  const atN = classified(scores, isAnomaly, percentile(scores, 100 * (1 - anomalies / scores.length)));
  return {
    auroc: wins / (anomalies * others),
    averagePrecision: averagePrecision / anomalies,
    precisionAtN: atN.precision,
  };
}

/** Precision, recall and F1 of calling the scores above a threshold anomalies. 0 where nothing is. */
export function classified(
  scores: Float64Array,
  isAnomaly: Uint8Array,
  threshold: number,
): { readonly precision: number; readonly recall: number; readonly f1: number } {
  let [found, flagged, anomalies] = [0, 0, 0];
  scores.forEach((score, i) => {
    const isOne = isAnomaly[i] === 1;
    if (isOne) anomalies++;
    if (!(score > threshold)) return;
    flagged++;
    if (isOne) found++;
  });
  return {
    precision: flagged === 0 ? 0 : found / flagged,
    recall: anomalies === 0 ? 0 : found / anomalies,
    f1: flagged + anomalies === 0 ? 0 : (2 * found) / (flagged + anomalies),
  };
}

/**
 * A percentile with linear interpolation, as `numpy.percentile`.
 *
 * @param q from 0 to 100
 * @throws RangeError without values
 */
export function percentile(values: Float64Array, q: number): number {
  const sorted = values.toSorted();
  const at = (q / 100) * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.min(Math.floor(at) + 1, sorted.length - 1)]];
  if (low === undefined || high === undefined) throw new RangeError('a percentile of no values');
  const share = at - Math.floor(at);
  // The nearer end is exact.
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
}
