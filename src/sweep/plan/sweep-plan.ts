import { bindExperiment, type CompiledExperiment, mistakesBesideSyntax } from '../../compiler/compile.js';
import { experimentLibrary } from '../../compiler/definitions/experiment-library.js';
import { DiagnosticCollector } from '../../compiler/diagnostics/collector.js';
import { type Diagnostic, hasErrors, type Outcome } from '../../compiler/diagnostics/diagnostic.js';
import { Evaluator } from '../../compiler/evaluate/evaluator.js';
import {
  crossFactors,
  type Factor,
  reportTooMany,
  type SweepTrial,
  sweepFactors,
  trialCount,
} from '../../compiler/expand/expand.js';
import { checkObjective, lossChanges, objectiveOf } from '../../compiler/expand/objective.js';
import { severalObjectives } from '../../compiler/expand/objectives.js';
import { checkPruning, type Pruning, readPruning } from '../../compiler/expand/pruning.js';
import { type DrawMethod, type Given, isSearch } from '../../compiler/expand/sweep-request.js';
import { readSweep } from '../../compiler/expand/typed-sweep.js';
import { valueText } from '../../compiler/expand/value-text.js';
import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { stageLength } from '../../compiler/ir/stage-length.js';
import { validationMeasures } from '../../compiler/library/measured-parts.js';
import type { Expression } from '../../compiler/syntax/ast.js';
import type { Source } from '../../compiler/syntax/source.js';
import { recordedQuantities } from '../../metrics/definitions.js';
import type { Comparable, MeasuredObjective, Objective } from '../../metrics/usual-metric.js';
import { largest } from '../../numerics/extremes.js';
import { type Recipe, recordingWorld } from '../../project/recipe.js';
import { fileWorld } from '../../project/world.js';
import type { ParameterValue } from '../../runtime/events.js';
import { trainSettings } from '../../runtime/training/stage-settings.js';
import type { Words } from '../../words/word.js';
import {
  type CompiledCell,
  cellsOf,
  compileCells,
  describeTrial,
  paramTexts,
  renumbered,
  valuesOf,
  varyingNames,
  withoutRepetitions,
} from './cells.js';
import { checkLosses, comparableOf } from './comparable-losses.js';
import { GroupedDiagnostics } from './grouped-diagnostics.js';
import { checkSearch, PlannedSearch } from './planned-search.js';
import { rangeValues, type SearchSettings } from './point-search.js';
import { rememberingWorld } from './remembering-world.js';
import type { SweepOptions } from './sweep-options.js';
import { randomNumbers, sobolNumbers } from './unit-numbers.js';

/** One trial, checked and ready to be trained. */
export interface PlannedTrial {
  /** From 0. */
  readonly trial: number;
  /** Complete: compiles to `compiled.hash` anywhere. */
  readonly recipe: Recipe;
  /** Shared by trials that differ only in the seed. */
  readonly compiled: CompiledExperiment;
  readonly seed: number;
  /** Varying parameters, in the order of the axes; includes `data`, not `seed`. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Updates of all stages; exact except for early stopping and pruning. */
  readonly steps: number;
  /** Whether early stopping may reduce them. */
  readonly stopsEarly: boolean;
}

/** Everything a sweep will do, before any training. The same options give the same plan everywhere. */
export interface SweepPlan {
  readonly library: Words;
  /** The experiment's. */
  readonly name: string;
  readonly experiment: string;
  readonly source: Source;
  /** Varying axes, without the seeds; of those that a search proposes the ends of the range, or the options. */
  readonly axes: readonly { readonly name: string; readonly values: readonly ParameterValue[] }[];
  /** Given params that are the same in every trial. */
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  /** In order of first occurrence. */
  readonly seeds: readonly number[];
  readonly draws: { readonly method: DrawMethod; readonly count: number; readonly seed: number } | null;
  /** With a search, those of the points that depend on no result. */
  readonly trials: readonly PlannedTrial[];
  /** Null if all trials are known. */
  readonly search: SearchSettings | null;
  /** The first of several. */
  readonly objective: Objective | null;
  /** The others that it is judged by; none with one objective. */
  readonly moreObjectives: readonly MeasuredObjective[];
  readonly comparable: Comparable;
  readonly pruning: Pruning | null;
  /** Warnings of all trials, each once. */
  readonly warnings: readonly Diagnostic[];
}

const mostTrialsByDefault = 10_000;

