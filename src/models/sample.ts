import { didYouMean, someOf } from '../compiler/diagnostics/suggest.js';
import type { Interval } from '../compiler/ir/interval.js';
import { elementCount } from '../compiler/ir/shape.js';
import { needBelow } from '../compiler/library/needs-below.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { LoadError, loadStored } from '../trial/load.js';
import { layerWithPrior, Model, sampleFromPrior, type Values } from '../trial/model.js';
import { trainedOn } from '../trial/trained-on.js';
import type { Words } from '../words/word.js';

export interface SampleOptions {
  /** The words the run was trained with. */
  readonly library: Words;
  readonly store: string;
  readonly count: number;
  /** Null for the run's. */
  readonly seed: number | null;
  readonly backend: BackendName | 'auto';
  /** A class by its name or number, for a conditional decoder; null for all of them in turn. */
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
    const trained = trainedOn(recipe, compiled, library);
    const known = model.classesAbove(on);
    const classes = classesAsked(options.condition ?? null, known, trained?.contents?.classNames ?? null, run.id);
    const seed = options.seed ?? run.seed;
    const samples = sampleFromPrior(model, on, Math.ceil(options.count / (classes?.length ?? 1)), seed, classes);
    const numbered = Array.from({ length: elementCount(samples.shape) }, (_, i) => `value_${i + 1}`);
    return {
      ...first(samples, options.count),
      range: compiled.ir.data.rawRange,
      columns: trained?.contents?.columns ?? numbered,
    };
  } finally {
    model.dispose();
  }
}

function first(samples: Values, count: number): Values {
  return { ...samples, count, values: samples.values.slice(0, count * elementCount(samples.shape)) };
}

/** The classes to decode each code for; null for a decoder that is given none. @throws LoadError */
function classesAsked(
  condition: string | null,
  known: number,
  names: readonly string[] | null,
  run: string,
): readonly number[] | null {
  if (known === 0) {
    if (condition === null) return null;
    throw new LoadError(
      `the decoder of ${run} is given no class`,
      'leave --condition out; condition(label) in the decoder makes it conditional',
    );
  }
  if (condition === null) return Array.from({ length: known }, (_, label) => label);
  const named = names?.indexOf(condition) ?? -1;
  const label = named >= 0 ? named : /^\d{1,9}$/.test(condition) ? Number(condition) : known;
  if (label < known) return [label];
  const hint =
    names === null ? `name one from 0 to ${known - 1}` : (didYouMean(condition, names) ?? `it has ${someOf(names)}`);
  throw new LoadError(`${run} has no class '${condition}'`, hint);
}
