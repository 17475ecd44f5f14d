import { type Importance, importanceOf } from '../runtime/importance/importance.js';
import { percentText } from '../text/number-text.js';
import type { TrialTable } from './sweep-table.js';

/** Importance of the varying parameters for the table's metric; null if there is too little data. */
export function tableImportance({ trials, varying }: TrialTable): Importance | null {
  const ended = trials.filter((trial) => trial.ended || trial.state === 'diverged' || trial.state === 'failed');
  return importanceOf(
    ended.map(({ parameters, value, ended }) => ({ parameters, value: ended ? value : Number.NaN })),
    varying,
  );
}

/** Describes the method and how far to trust it. */
export function describeImportance({ method, explained, trials, leftOut, seeds }: Importance): string {
  const left = leftOut === 0 ? '' : `; ${leftOut} without a value ${leftOut === 1 ? 'is' : 'are'} left out`;
  const noise =
    seeds === null
      ? ' With one seed a setting, the noise of the seeds is part of the shares.'
      : ` Seeds alone make ${percentText(seeds)} of the variance of single trials.`;
  if (method === 'grid') {
    return `Analysis of variance of the complete grid (${trials} trials${left}).${noise}`;
  }
  const trust = explained === null || !Number.isFinite(explained) ? 0 : Math.max(0, explained);
  const warning = trust < 0.3 ? ' That is too little to rely on.' : '';
  return `Functional analysis of variance of a random forest (fANOVA; ${trials} trials${left}), which predicts ${percentText(trust)} of the variance of unseen trials.${warning}${noise}`;
}

export interface ImportanceRow {
  /** `rho`, `rho × beta`, `three or more together` */
  readonly name: string;
  readonly share: number;
  readonly kind: 'parameter' | 'pair' | 'rest';
}

/** Parameters, then pairs and the rest with a share of at least a hundredth. */
export function importanceRows({ parameters, pairs, higher }: Importance): readonly ImportanceRow[] {
  return [
    ...parameters.map(({ name, share }): ImportanceRow => ({ name, share, kind: 'parameter' })),
    ...pairs
      .filter(({ share }) => share >= 0.01)
      .map(({ names, share }): ImportanceRow => ({ name: names.join(' × '), share, kind: 'pair' })),
    ...(higher >= 0.01 ? [{ name: 'three or more together', share: higher, kind: 'rest' as const }] : []),
  ];
}
