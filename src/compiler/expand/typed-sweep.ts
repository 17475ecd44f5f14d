import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { Library } from '../library/library.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { Expression, Identifier } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import type { World } from '../world.js';
import { placeAxisPaths } from './axis-paths.js';
import { readAxis, readValues } from './axis-text.js';
import { isDrawn } from './drawn-axis.js';
import { splitOutsideBrackets } from './piece.js';
import { readPruningText } from './pruning.js';
import {
  type Axis,
  type DrawMethod,
  emptySweep,
  type Given,
  readSweepBlock,
  type SweepRequest,
} from './sweep-request.js';
import { readTrialTable, type TrialTable } from './trial-table.js';

/** Arguments of `aedsl sweep` that extend the file's `sweep` block. */
export interface TypedSweep {
  /** In the order typed: `rho=0.01,0.05`, `lr=log:1e-4:1e-2:5`, `@trials.csv`. */
  readonly axes?: readonly string[];
  /** Whether the file's `sweep` block counts; true by default. */
  readonly fileAxes?: boolean;
  /** Each `rho,beta`: axes that go step by step together. In place of the file's. */
  readonly zip?: readonly string[];
  /** `5` for the seeds 1 to 5, or `1,2,7`. */
  readonly seeds?: string | null;
  /** Points to draw of the axes that are distributions. */
  readonly draws?: number | null;
  readonly method?: DrawMethod | null;
  /** Another seed draws other points; 1 by default. */
  readonly drawSeed?: number | null;
  /** Of a search: point i depends on the results of 0 to i − lag; 4 by default. */
  readonly lag?: number | null;
  /** `validation.loss`: what the sweep is about. */
  readonly metric?: string | null;
  /** Metrics that the sweep is judged by together: `test.sse`. In place of the file's; one of them is `metric`. */
  readonly objectives?: readonly string[];
  readonly goal?: 'min' | 'max' | null;
  readonly of?: 'best' | 'last' | null;
  /** `halving`, `median(from=2)`, `asha:reduction=4`. */
  readonly prune?: string | null;
  /** Another data set for all trials: `digits`. */
  readonly data?: string | null;
}

/**
 * Reads what the file's `sweep` block and the command line ask for together. An axis of the command line takes the
 * place of the file's axis of that name, or comes after all; any other setting of the command line replaces the file's.
 */
export function readSweep(
  bound: BoundExperiment,
  typed: TypedSweep,
  world: World,
  evaluator: Evaluator,
  library: Library,
  collector: DiagnosticCollector,
): SweepRequest {
  const own = typed.fileAxes === false ? emptySweep : readSweepBlock(bound, world, evaluator, collector);
  const given = readTyped(typed, world, collector);
  const named = new Set([
    ...given.axes.map((axis) => meant(axis.name)),
    ...given.tables.flatMap(({ columns }) => columns.map(meant)),
  ]);
  // A file's axis gives way to the one that replaces it, there; what is there twice is reported as such.
  const kept = own.axes.flatMap((axis) => {
    if (!named.has(meant(axis.name))) return [axis];
    return given.axes.filter((other) => meant(other.name) === meant(axis.name));
  });
  const axes = [...kept, ...given.axes.filter((axis) => !kept.includes(axis))];
  const draws = given.draws ?? own.draws;
  const nothingDrawn = given.draws === null && !axes.some(({ value }) => isDrawn(value, true));
  const tables = own.tables.filter(({ columns }) => !columns.some((name) => named.has(meant(name))));
  const metrics = metricsGiven(given, own);
  const isWritten = (axis: Axis) => own.axes.includes(axis);
  return {
    ...placeAxisPaths({ axes, tables: [...tables, ...given.tables] }, isWritten, bound, library, world),
    zip: given.zip.length > 0 ? given.zip : own.zip,
    draws: nothingDrawn && named.size > 0 ? null : draws,
    method: given.method ?? own.method,
    drawSeed: given.drawSeed ?? own.drawSeed,
    lag: given.lag ?? own.lag,
    ...metrics,
    goal: given.goal ?? own.goal,
    of: given.of ?? own.of,
    prune: given.prune ?? own.prune,
  };
}

