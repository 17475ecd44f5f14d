import type { Pruning } from '../../compiler/expand/pruning.js';
import { object, oneOf, readJson, variant, wholeNumber } from '../../runtime/formats/json.js';

/** Epochs of the last stage after which trials are compared, before its end. */
export function rungEpochs(pruning: Pruning, epochs: number): readonly number[] {
  const rungs: number[] = [];
  for (let epoch = pruning.from; epoch < epochs; ) {
    rungs.push(epoch);
    epoch = pruning.kind === 'median' ? epoch + pruning.every : epoch * pruning.reduction;
  }
  return rungs;
}

const epochs = wholeNumber(1, 1e9);
const halving = object({ kind: oneOf('halving', 'asha'), reduction: wholeNumber(2, 1e9), from: epochs });

const pruning = variant<Pruning>('kind', {
  halving,
  asha: halving,
  median: object({ kind: oneOf('median'), from: epochs, every: epochs }),
});

/** Reads a stored sweep's pruning. @throws JsonError for invalid JSON */
export function readPruningJson(json: string): Pruning {
  return readJson(pruning, json, 'the pruning');
}
