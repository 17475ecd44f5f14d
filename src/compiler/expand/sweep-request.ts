import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { inQuotationMarks } from '../diagnostics/suggest.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { BoundExperiment } from '../resolve/bound.js';
import { namesIn } from '../resolve/names.js';
import type { Expression, Identifier, Setting } from '../syntax/ast.js';
import type { Source, Span } from '../syntax/source.js';
import type { World } from '../world.js';
import { isDrawn } from './drawn-axis.js';
import { readTrialTable, type TrialTable, withoutColumns } from './trial-table.js';

/** An axis as written in a `sweep` block or on the command line. */
export interface Axis {
  readonly name: Identifier;
  readonly value: Expression;
}

/** A setting, with its place. */
export interface Given<T> {
  readonly value: T;
  readonly span: Span | null;
}

/** Description of a sweep before expansion. */
export interface SweepRequest {
  readonly axes: readonly Axis[];
  /** Groups of axes that advance together. */
  readonly zip: readonly (readonly Identifier[])[];
  /** Files of trials, one per row. */
  readonly tables: readonly TrialTable[];
  /** Number of points to draw from the axes that are distributions. */
  readonly draws: Given<number> | null;
  readonly method: Given<DrawMethod> | null;
  readonly drawSeed: Given<number> | null;
  /** How far back the results are that a search's next point may depend on. */
  readonly lag: Given<number> | null;
  readonly metric: Given<string> | null;
  /** Metrics that it is judged by together. */
  readonly objectives: readonly Given<string>[];
  readonly goal: Given<'min' | 'max'> | null;
  /** Best over the epochs, or the last. */
  readonly of: Given<'best' | 'last'> | null;
  readonly prune: Given<Expression> | null;
}

/** Methods whose points depend on the results of earlier ones. */
export const searchWords = ['tpe', 'cmaes'] as const;
export type SearchWord = (typeof searchWords)[number];

export const drawMethods = ['random', 'sobol', ...searchWords] as const;
/** Independent draws, Sobol's quasi-random sequence, or a search. */
export type DrawMethod = (typeof drawMethods)[number];

export function isSearch(method: DrawMethod): method is SearchWord {
  return method === 'tpe' || method === 'cmaes';
}

export const emptySweep: SweepRequest = {
  axes: [],
  zip: [],
  tables: [],
  draws: null,
  method: null,
  drawSeed: null,
  lag: null,
  metric: null,
  objectives: [],
  goal: null,
  of: null,
  prune: null,
};

interface Reading {
  readonly source: Source;
  readonly world: World;
  readonly evaluator: Evaluator;
  readonly collector: DiagnosticCollector;
}

type ReadSetting = (setting: Setting, reading: Reading) => Partial<SweepRequest>;

/** Settings of a `sweep` block that are not axes. A param of the same name takes precedence as an axis. */
const settings: ReadonlyMap<string, ReadSetting> = new Map<string, ReadSetting>([
  ['trials', (setting, reading) => ({ draws: whole(setting, 1, reading) })],
  ['draw_seed', (setting, reading) => ({ drawSeed: whole(setting, 0, reading) })],
  ['lag', (setting, reading) => ({ lag: whole(setting, 1, reading) })],
  ['method', (setting, { collector }) => ({ method: oneOf(setting, drawMethods, collector) })],
  ['goal', (setting, { collector }) => ({ goal: oneOf(setting, ['min', 'max'], collector) })],
  ['of', (setting, { collector }) => ({ of: oneOf(setting, ['best', 'last'], collector) })],
  ['metric', (setting, { collector }) => ({ metric: text(setting, 'a metric', collector) })],
  ['objectives', (setting, { collector }) => ({ objectives: texts(setting, collector) })],
  ['prune', ({ value }) => ({ prune: { value, span: value.span } })],
  ['zip', (setting, { collector }) => ({ zip: zipGroups(setting, collector) })],
  ['table', (setting, reading) => ({ tables: readTable(setting, reading) })],
]);

/** Names of the settings that a `sweep` block may have besides its axes. */
export const sweepSettings: readonly string[] = [...settings.keys()];

/** Reads an experiment's own `sweep` block. */
export function readSweepBlock(
  bound: BoundExperiment,
  world: World,
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): SweepRequest {
  let request = emptySweep;
  const axes: Axis[] = [];
  const seen = new Map<string, Span>();
  for (const setting of bound.sweep?.settings ?? []) {
    const { name, span } = setting.name;
    const read = bound.params.has(name) ? undefined : settings.get(name);
    const before = seen.get(name);
    if (before && read) {
      collector.error('AE303', `'${name}' is given twice`, span, {
        related: [{ span: before, message: 'first occurrence here' }],
      });
    } else if (read) {
      request = { ...request, ...read(setting, { source: span.source, world, evaluator, collector }) };
    } else axes.push({ name: setting.name, value: setting.value });
    seen.set(name, span);
  }
  return withoutIdleAxes({ ...request, axes }, bound);
}

