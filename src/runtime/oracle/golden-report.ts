import { UnsupportedWord } from '../lowering/unsupported-word.js';
import { GoldenFormatError } from './fields.js';

/** One measure of how far a computation is from the golden one. */
export interface Deviation {
  readonly measure:
    | 'trajectory'
    | 'gradient norm'
    | 'global norm'
    | 'parameters'
    | 'evaluation'
    | 'value'
    | 'gradient'
    | 'shape';
  readonly deviation: number;
  readonly tolerance: number;
}

/** What the oracle says of a case folder or a table. */
export type GoldenReport =
  | { readonly name: string; readonly outcome: 'compared'; readonly deviations: readonly Deviation[] }
  | { readonly name: string; readonly outcome: 'unsupported'; readonly reason: string };

/** Whether everything was compared and nothing was out of tolerance. */
export function passed(report: GoldenReport): boolean {
  return report.outcome === 'compared' && report.deviations.every(({ deviation, tolerance }) => deviation <= tolerance);
}

/** A report, also where a case asks for something that isn't there. */
export function reporting(name: string, run: () => GoldenReport): GoldenReport {
  try {
    return run();
  } catch (error) {
    if (error instanceof UnsupportedWord || error instanceof GoldenFormatError) {
      return { name, outcome: 'unsupported', reason: error.message };
    }
    throw error;
  }
}

/** `sae-kl  ok  trajectory 2.6e-7 of 1.2e-6 …`, in one line. */
export function describeReport(report: GoldenReport): string {
  const verdict = passed(report) ? 'ok  ' : 'FAIL';
  if (report.outcome === 'unsupported') return `${verdict} ${report.name}: ${report.reason}`;
  const measures = report.deviations.map(({ measure, deviation, tolerance }) => {
    const mark = deviation <= tolerance ? '' : ' !';
    return `${measure} ${deviation.toExponential(1)} of ${tolerance.toExponential(1)}${mark}`;
  });
  return `${verdict} ${report.name}: ${measures.join(', ')}`;
}