export interface PlanOutcome extends Outcome<SweepPlan> {
  /** Number of trials, if it exceeds `mostTrials`, so that none was compiled. */
  readonly tooMany?: number;
}

/**
 * Expands and compiles all trials of a sweep. The first axis varies slowest and the seeds fastest.
 * @returns errors of all trials together, each once
 */
export function planSweep(options: SweepOptions): PlanOutcome {
  const { source, experiment = null } = options;
  const world = rememberingWorld(options.world ?? fileWorld());
  const recording = recordingWorld(world);
  const bound = bindExperiment(source, experiment, recording.world);
  if (bound.value === null) {
    const beside = mistakesBesideSyntax(source, experiment, { library: options.library, world: recording.world });
    return { value: null, diagnostics: [...bound.diagnostics, ...beside] };
  }

  const collector = new DiagnosticCollector();
  collector.addAll(bound.diagnostics);
  const library = experimentLibrary(bound.value.definitions, options.library);
  const evaluator = new Evaluator(bound.value, [], library, collector);
  const request = readSweep(bound.value, options, world, evaluator, library, collector);
  const drawSeed = request.drawSeed?.value ?? 1;
  const method = request.method?.value ?? 'random';
  const search = isSearch(method) ? new PlannedSearch(method, drawSeed, request) : null;
  const numbers = search ?? (method === 'sobol' ? sobolNumbers(drawSeed) : randomNumbers(drawSeed));
  const factors = sweepFactors(bound.value, request, library, numbers);
  collector.addAll(factors.diagnostics);
  checkSearch(request, factors.value ?? [], search, collector);
  if (factors.value === null || hasErrors(collector.all)) return { value: null, diagnostics: collector.all };

  const count = search === null ? trialCount(factors.value) : search.trialCount(factors.value);
  const most = options.mostTrials === undefined ? mostTrialsByDefault : options.mostTrials;
  if (most !== null && count > most) {
    reportTooMany(factors.value, request, most, collector);
    return { value: null, diagnostics: collector.all, tooMany: count };
  }

  const trials = crossFactors(factors.value);
  const probes = search?.probes(trials) ?? [];
  const all = [...trials, ...probes];
  const varying = variedNames(factors.value, search);
  const grouped = new GroupedDiagnostics(Math.max(count, all.length), (trial) => {
    const found = all[trial];
    return found ? describeTrial(found, varying) : '';
  });
  const given = cellsOf(all);
  const compiled = compileCells(given, bound.value, recording.world, { ...options, library }, grouped);
  const planned = compiled.flatMap((cell) => {
    const its = cell.trials.filter((trial) => trial < trials.length);
    return its.length > 0 ? [{ ...cell, trials: its }] : [];
  });
  const cells = withoutRepetitions(planned, trials, varying, library, grouped);
  const comparable = comparableOf(compiled);
  const irs = compiled.map((cell) => cell.compiled.ir);
  const [firstObjective, ...moreObjectives] = severalObjectives(request, irs, library, collector);
  const single = objectiveOf(
    request,
    comparable,
    compiled.some((cell) => lossChanges(cell.compiled.ir, library)),
    compiled.flatMap(({ compiled: { ir } }) => [
      ...recordedQuantities(ir.loss),
      ...validationMeasures(ir.evaluations, library),
    ]),
    library.metrics.goal,
  );
  const objective = firstObjective === undefined ? single : { ...firstObjective, of: 'last' as const };
  if (objective && firstObjective === undefined) {
    for (const { compiled: one, trials: its } of compiled) {
      grouped.add(checkObjective(objective, request, one.ir, library), its);
    }
  }
  const pruning = request.prune && pruningOf(request.prune, cells, grouped, collector);
  const found = [...collector.all, ...grouped.all];
  if (compiled.length < given.length || hasErrors(found)) return { value: null, diagnostics: found };
  const diagnostics = [...found, ...checkLosses(compiled, varying, library, request, objective)];

  const base: Omit<Recipe, 'params' | 'data'> = {
    sources: [source, ...recording.sources],
    experiment,
    epochs: options.epochs ?? null,
    maxSteps: options.maxSteps ?? null,
    files: recording.files,
  };
  const draws = request.draws && { method, count: request.draws.value, seed: drawSeed };
  return {
    value: assemble({
      library: options.library,
      source,
      base,
      ...renumbered(cells, trials),
      varying,
      objective,
      moreObjectives,
      comparable,
      pruning,
      draws,
      search: search?.settings([...new Set(trials.map(({ seed }) => seed))]) ?? null,
      diagnostics,
    }),
    diagnostics,
  };
}