/**
 * Drops the axes of an inherited block whose params are unused here: `without_penalty` has no use for its parent's
 * `rho`, so its trials would only repeat each other. Drawn axes are dropped all together or not at all, as Sobol points
 * depend on their number.
 */
function withoutIdleAxes(request: SweepRequest, bound: BoundExperiment): SweepRequest {
  if (!bound.inheritsSweep) return request;
  const used = namesIn(bound);
  const isIdle = ({ name }: Identifier) => bound.params.has(name) && !used.has(name);
  const isDrawnAxis = ({ value }: Axis) => isDrawn(value, request.draws !== null);
  const isDrawnForNothing = request.axes.filter(isDrawnAxis).every(({ name }) => isIdle(name));
  const axes = request.axes.filter((axis) => !isIdle(axis.name) || (isDrawnAxis(axis) && !isDrawnForNothing));
  const kept = new Set(axes.map(({ name }) => name.name));
  const gone = new Set(request.axes.flatMap(({ name }) => (kept.has(name.name) ? [] : [name.name])));
  return {
    ...request,
    axes,
    tables: request.tables.map((table) => withoutColumns(table, isIdle)).filter(({ columns }) => columns.length > 0),
    zip: request.zip.map((group) => group.filter(({ name }) => !gone.has(name))).filter((group) => group.length > 0),
    draws: gone.size > 0 && !axes.some(isDrawnAxis) ? null : request.draws,
  };
}

function readTable(setting: Setting, { world, source, collector }: Reading): readonly TrialTable[] {
  const path = text(setting, 'a file', collector);
  const table = path && readTrialTable(path.value, path.span, source, world, collector);
  return table ? [table] : [];
}

function whole({ name, value }: Setting, least: number, { evaluator, collector }: Reading): Given<number> | null {
  const evaluated = evaluator.evaluate(value);
  if (evaluated.type === 'number' && Number.isSafeInteger(evaluated.value) && evaluated.value >= least) {
    return { value: evaluated.value, span: value.span };
  }
  if (evaluated.type !== 'unknown') {
    collector.error('AE306', `${name.name} must be a whole number from ${least} on`, value.span);
  }
  return null;
}

function oneOf<T extends string>(
  { name, value }: Setting,
  options: readonly T[],
  collector: DiagnosticCollector,
): Given<T> | null {
  const found = options.find((option) => value.kind === 'name' && value.name === option);
  if (found !== undefined) return { value: found, span: value.span };
  collector.error('AE305', `${name.name} must be one of ${options.join(', ')}`, value.span);
  return null;
}

function text({ name, value }: Setting, what: string, collector: DiagnosticCollector): Given<string> | null {
  if (value.kind === 'string') return { value: value.value, span: value.span };
  const { source, start, end } = value.span;
  const isName = value.kind === 'name' || (value.kind === 'member' && value.object.kind === 'name');
  collector.error('AE305', `${name.name} must be ${what} in quotation marks`, value.span, {
    hint: isName ? inQuotationMarks(source.text.slice(start, end), what === 'a metric') : null,
  });
  return null;
}

function texts({ name, value }: Setting, collector: DiagnosticCollector): readonly Given<string>[] {
  const items = value.kind === 'list' ? value.items : [];
  const found = items.flatMap((item) => (item.kind === 'string' ? [{ value: item.value, span: item.span }] : []));
  if (found.length > 0 && found.length === items.length) return found;
  collector.error('AE305', `${name.name} must be a list of metrics in quotation marks`, value.span, {
    hint: 'write ["validation.sse", "validation.loss.kl_gaussian"]',
  });
  return [];
}

/** Parses `[rho, beta]`, or several groups: `[[rho, beta], [hidden, lr]]`. */
function zipGroups({ value }: Setting, collector: DiagnosticCollector): readonly (readonly Identifier[])[] {
  if (value.kind === 'list') {
    const nested = value.items.every((item) => item.kind === 'list');
    const groups = nested ? value.items : [value];
    const read = groups.map((group) => (group.kind === 'list' ? group.items.map(identifierOf) : [null]));
    const names = read.map((group) => group.filter((name) => name !== null));
    if (groups.length > 0 && names.every((group, i) => group.length > 0 && group.length === read[i]?.length)) {
      return names;
    }
  }
  collector.error('AE305', 'zip takes the names of axes: [rho, beta]', value.span);
  return [];
}

function identifierOf(expression: Expression): Identifier | null {
  return expression.kind === 'name' ? { name: expression.name, span: expression.span } : null;
}
