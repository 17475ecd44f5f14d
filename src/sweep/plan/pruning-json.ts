import { objectOf, oneOf, parseJson, wholeNumber } from '../../runtime/formats/json-value.js';
import type { Pruning } from './pruning.js';

const epochs = wholeNumber({ least: 1, most: 1e9 });

/** How a stored sweep prunes. @throws JsonError for what no version wrote */
export function readPruningJson(json: string): Pruning {
  const fields = objectOf(parseJson(json), 'the pruning');
  const kind = oneOf('halving', 'asha', 'median')(fields.get('kind'), 'pruning.kind');
  const from = epochs(fields.get('from'), 'pruning.from');
  if (kind === 'median') return { kind, from, every: epochs(fields.get('every'), 'pruning.every') };
  const reduction = wholeNumber({ least: 2, most: 1e9 })(fields.get('reduction'), 'pruning.reduction');
  return { kind, reduction, from };
}
