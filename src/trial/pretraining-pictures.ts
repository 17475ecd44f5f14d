import { codeReference, type ExperimentIr, type LayerNode } from '../compiler/ir/experiment.js';
import type { LayerReference } from '../compiler/ir/value.js';
import { activationsAfter } from '../compiler/library/stage-surroundings.js';
import type { FigurePreview } from '../runtime/figures/figure.js';
import { drawReceptiveFields } from '../runtime/figures/receptive_fields.js';
import { drawReconstructions } from '../runtime/figures/reconstructions.js';
import { levelsOfRange } from '../runtime/figures/tile.js';
import { oppositeLayer } from '../runtime/training/opposite-layer.js';
import { mixingLayersUpTo } from './mixing-layers.js';
import type { Picture } from './pictures.js';
import { type Subject, shownExamples } from './subject.js';

/** Most units drawn of a layer: more cannot be distinguished in a terminal. */
const mostUnits = 64;
const examples = 16;

/**
 * Draws the progress of a layer's pretraining: its units' receptive fields, and examples encoded up to it and decoded
 * again through the mirrored decoder layers.
 *
 * @param index of the layer in the encoder
 * @param previews that the experiment shows
 */
export async function drawPretrainingPictures(
  subject: Subject,
  index: number,
  previews: ReadonlySet<FigurePreview>,
): Promise<readonly Picture[]> {
  const { experiment } = subject.model;
  const layer = experiment.encoder[index];
  if (!layer) throw new RangeError(`the encoder has no layer ${index}`);
  const pictures = [
    previews.has('units') ? await drawUnits(subject, layer, index) : null,
    previews.has('examples') ? await drawReconstructionsThrough(subject, layer, index) : null,
  ];
  return pictures.filter((picture) => picture !== null);
}

/** Null if the layers below are not sums of their inputs. */
async function drawUnits(
  { model: { experiment }, weights, library }: Subject,
  layer: LayerNode,
  index: number,
): Promise<Picture | null> {
  const { layers } = mixingLayersUpTo(
    { kind: 'layer', block: 'encoder', index, head: null },
    experiment,
    weights,
    library,
  );
  if (layers === null) return null;
  const png = await drawReceptiveFields({ layers, shape: experiment.data.shape, most: mostUnits });
  return { name: `${layers.length === 1 ? 'filters' : 'receptive_fields'}(${nameOf(layer)})`, png };
}

/** Null if the decoder does not mirror this layer. */
async function drawReconstructionsThrough(subject: Subject, layer: LayerNode, index: number): Promise<Picture | null> {
  const { model, library } = subject;
  const { experiment } = model;
  const above = inputOfOpposite(experiment, index);
  if (above === null) return null;
  const shown = shownExamples(subject, examples);
  const { clean, count } = shown;
  const top = index + activationsAfter(index, experiment, library).length;
  const hidden = model.layerOfSeen({ kind: 'layer', block: 'encoder', index: top, head: null }, clean, shown);
  const rows = [
    { label: 'input', images: model.rawInput(clean) },
    { label: 'output', images: model.decode(hidden.values, above, shown).values },
  ];
  const png = await drawReconstructions({
    rows,
    count,
    shape: experiment.data.shape,
    levels: levelsOfRange(experiment.data.rawRange),
  });
  return { name: `reconstructions(${nameOf(layer)})`, png };
}

/** The layer that feeds the decoder layer mirroring one of the encoder. */
function inputOfOpposite(experiment: ExperimentIr, index: number): LayerReference | null {
  const opposite = oppositeLayer(experiment, index);
  if (opposite === null) return null;
  const at = experiment.decoder.indexOf(opposite);
  return at === 0 ? codeReference(experiment) : { kind: 'layer', block: 'decoder', index: at - 1, head: null };
}

function nameOf({ label, address, word }: LayerNode): string {
  return label ?? address?.replaceAll('/', '.') ?? word;
}
