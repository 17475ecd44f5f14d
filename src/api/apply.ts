import { didYouMean } from '../compiler/diagnostics/suggest.js';
import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { codeReference } from '../compiler/ir/experiment.js';
import { describeShape, elementCount, sameShape } from '../compiler/ir/shape.js';
import type { LayerReference } from '../compiler/ir/value.js';
import { builtinLibrary } from '../compiler/library/builtin.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { chooseBackend } from '../runtime/backend/choose.js';
import { builtinLowerings } from '../runtime/lowering/builtin.js';
import { examplesOf } from '../runtime/training/examples-of-data.js';
import { loadExamples } from './data.js';
import { LoadError, loadStored } from './load.js';
import { Model, type Values } from './model.js';
import { UsageError } from './params.js';
import { compileRecipe } from './recipe.js';
import { ExperimentError } from './run.js';
import { scheduleEnd } from './schedule-end.js';
import { fileWorld } from './world.js';

export interface ApplyOptions {
  readonly store: string;
  /** `mnist`, `npy("faces.npy")` */
  readonly data: string;
  readonly part: 'train' | 'test';
  /** `code`, `reconstruction`, or a layer's label. */
  readonly output: string;
  readonly backend: BackendName | 'auto';
}

/**
 * What a trained model makes of any data, after the experiment's own crops and transforms, without its corruption.
 * @throws StoreError, LoadError, UsageError, ExperimentError, DatasetError
 */
export async function apply(id: string, options: ApplyOptions): Promise<Values> {
  const { recipe, compiled, weights, run } = await loadStored(id, options.store, builtinLibrary);
  const whole = { ...recipe, data: options.data, epochs: null };
  const other = compileRecipe(whole, fileWorld(), { library: builtinLibrary });
  if (other.value === null) throw new ExperimentError(other.diagnostics);
  const { data } = other.value.ir;
  if (!sameShape(data.shape, compiled.ir.data.shape)) {
    throw new LoadError(
      `${run.id} takes ${describeShape(compiled.ir.data.shape)}, and '${options.data}' gives ${describeShape(data.shape)}`,
      'the data must have the shape that the model was trained on',
    );
  }
  const loaded = await loadExamples(other.value, { isStored: true });
  await chooseBackend(options.backend);
  const model = new Model(compiled.ir, weights, builtinLowerings, builtinLibrary);
  try {
    const examples = examplesOf({ data, corruption: null }, loaded, run.seed, builtinLibrary, weights);
    const count = examples.count(options.part);
    if (count === 0)
      throw new UsageError(`'${options.data}' has no ${options.part} part`, 'choose with --part train or test');
    const seen = examples.evaluationBatch(options.part, 0, count, scheduleEnd(compiled.ir)).target;
    if (options.output === 'reconstruction') return model.reconstructSeen(seen);
    return model.layerOfSeen(layerNamed(options.output, compiled.ir), seen);
  } finally {
    model.dispose();
  }
}

function layerNamed(label: string, experiment: ExperimentIr): LayerReference {
  if (label === 'code') return codeReference(experiment);
  const [name = '', head = null] = label.split('.');
  for (const block of ['encoder', 'decoder'] as const) {
    const index = experiment[block].findIndex((node) => node.label === name);
    if (index >= 0) return { kind: 'layer', block, index: lastOf(experiment, block, index), head };
  }
  const labels = [...experiment.encoder, ...experiment.decoder].flatMap((node) => node.label ?? []);
  const known = [...new Set(['code', 'reconstruction', ...labels])];
  throw new UsageError(`the model has no output '${label}'`, didYouMean(label, known) ?? `it has ${known.join(', ')}`);
}

/** A label means the layer's output after its activation, which was written with it. */
function lastOf(experiment: ExperimentIr, block: 'encoder' | 'decoder', index: number): number {
  const next = experiment[block][index + 1];
  const activation = next && next.label === null && builtinLibrary.find('layer', next.word)?.activation === true;
  return activation ? index + 1 : index;
}

/** Rows of a table: one example each. */
export function rowsOf({ count, shape, values }: Values): readonly Float32Array[] {
  const size = elementCount(shape);
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}
