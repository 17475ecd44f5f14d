import type { CompiledExperiment } from '../compiler/compile.js';
import { type Canonical, canonicalJson } from '../compiler/ir/canonical.js';
import type { WordValue } from '../compiler/ir/value.js';
import { partMeasured } from '../compiler/library/measured-parts.js';
import type { Source } from '../compiler/syntax/source.js';
import { type Recipe, worldOf } from '../project/recipe.js';
import { UsageError } from '../project/usage-error.js';
import { fileWorld } from '../project/world.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { prepare, recordedBackend } from '../trial/prepare.js';
import type { Words } from '../words/word.js';
import { type ContinueRunOptions, continueRun } from './resume.js';
import type { Run } from './single-run.js';

export interface EvaluateRunOptions extends Omit<ContinueRunOptions, 'checkpoints' | 'executor'> {
  /** The source and experiment whose evaluations and pictures to make; null: those stored with the run. */
  readonly as: EvaluatedAs | null;
}

/** Another file's evaluations and pictures, or measures as they stand between the braces of `evaluate`. */
export type EvaluatedAs =
  | { readonly source: Source; readonly experiment: string | null }
  | { readonly measures: string };

/**
 * Repeats the evaluations and pictures of a run that trained to its end, replacing stored ones of the same name.
 * @throws as `resumeRun`; UsageError for a run without weights, or an experiment with another network or other data,
 *   ExperimentError
 */
export function evaluateRun(options: EvaluateRunOptions): Promise<Run> {
  const { as, library } = options;
  return continueRun(options, ({ run, recipe, compiled }) => {
    if (as === null) return { compiled, evaluates: { as: null }, notes: [] };
    if ('measures' in as) {
      const evaluations = measuresAs(as.measures, compiled, recipe, recordedBackend(run), library);
      const ir = { ...compiled.ir, evaluations, figures: [] };
      return { compiled: { ...compiled, ir }, evaluates: { as: as.measures }, notes: [] };
    }
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

/** The measures of a text, for an experiment and its params. @throws ExperimentError, UsageError */
function measuresAs(
  measures: string,
  compiled: CompiledExperiment,
  recipe: Recipe,
  backend: BackendName,
  library: Words,
): readonly WordValue[] {
  const [own, ...others] = recipe.sources;
  if (own === undefined) throw new RangeError('a recipe needs the text of its experiment');
  if (/[{}]/.test(measures)) throw new UsageError(`'${measures}' is more than measures`, "such as: 'knn()  pca()'");
  const { name } = compiled.ir;
  const names = `${own.text} ${others.map(({ text }) => text).join(' ')}`;
  let again = 'measured_again';
  while (names.includes(again)) again += '_';
  const text = `${own.text}\nexperiment ${again} extends ${name} {\n  evaluate { ${measures} }\n}\n`;
  const asked = { ...recipe, sources: [{ ...own, text }, ...others], experiment: again };
  const { evaluations } = prepare({ recipe: asked, world: worldOf(recipe), library, seed: 1, backend }).compiled.ir;
  const late = evaluations.find((evaluation) => partMeasured(evaluation) === 'validation');
  if (late !== undefined && compiled.ir.stages.at(-1)?.kind === 'train') {
    throw new UsageError(
      `'${late.word}' is taken on the validation part while a run trains`,
      'leave out part=validation to measure the test part, or put it into the file and train',
    );
  }
  return evaluations;
}

/** With the params that the run was given. @throws ExperimentError */
function compiledAs(
  { source, experiment }: Exclude<EvaluatedAs, { readonly measures: string }>,
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
  return ['data', 'transforms', 'target', 'corruption', 'encoder', 'decoder'].filter(
    (part) => a.get(part) !== b.get(part),
  );
}

function partsOf(form: Canonical): ReadonlyMap<string, string> {
  if (typeof form !== 'object' || form === null) return new Map();
  return new Map(Object.entries(form).map(([name, part]) => [name, canonicalJson(part)]));
}
