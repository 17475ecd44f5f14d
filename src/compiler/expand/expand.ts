import { hasErrors, type Outcome } from '../diagnostics/diagnostic.js';
import { Findings } from '../diagnostics/findings.js';
import { didYouMean } from '../diagnostics/suggest.js';
import { Evaluator } from '../evaluate/evaluator.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, Expression, Identifier } from '../syntax/ast.js';
import { axisValues } from './axis.js';

/** Trials beyond which a grid cannot be meant. */
const mostTrials = 1_000_000;

/** One cell of a grid: what `compileTrial` takes, and the seed. */
export interface SweepTrial {
  readonly assignments: readonly Assignment[];
  readonly data: CallExpression | null;
  readonly seed: number;
}

/** An axis as it is written: in a `sweep` block, or on the command line. */
export interface Axis {
  readonly name: Identifier;
  readonly value: Expression;
}

/**
 * The trials of a grid, in a fixed order: the first axis varies slowest, seeds fastest. Axes are params, `seed` (or
 * `seeds = n` for 1 … n) and `data`.
 */
export function expandSweep(
  bound: BoundExperiment,
  axes: readonly Axis[],
  library: Library,
): Outcome<readonly SweepTrial[]> {
  const findings = new Findings();
  const evaluator = new Evaluator(bound, [], library, findings);
  let trials: readonly SweepTrial[] = [{ assignments: [], data: null, seed: 1 }];
  const seedsLast = [...axes].sort((a, b) => Number(isSeed(a)) - Number(isSeed(b)));
  const seen = new Set<string>();
  for (const axis of seedsLast) {
    const { name } = axis.name;
    if (seen.has(name)) findings.error('AE303', `the axis '${name}' is given twice`, axis.name.span);
    seen.add(name);
    const cells = cellsOf(axis, bound, evaluator, findings);
    if (!cells) continue;
    if (trials.length * cells.length > mostTrials) {
      findings.error('AE603', `the grid has more than ${mostTrials.toLocaleString('en')} trials`, axis.value.span);
      return { value: null, diagnostics: findings.all };
    }
    trials = trials.flatMap((trial) => cells.map((cell) => cell(trial)));
  }
  return { value: hasErrors(findings.all) ? null : trials, diagnostics: findings.all };
}

type Cell = (trial: SweepTrial) => SweepTrial;

function isSeed(axis: Axis): boolean {
  return axis.name.name === 'seed' || axis.name.name === 'seeds';
}

function cellsOf(axis: Axis, bound: BoundExperiment, evaluator: Evaluator, findings: Findings): readonly Cell[] | null {
  const { name, span } = axis.name;
  if (name === 'seeds' && axis.value.kind !== 'list') return seedCount(axis.value, evaluator, findings);
  if (isSeed(axis)) return seedValues(axis.value, evaluator, findings);
  if (name === 'data') return dataSets(axis.value, findings);
  if (!bound.params.has(name)) {
    const names = [...bound.params.keys()];
    findings.error('AE601', `the experiment '${bound.name.name}' has no param '${name}' to sweep`, span, {
      hint: didYouMean(name, names) ?? `declare it: param ${name} = …; the axes are its params, seed, seeds and data`,
    });
    return null;
  }
  const values = axisValues(axis.value, evaluator, findings);
  return (
    values?.map((value) => (trial) => ({
      ...trial,
      assignments: [...trial.assignments, { name: axis.name, value }],
    })) ?? null
  );
}

function seedCount(value: Expression, evaluator: Evaluator, findings: Findings): readonly Cell[] | null {
  const count = evaluator.evaluate(value);
  if (count.type === 'number' && Number.isInteger(count.value) && count.value >= 1 && count.value <= 100_000) {
    return Array.from({ length: count.value }, (_, i) => (trial) => ({ ...trial, seed: i + 1 }));
  }
  if (count.type !== 'unknown')
    findings.error('AE306', 'seeds must be a whole number from 1 on, or a list of seeds', value.span);
  return null;
}

function seedValues(value: Expression, evaluator: Evaluator, findings: Findings): readonly Cell[] | null {
  const cells: Cell[] = [];
  for (const item of axisValues(value, evaluator, findings) ?? []) {
    const seed = evaluator.evaluate(item);
    if (seed.type === 'number' && Number.isSafeInteger(seed.value) && seed.value >= 0) {
      cells.push((trial) => ({ ...trial, seed: seed.value }));
    } else if (seed.type !== 'unknown') findings.error('AE306', 'a seed must be a whole number from 0 on', item.span);
  }
  return cells.length > 0 ? cells : null;
}

function dataSets(value: Expression, findings: Findings): readonly Cell[] | null {
  const items = value.kind === 'list' ? value.items : [value];
  const calls = items.filter((item): item is CallExpression => item.kind === 'call');
  for (const item of items) {
    if (item.kind !== 'call') findings.error('AE305', 'a data set is written as a word: mnist()', item.span);
  }
  return calls.length === items.length ? calls.map((data) => (trial) => ({ ...trial, data })) : null;
}