interface Parts
  extends Pick<
    SweepPlan,
    'library' | 'source' | 'objective' | 'moreObjectives' | 'comparable' | 'pruning' | 'draws' | 'search'
  > {
  readonly base: Omit<Recipe, 'params' | 'data'>;
  readonly trials: readonly SweepTrial[];
  readonly cells: readonly CompiledCell[];
  readonly varying: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

function assemble({
  library,
  source,
  base,
  trials,
  cells,
  varying,
  objective,
  moreObjectives,
  comparable,
  pruning,
  draws,
  search,
  diagnostics,
}: Parts): SweepPlan {
  const planned: PlannedTrial[] = [];
  for (const cell of cells) {
    const { compiled } = cell;
    const params = paramTexts(cell.assignments);
    const shared = {
      recipe: { ...base, params, data: cell.data && valueText(cell.data) },
      compiled,
      parameters: valuesOf(cell, varying),
      ...trialSteps(compiled.ir, base.maxSteps),
    };
    for (const trial of cell.trials) {
      const of = trials[trial];
      if (of === undefined) throw new RangeError(`the sweep has no trial ${trial}`);
      planned[trial] = { trial, seed: of.seed, ...shared };
    }
  }
  const [first] = cells;
  const assigned = first ? [...first.assignments.map(({ name }) => name.name), ...(first.data ? ['data'] : [])] : [];
  const fixed = assigned.filter((name) => !varying.includes(name));
  const experiment = first?.compiled.ir.name ?? '';
  return {
    library,
    name: experiment,
    experiment,
    source,
    axes: varying.map((name) => {
      const searched = search?.axes.find((axis) => axis.name === name);
      if (searched !== undefined) return { name, values: rangeValues(searched.range) };
      const values = cells.flatMap((cell) => Object.values(valuesOf(cell, [name])));
      return { name, values: [...new Set(values)] };
    }),
    fixed: first ? valuesOf(first, fixed) : {},
    seeds: [...new Set(trials.map(({ seed }) => seed))],
    draws,
    trials: planned,
    search,
    objective,
    moreObjectives,
    comparable,
    pruning,
    warnings: diagnostics,
  };
}

/** The axes that vary; with a search all that it proposes, though a point is decided alone. */
function variedNames(factors: readonly Factor[], search: PlannedSearch | null): readonly string[] {
  const searched = new Set(search?.names ?? []);
  const varying = new Set(varyingNames(factors));
  return factors.flatMap(({ names }) =>
    names.flatMap(({ name }) => (searched.has(name) || varying.has(name) ? [name] : [])),
  );
}

/** The pruning of the trials, checking that each is evaluated at the epochs at which it is compared. */
function pruningOf(
  prune: Given<Expression>,
  cells: readonly CompiledCell[],
  grouped: GroupedDiagnostics,
  collector: DiagnosticCollector,
): Pruning | null {
  const stages = cells.map(({ compiled, trials }) => {
    const stage = compiled.ir.stages.at(-1);
    return { trials, settings: stage?.kind === 'train' ? trainSettings(stage.settings) : null };
  });
  const least = largest(
    stages.map(({ settings }) => settings?.evaluateEvery ?? 1),
    1,
  );
  const { value: pruning, diagnostics } = readPruning(prune, least);
  collector.addAll(diagnostics);
  for (const { trials, settings } of stages) {
    if (pruning && settings) grouped.add(checkPruning(pruning, prune, settings), trials);
  }
  return pruning;
}

/**
 * The number of updates of a trial, over all stages and pretrained layers; an upper bound with early stopping.
 * @param maxSteps after which each stage, or each pretrained layer, ends; null for no limit
 */
function trialSteps(
  { data, stages }: ExperimentIr,
  maxSteps: number | null,
): { readonly steps: number; readonly stopsEarly: boolean } {
  const steps = stages.map((stage) => {
    const { steps: whole } = stageLength(stage, data.train);
    const layers = stage.kind === 'pretrain' ? stage.layers.length : 1;
    return layers * Math.min(whole, maxSteps ?? whole);
  });
  const stopsEarly = stages.some((stage) => stage.kind === 'train' && trainSettings(stage.settings).stop !== null);
  return { steps: steps.reduce((total, each) => total + each, 0), stopsEarly };
}
