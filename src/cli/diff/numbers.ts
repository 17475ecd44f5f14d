import type { MetricDifference, Side } from '../../api/compare.js';
import { numberText, signedText } from '../../api/text.js';

/** Formats the numbers of a comparison with a given number of significant digits. */
export class Numbers {
  readonly #digits: number;

  constructor(digits: number) {
    this.#digits = digits;
  }

  plain(value: number): string {
    return numberText(value, this.#digits);
  }

  signed(value: number): string {
    return signedText(value, this.#digits);
  }

  /** A difference, with at most four significant digits. */
  change(value: number): string {
    return signedText(value, Math.min(4, this.#digits));
  }

  /** `0.0412 ± 0.0003`: mean and standard deviation over the seeds, then the mean epoch of a best value. */
  side({ mean, sd, values, epoch }: Side): string {
    const at = epoch === null ? '' : ` @${numberText(epoch, 3)}`;
    if (!Number.isFinite(mean)) return `${values.find((value) => !Number.isFinite(value)) ?? 'none'}${at}`;
    return `${this.plain(mean)}${sd === null ? '' : ` ± ${numberText(sd, 2)}`}${at}`;
  }

  /** The difference with its interval: `-0.0014 [-0.0021, -0.0007]`. */
  difference({ difference, interval, identical, otherUnits }: MetricDifference): string {
    if (identical) return '=';
    if (otherUnits) return 'in other units';
    if (!Number.isFinite(difference)) return 'not finite';
    const bound = (value: number) => numberText(value, Math.min(3, this.#digits));
    const within = interval === null ? '' : ` [${bound(interval.low)}, ${bound(interval.high)}]`;
    return `${this.change(difference)}${within}`;
  }

  relative({ relative, identical }: MetricDifference): string {
    if (identical) return '';
    if (relative === null) return '-';
    return `${signedText(100 * relative, 3)} %`;
  }
}

/** Verdict in the style of benchstat: `~` if not significant, else p. */
export function verdict({ identical, difference, significant, adjustedP }: MetricDifference): string {
  if (identical) return '=';
  if (!Number.isFinite(difference)) return '';
  if (adjustedP === null) return '~';
  const p = probabilityText(adjustedP);
  return significant ? p : `~ (${p})`;
}

/** `p=0.031` */
export function probabilityText(p: number): string {
  return p < 0.0001 ? 'p<0.0001' : `p=${numberText(p, 2)}`;
}

/** Omits `last`, the default. */
export function metricLabel({ metric, of }: MetricDifference): string {
  return of === 'best' ? `${metric} (best epoch)` : metric;
}
