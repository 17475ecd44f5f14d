import { type CompiledExperiment, compileTrial } from '../../compiler/compile.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import type { Factor, SweepTrial } from '../../compiler/expand/expand.js';
import { sameValueKey, valueText } from '../../compiler/expand/value-text.js';
import { canonicalForm, canonicalJson } from '../../compiler/ir/canonical.js';
import { ownValue } from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import type { Assignment, BoundExperiment } from '../../compiler/resolve/bound.js';
import type { CallExpression } from '../../compiler/syntax/ast.js';
import type { World } from '../../compiler/world.js';
import type { ParameterValue } from '../../runtime/events.js';
import type { GroupedDiagnostics } from './grouped-diagnostics.js';

/** Trials of a sweep that differ only in the seed, and are compiled once. */
export interface Cell {
  readonly assignments: readonly Assignment[];
  readonly data: CallExpression | null;
  readonly trials: readonly number[];
}

export interface CompiledCell extends Cell {
  readonly compiled: CompiledExperiment;
}

/** In the order of their first trials. */
export function cellsOf(trials: readonly SweepTrial[]): readonly Cell[] {
  const cells = new Map<string, Cell & { readonly trials: number[] }>();
  for (const [trial, { assignments, data }] of trials.entries()) {
    const key = [...paramTexts(assignments), data === null ? '' : `data=${valueText(data)}`].join('\n');
    const cell = cells.get(key);
    if (cell) cell.trials.push(trial);
    else cells.set(key, { assignments, data, trials: [trial] });
  }
  return [...cells.values()];
}

export interface CellOptions {
  readonly library: Library;
  readonly epochs?: number | null;
  readonly maxSteps?: number | null;
  readonly mostParameters?: number | null;
}

/** Compiles every cell; collects the diagnostics of those with errors and omits them. */
export function compileCells(
  cells: readonly Cell[],
  bound: BoundExperiment,
  world: World,
  { library, epochs, maxSteps, mostParameters }: CellOptions,
  grouped: GroupedDiagnostics,
): readonly CompiledCell[] {
  return cells.flatMap((cell) => {
    const { value: compiled, diagnostics } = compileTrial(bound, {
      library,
      world,
      assignments: cell.assignments,
      data: cell.data,
      epochs: epochs ?? null,
      maxSteps: maxSteps ?? null,
      ...(mostParameters ? { mostParameters } : {}),
    });
    grouped.add(diagnostics, cell.trials);
    return compiled ? [{ ...cell, compiled }] : [];
  });
}

/**
 * Drops cells equal to an earlier one: `init=zeros` and `init=zeros()` compile to one experiment. A cell with only some
 * repeated seeds keeps the others.
 * @param names of the axes that vary
 */
export function withoutRepetitions(
  cells: readonly CompiledCell[],
  trials: readonly SweepTrial[],
  names: readonly string[],
  library: Library,
  grouped: GroupedDiagnostics,
): readonly CompiledCell[] {
  const seen = new Map<string, SweepTrial>();
  return cells.flatMap((cell) => {
    const experiment = trainedBy(cell.compiled, library);
    const kept = cell.trials.filter((number) => {
      const trial = trials[number];
      if (!trial) return false;
      const key = `${experiment} ${trial.seed}`;
      const same = seen.get(key);
      if (same) grouped.add([repetition(trial, same, names)], [number]);
      else seen.set(key, trial);
      return !same;
    });
    return kept.length > 0 ? [{ ...cell, trials: kept }] : [];
  });
}

/**
 * A key of experiments that train alike. Unlike the identity, it equates `mnist(take=60000)` and `mnist()`: both are
 * stored, and one identity would change theirs.
 */
function trainedBy({ ir, starts }: CompiledExperiment, library: Library): string {
  const { dataset, train, validation, test } = ir.data;
  const parts: Readonly<Record<string, number>> = { take: train, validation, test };
  const written = Object.entries(dataset.arguments).map(([name, argument]) => {
    const value = ownValue(parts, name);
    return [name, value === undefined ? argument : ({ value, origin: 'given' } as const)] as const;
  });
  const whole = { ...dataset, arguments: Object.fromEntries(written) };
  const form = canonicalForm({ ...ir, data: { ...ir.data, dataset: whole } }, library);
  // The canonical form omits paths and the names of stored runs, and so what is read.
  return canonicalJson([
    form,
    written.map(([name, { value }]) => [name, JSON.stringify(value)]),
    ...(ir.target === null ? [] : [JSON.stringify(ir.target.dataset.arguments)]),
    starts.map(({ address, run, layer }) => [address, run, layer]),
  ]);
}

function repetition(trial: SweepTrial, same: SweepTrial, names: readonly string[]): Diagnostic {
  const differing = trial.assignments.find(({ name, value }) => {
    const other = same.assignments.find((each) => each.name.name === name.name);
    return other !== undefined && valueText(other.value) !== valueText(value);
  });
  return {
    code: 'AE604',
    severity: 'warning',
    message: `this is the trial ${describeTrial(same, names)} in other words`,
    span: differing?.value.span ?? null,
    related: [],
    hint: 'they are trained once',
  };
}

/** The trials of some cells, and the cells with their numbers among these. */
export function renumbered(
  cells: readonly CompiledCell[],
  trials: readonly SweepTrial[],
): { readonly cells: readonly CompiledCell[]; readonly trials: readonly SweepTrial[] } {
  const kept = cells.flatMap((cell) => cell.trials).sort((a, b) => a - b);
  const places = new Map(kept.map((trial, place) => [trial, place]));
  return {
    trials: kept.flatMap((trial) => trials[trial] ?? []),
    cells: cells.map((cell) => ({ ...cell, trials: cell.trials.flatMap((trial) => places.get(trial) ?? []) })),
  };
}

/** `rho=0.05`, as a recipe has them. */
export function paramTexts(assignments: readonly Assignment[]): readonly string[] {
  return assignments.map(({ name, value }) => `${name.name}=${valueText(value)}`);
}

/** The axes that have more than one value, without the seeds. */
export function varyingNames(factors: readonly Factor[]): readonly string[] {
  return factors.flatMap(({ names, steps }) =>
    names.flatMap(({ name }) => {
      const keys = new Set(
        steps.map(({ assignments, data }) => {
          const value = name === 'data' ? data : assignments.find((a) => a.name.name === name)?.value;
          return value ? sameValueKey(value) : '';
        }),
      );
      return keys.size > 1 ? [name] : [];
    }),
  );
}

/** A cell's values for some axes. */
export function valuesOf(cell: CompiledCell, names: readonly string[]): Readonly<Record<string, ParameterValue>> {
  return parametersOf(cell.compiled, cell.data && valueText(cell.data), names);
}

/** @param data the text of another data set than the experiment's own */
export function parametersOf(
  { params }: CompiledExperiment,
  data: string | null,
  names: readonly string[],
): Readonly<Record<string, ParameterValue>> {
  const known = new Map(params.map(({ name, value }) => [name, value]));
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = name === 'data' ? data : known.get(name);
      return value === null || value === undefined ? [] : [[name, value]];
    }),
  );
}

/** `rho=0.1 beta=3`: a trial as messages name it. */
export function describeTrial({ assignments, data, seed }: SweepTrial, names: readonly string[]): string {
  const texts = names.flatMap((name) => {
    const value = name === 'data' ? data : assignments.find((a) => a.name.name === name)?.value;
    return value ? [`${name}=${valueText(value)}`] : [];
  });
  return texts.length > 0 ? texts.join(' ') : `seed=${seed}`;
}
