import { UnknownWord } from '../../src/compiler/library/library.js';
import { SafetensorsError } from '../../src/runtime/formats/safetensors.js';
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

/** The largest deviation of each measure. */
export function worst(deviations: readonly Deviation[]): readonly Deviation[] {
  const largest = new Map<string, Deviation>();
  for (const deviation of deviations) {
    const before = largest.get(deviation.measure);
    if (!before || deviation.deviation > before.deviation) largest.set(deviation.measure, deviation);
  }
  return [...largest.values()];
}

/** What the oracle says of a case folder or a table. */
export type GoldenReport =
  | { readonly name: string; readonly outcome: 'compared'; readonly deviations: readonly Deviation[] }
  | { readonly name: string; readonly outcome: 'unsupported' | 'unreadable'; readonly reason: string };

/**
 * How many times its tolerance a deviation may have. Tolerances were measured with the C library's exp and log; an
 * engine whose own are correct to one unit in the last place may need up to four times as much.
 */
export type Slack = 1 | 4;

/** Whether everything was compared and nothing was out of tolerance. */
export function passed(report: GoldenReport, slack: Slack = 1): boolean {
  return (
    report.outcome === 'compared' &&
    report.deviations.every(({ deviation, tolerance }) => deviation <= slack * tolerance)
  );
}

/** A report, also where a case asks for something that isn't there, or its files are broken. */
export function reporting(name: string, run: () => GoldenReport): GoldenReport {
  try {
    return run();
  } catch (error) {
    if (error instanceof UnknownWord || error instanceof GoldenFormatError) {
      return { name, outcome: 'unsupported', reason: error.message };
    }
    if (isAboutFiles(error)) return { name, outcome: 'unreadable', reason: error.message };
    throw error;
  }
}

/** Broken JSON, a broken tensor file, or one that can't be read at all. */
function isAboutFiles(error: unknown): error is Error {
  return (
    error instanceof SyntaxError ||
    error instanceof SafetensorsError ||
    (error instanceof Error && 'code' in error && typeof error.code === 'string')
  );
}

/** `ok sae-kl: trajectory 2.6e-7 of 1.2e-6, …`, in one line; it says where the slack was needed. */
export function describeReport(report: GoldenReport, slack: Slack = 1): string {
  const verdict = passed(report, slack) ? 'ok  ' : 'FAIL';
  if (report.outcome !== 'compared') return `${verdict} ${report.name}: ${report.reason}`;
  const measures = report.deviations.map(({ measure, deviation, tolerance }) => {
    const within = deviation <= tolerance ? '' : deviation <= slack * tolerance ? ` (within ${slack} times)` : ' !';
    return `${measure} ${deviation.toExponential(1)} of ${tolerance.toExponential(1)}${within}`;
  });
  return `${verdict} ${report.name}: ${measures.join(', ')}`;
}
