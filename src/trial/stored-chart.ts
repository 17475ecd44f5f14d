import type { Chart } from '../runtime/figures/chart.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { RunReader } from '../runtime/store/run-reader.js';
import type { Words } from '../words/word.js';
import { figureNamed } from './picture-tiles.js';
import { storedHistory } from './stored-history.js';

/**
 * Draws a run's picture anew as vectors, from its stored curves; null for one that needs the model.
 * @param name as the picture is stored: `loss_curves`, `filters(code)`
 */
export async function storedChart(store: RunReader, run: RunRecord, name: string, words: Words): Promise<Chart | null> {
  const figure = figureNamed(name, words);
  return figure?.chart === undefined ? null : figure.chart(storedHistory(store, run).lossCurves(run.experiment));
}
