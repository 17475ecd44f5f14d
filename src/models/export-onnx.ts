import type { DataNode } from '../compiler/ir/experiment.js';
import { arePixels } from '../compiler/library/pixels.js';
import { installedVersion } from '../runtime/provenance/installed-package.js';
import type { RunRecord } from '../runtime/store/records.js';
import { loadStored } from '../trial/load.js';
import type { Words } from '../words/word.js';
import { onnxFile, onnxOpset } from './onnx/file.js';
import type { ModelPart } from './onnx/graph.js';
import { modelGraph, type PartOptions, type TrainedModel } from './onnx/model-graph.js';
import { tfjsFiles } from './tfjs/files.js';

export interface ModelExport {
  /** Those that the run was trained with. */
  readonly library: Words;
  /** Id from `aedsl ls`, `last`, or the path of a bundle. */
  readonly run: string;
  /** The results database. */
  readonly store: string;
  readonly part: ModelPart;
  /** Whether inputs and reconstructions are in raw units, as the data are before their transforms. */
  readonly withTransforms: boolean;
}

/**
 * A run's model as a file of ONNX.
 * @throws StoreError, LoadError for a run without weights, NotInOnnx
 */
export async function onnxModel(options: ModelExport): Promise<Uint8Array> {
  const { model, run } = await trainedModel(options);
  const { part, withTransforms } = options;
  return onnxFile(modelGraph(model, { part, withTransforms, precision: 'float64' }), {
    version: installedVersion(),
    description: describePart(model, options),
    properties: { ...provenance(run), part, with_transforms: String(withTransforms), opset: String(onnxOpset) },
  });
}

/**
 * A run's model as files for TF.js: `model.json`, for `loadGraphModel`, and the weights.
 * @throws StoreError, LoadError for a run without weights, NotInOnnx
 */
export async function tfjsModel(options: ModelExport): Promise<ReturnType<typeof tfjsFiles>> {
  const { model, run } = await trainedModel(options);
  const { part, withTransforms } = options;
  return tfjsFiles(modelGraph(model, { part, withTransforms, precision: 'float32' }), {
    version: installedVersion(),
    properties: {
      description: describePart(model, options),
      ...provenance(run),
      part,
      with_transforms: String(withTransforms),
    },
  });
}

export async function trainedModel({ library, run: id, store }: Pick<ModelExport, 'library' | 'run' | 'store'>) {
  const { run, trial, weights } = await loadStored(id, store, { library });
  const model: TrainedModel = { experiment: trial.compiled.ir, weights, words: trial.library };
  return { model, run };
}

/** Metadata of an exported model: the run, experiment and data it comes from. */
export function provenance(run: RunRecord): Readonly<Record<string, string>> {
  return {
    aedsl_version: installedVersion(),
    experiment: run.experiment,
    run: run.id,
    seed: String(run.seed),
    identity: run.identity,
    ...(run.weightsSha256 === null ? {} : { weights_sha256: run.weightsSha256 }),
    data: run.data,
    data_sha256: run.dataSha256,
  };
}

/** In a sentence: what goes in, and in which units. */
export function describePart(
  { experiment }: TrainedModel,
  { part, withTransforms }: Pick<PartOptions, 'part' | 'withTransforms'>,
): string {
  const { data, target } = experiment;
  const unitsOf = ({ transforms, rawRange }: DataNode, name: string) => {
    const raw = arePixels(rawRange) ? 'pixels in [0, 1]' : 'raw values';
    if (withTransforms || transforms.length === 0) return raw;
    return `what ${transforms.map(({ word }) => word).join(', ')} makes of the ${name}`;
  };
  const units = unitsOf(data, 'data');
  const given = target === null ? units : unitsOf(target, 'target');
  const what = {
    encoder: `from ${units} to codes`,
    decoder: `from codes to ${given}`,
    whole: target === null ? `from ${units} to their reconstructions` : `from ${units} to ${given}`,
  }[part];
  return `The ${part === 'whole' ? 'autoencoder' : `${part} of the autoencoder`} '${experiment.name}', ${what}.`;
}
