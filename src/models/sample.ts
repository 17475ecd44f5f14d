import { wantedOf } from '../compiler/ir/experiment.js';
import type { Interval } from '../compiler/ir/interval.js';
import { elementCount } from '../compiler/ir/shape.js';
import { needBelow } from '../compiler/library/needs-below.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { LoadError, loadStored } from '../trial/load.js';
import { layerWithPrior, Model, sampleFromPrior, type Values } from '../trial/model.js';
import { trainedClassNames, trainedOn } from '../trial/trained-on.js';
import type { Words } from '../words/word.js';
import { askedConditions } from './asked-condition.js';

export interface SampleOptions {
  /** The words the run was trained with. */
  readonly library: Words;
  readonly store: string;
  readonly count: number;
  /** Null for the run's. */
  readonly seed: number | null;
  readonly backend: BackendName | 'auto';
  /**
   * For a conditional decoder, a class by its name or number, or columns, as `age=40,sex=f`; each class and category that is
   * not named is drawn in turn.
   */
  readonly condition?: string | null;
}

/** Samples, and the range of the training data's raw values. */
export interface Samples extends Values {
  readonly range: Interval;
  /** Column names of a table; `value_1`, … for other data. */
  readonly columns: readonly string[];
}

/**
 * Decodes codes drawn from the prior N(0, 1) of a trained model, in raw units.
 * @throws StoreError; LoadError for a run without weights, or a model without a prior or whose decoder needs more than
 *   the code
 */
export async function sample(id: string, options: SampleOptions): Promise<Samples> {
  const { trial, weights, run } = await loadStored(id, options.store, {
    backend: options.backend,
    library: options.library,
  });
  const { compiled, recipe, library } = trial;
  const on = layerWithPrior(compiled.ir, library);
  if (on === null) {
    const code = compiled.ir.encoder.at(-1)?.word ?? 'input';
    throw new LoadError(
      `${run.id} (${run.experiment}) has no prior to draw codes from: its code is the output of '${code}', which may lie anywhere`,
      'a variational autoencoder has one: reparameterize { mu: dense(20)  logvar: dense(20) }; apply --output reconstruction rebuilds examples',
    );
  }
  const unmet = needBelow(on, compiled.ir, library);
  if (unmet !== null)
    throw new LoadError(`${run.id} (${run.experiment}) cannot be sampled: ${unmet.message}`, unmet.hint);
  await trial.chooseBackend();
  const model = new Model(compiled.ir, weights, library);
  try {
    const trained = trainedOn(recipe, compiled, compiled.ir.data, library);
    const slots = model.conditionsAbove(on, trainedClassNames(trained, compiled.ir.data, library));
    const choices = askedConditions(options.condition ?? null, slots, run.id);
    const given = choices && { rows: choices.length, given: model.conditionsFor(choices) };
    const seed = options.seed ?? run.seed;
    const samples = sampleFromPrior(model, on, Math.ceil(options.count / (choices?.length ?? 1)), seed, given);
    const numbered = Array.from({ length: elementCount(samples.shape) }, (_, i) => `value_${i + 1}`);
    return {
      ...first(samples, options.count),
      range: wantedOf(compiled.ir).rawRange,
      columns: trainedOn(recipe, compiled, wantedOf(compiled.ir), library)?.contents?.columns ?? numbered,
    };
  } finally {
    model.dispose();
  }
}

function first(samples: Values, count: number): Values {
  return { ...samples, count, values: samples.values.slice(0, count * elementCount(samples.shape)) };
}
