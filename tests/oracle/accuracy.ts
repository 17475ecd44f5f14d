import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { Fields } from './fields.js';
import { runCase } from './run-case.js';

/** How far a golden case is from its own run in float64, here and in PyTorch's float32. */
export interface Accuracy {
  readonly name: string;
  readonly measure: 'trajectory' | 'gradient norm';
  /** The largest relative deviation of TF.js's current backend. */
  readonly deviation: number;
  /** PyTorch's: the largest of three runs in float32. */
  readonly pytorch: number;
}

/** The measures as the case has them. */
const stored = { trajectory: 'trajectory', 'gradient norm': 'gradient_norm' } as const;

/**
 * Compares a case with its float64 run: the values of all loss terms at every step, and the gradients' norms at the first.
 * The parameters are not compared: the float64 ones aren't stored.
 * @throws GoldenFormatError, UnknownWord, SafetensorsError, SyntaxError or a system error for files that can't be read
 */
export function accuracyOf(folder: string, words: LoweredLibrary): readonly Accuracy[] {
  const observed = Fields.parse(readFileSync(join(folder, 'case.json'), 'utf8'), 'case.json').object(
    'observed_deviation',
  );
  const report = runCase(folder, words);
  if (report.outcome !== 'compared') throw new Error(`${folder}: ${report.reason}`);
  return report.deviations.flatMap(({ measure, deviation }): Accuracy[] => {
    if (measure !== 'trajectory' && measure !== 'gradient norm') return [];
    return [{ name: report.name, measure, deviation, pytorch: observed.number(stored[measure]) }];
  });
}
