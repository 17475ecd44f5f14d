import type { LossTerm } from '../../compiler/ir/experiment.js';
import { isLayerReference } from '../../compiler/ir/value.js';
import { termQuantity } from '../../metrics/definitions.js';
import type { Version } from './version.js';

/**
 * Quantities of terms of both losses that mean something else in each, such as `loss.huber` with another delta: their
 * values are in other units. Weights, and which layer a term is about, don't matter.
 */
export function changedTerms(before: Pick<Version, 'compiled'>, after: Pick<Version, 'compiled'>): readonly string[] {
  const known = new Map(before.compiled?.ir.loss.map((term) => [term.name, meaningOf(term)]));
  return (after.compiled?.ir.loss ?? []).flatMap((term) => {
    const old = known.get(term.name);
    return old === undefined || old === meaningOf(term) ? [] : [termQuantity(term.name)];
  });
}

function meaningOf({ loss: { version, definition, arguments: given } }: LossTerm): string {
  const values = Object.entries(given).filter(([, { value }]) => !isLayerReference(value));
  return JSON.stringify([version, definition?.formula ?? null, values]);
}
