import { checkBlocksAlone } from '../../compiler/check/unplaced-blocks.js';
import {
  bindExperiment,
  type CompiledExperiment,
  type CompileOptions,
  compileTrial,
  mistakesBesideSyntax,
  type ShapeTrace,
} from '../../compiler/compile.js';
import { checkedDefinitions, experimentLibrary } from '../../compiler/definitions/experiment-library.js';
import { DiagnosticCollector } from '../../compiler/diagnostics/collector.js';
import { type Diagnostic, hasErrors, type Outcome } from '../../compiler/diagnostics/diagnostic.js';
import type { BoundExperiment } from '../../compiler/resolve/bound.js';
import { definitionsOf } from '../../compiler/resolve/definitions.js';
import type { FileNode } from '../../compiler/syntax/ast.js';
import { parse } from '../../compiler/syntax/parse.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import type { Words } from '../../words/word.js';
import { planSweep } from './sweep-plan.js';

/**
 * Binds one experiment of a file, or all of them. A file that does not parse has no experiments, but any other problems
 * are reported beside the syntax errors.
 * @param name null for all
 */
export function bindExperiments(
  source: Source,
  name: string | null,
  options: Pick<CompileOptions, 'library' | 'world' | 'data'>,
): readonly Outcome<BoundExperiment>[] {
  const { value, diagnostics } = parse(source);
  if (value !== null && name === null && value.experiments.length === 0 && value.definitions.length > 0) {
    return [definitionsAlone(value, diagnostics, options)];
  }
  const all = value === null || hasErrors(diagnostics) ? [] : value.experiments.map((each) => each.name.name);
  const names = name === null && all.length > 0 ? all : [name];
  const outcomes = names.map((each) => bindExperiment(source, each, options.world));
  if (outcomes.some((outcome) => outcome.value !== null)) return outcomes;
  const beside = mistakesBesideSyntax(source, name, options);
  return beside.length === 0 ? outcomes : [...outcomes, { value: null, diagnostics: beside }];
}

/** A file that only defines words for others. */
function definitionsAlone(
  file: FileNode,
  found: readonly Diagnostic[],
  { library, world }: Pick<CompileOptions, 'library' | 'world'>,
): Outcome<BoundExperiment> {
  const collector = new DiagnosticCollector();
  collector.addAll(found);
  const definitions = definitionsOf([file], world, collector);
  collector.addAll(checkedDefinitions(definitions, library).diagnostics);
  checkBlocksAlone(definitions, experimentLibrary(definitions, library), collector);
  return { value: null, diagnostics: collector.all };
}

export interface CheckOptions extends Pick<CompileOptions, 'assignments' | 'data'> {
  readonly library: Words;
  readonly world: World;
  /** Over the axes of the file, as words of the command line. */
  readonly axes?: readonly string[];
  /** The data set of `data`, as a word of the command line. */
  readonly dataText?: string | null;
  readonly mostParameters?: number | null;
  /** Sweeps of more trials are not looked into; null for any number. */
  readonly mostTrials: number | null;
}

/** Result of a check, besides its diagnostics. */
export interface CheckedExperiment {
  readonly bound: BoundExperiment;
  /** Null if there are errors. */
  readonly compiled: CompiledExperiment | null;
  readonly shapes: ShapeTrace;
  /** Number of trials in its own sweep, 1 without a sweep, and 0 if the sweep has errors. */
  readonly trials: number;
  /** Whether all its trials were compiled. */
  readonly isSweepChecked: boolean;
}

/** Compiles an experiment, and every trial of its own sweep; a problem common to several trials is reported once. */
export function checkExperiment(
  bound: BoundExperiment,
  options: CheckOptions,
  collector: DiagnosticCollector,
): CheckedExperiment {
  const { library, world, assignments = [], data = null, mostParameters: most = null } = options;
  const limit = most === null ? {} : { mostParameters: most };
  const { value, diagnostics, shapes } = compileTrial(bound, { library, world, assignments, data, ...limit });
  collector.addAll(diagnostics);
  return { bound, compiled: value, shapes, ...checkSweep(bound, options, collector) };
}

function checkSweep(bound: BoundExperiment, options: CheckOptions, collector: DiagnosticCollector) {
  if (bound.sweep === null) return { trials: 1, isSweepChecked: true };
  const { library, world, axes = [], dataText = null, mostParameters = null, mostTrials } = options;
  const { value, diagnostics, tooMany } = planSweep({
    library,
    world,
    source: bound.source,
    experiment: bound.name.name,
    axes,
    data: dataText,
    mostParameters,
    mostTrials,
  });
  // That it is large is no mistake of the file: `sweep` trains it with --yes.
  if (tooMany !== undefined) return { trials: tooMany, isSweepChecked: false };
  collector.addAll(diagnostics);
  const search = value?.search ?? null;
  const trials = search === null ? (value?.trials.length ?? 0) : search.points * search.seeds.length;
  return { trials, isSweepChecked: true };
}
