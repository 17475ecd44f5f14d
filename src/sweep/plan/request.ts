import type { Findings } from '../../compiler/diagnostics/findings.js';
import type { Evaluator } from '../../compiler/evaluate/evaluator.js';
import { isDrawn } from '../../compiler/expand/drawn-axis.js';
import { splitOutsideBrackets } from '../../compiler/expand/piece.js';
import {
  type Axis,
  emptySweep,
  type Given,
  readSweepBlock,
  type SweepRequest,
} from '../../compiler/expand/sweep-request.js';
import { readTrialTable, type TrialTable } from '../../compiler/expand/trial-table.js';
import type { Library } from '../../compiler/library/library.js';
import type { BoundExperiment } from '../../compiler/resolve/bound.js';
import type { Expression, Identifier } from '../../compiler/syntax/ast.js';
import type { Source } from '../../compiler/syntax/source.js';
import type { World } from '../../compiler/world.js';
import { UsageError } from '../../project/params.js';
import { readSourceFile } from '../../project/world.js';
import { placeAxisPaths } from './axis-paths.js';
import { readAxis, readValues } from './axis-text.js';
import { readPruningText } from './pruning.js';
import type { SweepOptions } from './sweep-options.js';

/**
 * What the file's `sweep` block and the command line ask for together. An axis of the command line takes the place of the
 * file's axis of that name, or comes after all; anything else that the command line says is said in place of the file.
 * @throws UsageError for words that are no axes
 */
export function requestOf(
  bound: BoundExperiment,
  options: SweepOptions,
  world: World,
  evaluator: Evaluator,
  library: Library,
  findings: Findings,
): SweepRequest {
  const own = options.fileAxes === false ? emptySweep : readSweepBlock(bound, world, evaluator, findings);
  const given = commandLine(options, findings);
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
  const isWritten = (axis: Axis) => own.axes.includes(axis);
  return {
    ...placeAxisPaths({ axes, tables: [...tables, ...given.tables] }, isWritten, bound, library),
    zip: given.zip.length > 0 ? given.zip : own.zip,
    draws: nothingDrawn && named.size > 0 ? null : draws,
    method: given.method ?? own.method,
    drawSeed: given.drawSeed ?? own.drawSeed,
    metric: given.metric ?? own.metric,
    goal: given.goal ?? own.goal,
    of: given.of ?? own.of,
    prune: given.prune ?? own.prune,
  };
}

/** `seeds` is another way to write `seed`. */
function meant({ name }: Identifier): string {
  return name === 'seeds' ? 'seed' : name;
}

function commandLine(options: SweepOptions, findings: Findings): SweepRequest {
  const axes: Axis[] = [];
  const tables: TrialTable[] = [];
  for (const word of options.axes ?? []) {
    if (word.startsWith('@')) {
      const source: Source = { path: 'command line', text: word };
      const span = { source, start: 0, end: word.length };
      // A file that a person names may lie anywhere.
      const table = readTrialTable(word.slice(1), span, source, { readTable: readSourceFile }, findings);
      if (table) tables.push(table);
      continue;
    }
    const { value, diagnostics } = readAxis(word);
    findings.addAll(diagnostics);
    if (value) axes.push(value);
  }
  for (const [name, text] of [
    ['data', options.data],
    ['seeds', options.seeds],
  ] as const) {
    if (text === null || text === undefined) continue;
    const axis = optionAxis(name, text, findings);
    if (axis) axes.push(axis);
  }
  return {
    axes,
    tables,
    zip: (options.zip ?? []).map(zipGroup),
    draws: option('trials', options.draws),
    method: option('method', options.method),
    drawSeed: option('draw-seed', options.drawSeed),
    metric: option('metric', options.metric),
    goal: option('goal', options.goal),
    of: option('of', options.of),
    prune: options.prune ? pruneOption(options.prune, findings) : null,
  };
}

/** A value, shown as the option that it was given by. */
function option<T extends string | number>(name: string, value: T | null | undefined): Given<T> | null {
  if (value === null || value === undefined) return null;
  const { source, start } = optionSource(name, String(value));
  return { value, span: { source, start, end: source.text.length } };
}

function optionSource(name: string, value: string): { readonly source: Source; readonly start: number } {
  return { source: { path: 'command line', text: `--${name} ${value}` }, start: name.length + 3 };
}

function optionAxis(name: 'data' | 'seeds', text: string, findings: Findings): Axis | null {
  const { source, start } = optionSource(name, text);
  if (name === 'data') {
    const axis = readAxis(`data=${text}`);
    findings.addAll(axis.diagnostics);
    return axis.value;
  }
  const { value, diagnostics } = readValues(source, { start, end: source.text.length });
  findings.addAll(diagnostics);
  return value && { name: { name, span: { source, start: 2, end: start - 1 } }, value };
}

function zipGroup(text: string): readonly Identifier[] {
  const { source, start } = optionSource('zip', text);
  return splitOutsideBrackets(source.text, { start, end: source.text.length }, ',').map((part) => {
    const name = source.text.slice(part.start, part.end).trim();
    if (/^[A-Za-z_]\w*$/.test(name)) return { name, span: { source, ...part } };
    throw new UsageError(`'${name}' is not the name of an axis to zip`, 'write it as: --zip rho,beta');
  });
}

function pruneOption(text: string, findings: Findings): Given<Expression> | null {
  const { value, diagnostics } = readPruningText(text);
  findings.addAll(diagnostics);
  return value && { value, span: value.span };
}
