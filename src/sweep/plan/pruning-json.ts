import { object, oneOf, readJson, variant, wholeNumber } from '../../runtime/formats/json.js';
import type { Pruning } from './pruning.js';

const epochs = wholeNumber(1, 1e9);
const halving = object({ kind: oneOf('halving', 'asha'), reduction: wholeNumber(2, 1e9), from: epochs });

const pruning = variant<Pruning>('kind', {
  halving,
  asha: halving,
  median: object({ kind: oneOf('median'), from: epochs, every: epochs }),
});

/** How a stored sweep prunes. @throws JsonError for what no version wrote */
export function readPruningJson(json: string): Pruning {
  return readJson(pruning, json, 'the pruning');
}