/** A typed metric or objectives replace both of the file's; a single objective is the metric. */
function metricsGiven(given: SweepRequest, own: SweepRequest): Pick<SweepRequest, 'metric' | 'objectives'> {
  const { metric, objectives } = given.metric === null && given.objectives.length === 0 ? own : given;
  const [only, second] = objectives;
  if (only === undefined || second !== undefined) return { metric, objectives };
  return { metric: metric ?? only, objectives: [] };
}

/** `seeds` is another way to write `seed`. */
function meant({ name }: Identifier): string {
  return name === 'seeds' ? 'seed' : name;
}

function readTyped(typed: TypedSweep, world: World, collector: DiagnosticCollector): SweepRequest {
  const axes: Axis[] = [];
  const tables: TrialTable[] = [];
  const add = (axis: Axis | null) => {
    if (axis) axes.push(axis);
  };
  for (const word of typed.axes ?? []) {
    if (word.startsWith('@')) {
      const source: Source = { path: 'command line', text: word };
      const span = { source, start: 0, end: word.length };
      const table = readTrialTable(word.slice(1), span, null, world, collector);
      if (table) tables.push(table);
    } else add(readAxis(word, collector));
  }
  if (isGiven(typed.data)) add(readAxis(`data=${typed.data}`, collector));
  if (isGiven(typed.seeds)) add(seedsAxis(typed.seeds, collector));
  return {
    axes,
    tables,
    zip: (typed.zip ?? []).map((names) => zipGroup(names, collector)).filter((names) => names.length > 0),
    draws: option('trials', typed.draws),
    method: option('method', typed.method),
    drawSeed: option('draw-seed', typed.drawSeed),
    lag: option('lag', typed.lag),
    metric: option('metric', typed.metric),
    objectives: (typed.objectives ?? []).flatMap((name) => option('objective', name) ?? []),
    goal: option('goal', typed.goal),
    of: option('of', typed.of),
    prune: isGiven(typed.prune) ? pruneOption(typed.prune, collector) : null,
  };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** A value, shown as the option that it was given by. */
function option<T extends string | number>(name: string, value: T | null | undefined): Given<T> | null {
  if (!isGiven(value)) return null;
  const { source, start } = optionSource(name, String(value));
  return { value, span: { source, start, end: source.text.length } };
}

function optionSource(name: string, value: string): { readonly source: Source; readonly start: number } {
  return { source: { path: 'command line', text: `--${name} ${value}` }, start: name.length + 3 };
}

function seedsAxis(text: string, collector: DiagnosticCollector): Axis | null {
  const { source, start } = optionSource('seeds', text);
  const value = readValues(source, { start, end: source.text.length }, collector);
  return value && { name: { name: 'seeds', span: { source, start: 2, end: start - 1 } }, value };
}

function zipGroup(text: string, collector: DiagnosticCollector): readonly Identifier[] {
  const { source, start } = optionSource('zip', text);
  return splitOutsideBrackets(source.text, { start, end: source.text.length }, ',').flatMap((part) => {
    const name = source.text.slice(part.start, part.end).trim();
    const span = { source, ...part };
    if (/^[A-Za-z_]\w*$/.test(name)) return [{ name, span }];
    collector.error('AE607', `'${name}' is not the name of an axis to zip`, span, {
      hint: 'write it as: --zip rho,beta',
    });
    return [];
  });
}

function pruneOption(text: string, collector: DiagnosticCollector): Given<Expression> | null {
  const { source, start } = optionSource('prune', text);
  const { value, diagnostics } = readPruningText(source, start);
  collector.addAll(diagnostics);
  return value && { value, span: value.span };
}
