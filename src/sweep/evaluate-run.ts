import type { CompiledExperiment } from '../compiler/compile.js';
import { type Canonical, canonicalJson } from '../compiler/ir/canonical.js';
import type { Source } from '../compiler/syntax/source.js';
import { UsageError } from '../project/params.js';
import type { Recipe } from '../project/recipe.js';
import { fileWorld } from '../project/world.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { prepare, recordedBackend } from '../trial/prepare.js';
import type { Words } from '../words/word.js';
import { type ContinueRunOptions, continueRun } from './resume.js';
import type { Run } from './single-run.js';

export interface EvaluateRunOptions extends Omit<ContinueRunOptions, 'checkpoints' | 'executor'> {
  /** The source and experiment whose evaluations and pictures to make; null: those stored with the run. */
  readonly as: { readonly source: Source; readonly experiment: string | null } | null;
}

/**
 * Repeats the evaluations and pictures of a run that trained to its end, replacing stored ones of the same name.
 * @throws as `resumeRun`; UsageError for a run without weights, or an experiment with another network or other data,
 *   ExperimentError
 */
export function evaluateRun(options: EvaluateRunOptions): Promise<Run> {
  const { as, library } = options;
  return continueRun(options, ({ run, recipe, compiled }) => {
    if (as === null) return { compiled, evaluates: { as: null }, notes: [] };
    const other = compiledAs(as, recipe, recordedBackend(run), library);
    const differing = differentModel(compiled, other);
    if (differing.length > 0) {
      throw new UsageError(
        `${as.source.path} is of another model than ${run.id} (${differing.join(', ')})`,
        'its evaluations and pictures may be others, not its data and its network',
      );
    }
    const { evaluations, figures } = other.ir;
    const ir = { ...compiled.ir, evaluations, figures };
    return { compiled: { ...compiled, ir }, evaluates: { as: as.source.path }, notes: [] };
  });
}

/** With the params that the run was given. @throws ExperimentError */
function compiledAs(
  { source, experiment }: NonNullable<EvaluateRunOptions['as']>,
  recipe: Recipe,
  backend: BackendName,
  library: Words,
): CompiledExperiment {
  const again = { ...recipe, sources: [source], experiment: experiment ?? recipe.experiment, files: {} };
  return prepare({ recipe: again, world: fileWorld(backend), library, seed: 1, backend }).compiled;
}

/** Parts of the model, on which evaluations and pictures depend, that differ between two experiments. */
function differentModel(before: CompiledExperiment, after: CompiledExperiment): readonly string[] {
  const [a, b] = [partsOf(before.canonical), partsOf(after.canonical)];
  return ['data', 'transforms', 'corruption', 'encoder', 'decoder'].filter((part) => a.get(part) !== b.get(part));
}

function partsOf(form: Canonical): ReadonlyMap<string, string> {
  if (typeof form !== 'object' || form === null) return new Map();
  return new Map(Object.entries(form).map(([name, part]) => [name, canonicalJson(part)]));
}
