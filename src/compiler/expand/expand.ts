import { groupedText } from '../../text/number-text.js';
import { placesOf } from '../check/literal-places.js';
import { DiagnosticCollector } from '../diagnostics/collector.js';
import { hasErrors, type Outcome } from '../diagnostics/diagnostic.js';
import { belongsElsewhere } from '../diagnostics/habits.js';
import { meantName, someOf } from '../diagnostics/suggest.js';
import { Evaluator } from '../evaluate/evaluator.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type { CallExpression, Expression, Identifier } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { axisValues } from './axis.js';
import { isDrawn } from './drawn-axis.js';
import { drawPoints, type ProposedPoints, type UnitNumbers } from './points.js';
import type { Axis, SweepRequest } from './sweep-request.js';
import { sweepSettings } from './sweep-request.js';
import type { TrialTable } from './trial-table.js';
import { sameValueKey } from './value-text.js';

const mostAxes = 1000;

/** Most trials that a sweep may have: all are compiled and kept before the first one trains. */
const mostTrials = 100_000;

/** One cell of a grid: the input of `compileTrial`, and the seed. */
export interface SweepTrial {
  readonly assignments: readonly Assignment[];
  readonly data: CallExpression | null;
  readonly seed: number;
}

/** An axis, or a group of zipped axes: the value of each at every step. */
export interface Factor {
  readonly names: readonly Identifier[];
  readonly steps: readonly Step[];
}

/** Assignments of one step of a factor. */
export interface Step {
  readonly assignments: readonly Assignment[];
  readonly data: CallExpression | null;
  readonly seed: number | null;
}

/**
 * Determines what varies in a sweep, slowest first: enumerated axes, zipped axes, tables of trials, and all drawn axes
 * together. Axes are params, `seed` (or `seeds = n` for 1 … n) and `data`; seeds always vary fastest.
 */
export function sweepFactors(
  bound: BoundExperiment,
  request: SweepRequest,
  library: Library,
  numbers: UnitNumbers | ProposedPoints,
): Outcome<readonly Factor[]> {
  const collector = new DiagnosticCollector();
  const factors = new Expansion(bound, request, library, numbers, collector).factors();
  return { value: hasErrors(collector.all) ? null : factors, diagnostics: collector.all };
}

/** Number of trials in the product of the factors. */
export function trialCount(factors: readonly Factor[]): number {
  return factors.reduce((count, { steps }) => count * steps.length, 1);
}

/** Reports a sweep with more trials than the user is likely to mean. */
export function reportTooMany(
  factors: readonly Factor[],
  request: SweepRequest,
  most: number,
  collector: DiagnosticCollector,
): void {
  const count = groupedText(trialCount(factors));
  const message = `the sweep has ${count} trials, more than ${groupedText(most)}`;
  collector.error('AE603', message, placeOfMore(factors, request, most), {
    hint: 'make an axis shorter, draw some of them with uniform(…) and --trials, or say that you mean it with --yes',
  });
}

/** The first axis with which a sweep has more than `most` trials. */
function placeOfMore(factors: readonly Factor[], { axes }: SweepRequest, most: number): Span | null {
  const over = factors.findIndex((_, i) => trialCount(factors.slice(0, i + 1)) > most);
  const name = factors[over]?.names[0];
  return axes.find((axis) => axis.name === name)?.value.span ?? name?.span ?? null;
}

/** Cartesian product of the factors' steps, the first factor varying slowest; the seed defaults to 1. */
export function crossFactors(factors: readonly Factor[]): readonly SweepTrial[] {
  let trials: readonly SweepTrial[] = [{ assignments: [], data: null, seed: 1 }];
  for (const { steps } of factors) {
    trials = trials.flatMap((trial) =>
      steps.map(({ assignments, data, seed }) => ({
        assignments: [...trial.assignments, ...assignments],
        data: data ?? trial.data,
        seed: seed ?? trial.seed,
      })),
    );
  }
  return trials;
}

/** Values of one axis by step. */
interface Column {
  readonly name: Identifier;
  readonly values: readonly Expression[];
}

/** Builds factors of axes in the order of the request, with all diagnostics. */
class Expansion {
  readonly #bound: BoundExperiment;
  readonly #request: SweepRequest;
  readonly #library: Library;
  readonly #numbers: UnitNumbers | ProposedPoints;
  readonly #evaluator: Evaluator;
  readonly #collector: DiagnosticCollector;

  constructor(
    bound: BoundExperiment,
    request: SweepRequest,
    library: Library,
    numbers: UnitNumbers | ProposedPoints,
    collector: DiagnosticCollector,
  ) {
    this.#bound = bound;
    this.#request = request;
    this.#library = library;
    this.#numbers = numbers;
    this.#evaluator = new Evaluator(bound, [], library, collector);
    this.#collector = collector;
  }

  factors(): readonly Factor[] {
    const { axes, tables, draws } = this.#request;
    if (axes.length > mostAxes) {
      this.#collector.error(
        'AE310',
        `a sweep of ${axes.length} axes: the limit is ${mostAxes}`,
        axes[mostAxes]?.name.span ?? null,
        {
          hint: 'give the trials one by one, in a table',
        },
      );
      return [];
    }
    this.#checkNames();
    const drawn = axes.filter((axis) => isDrawn(axis.value, draws !== null));
    this.#checkDraws(drawn);
    const factors: (Factor | null)[] = tables.map((table) => this.#tableFactor(table));
    const done = new Set<string>();
    for (const axis of axes) {
      const { name } = axis.name;
      if (done.has(name)) continue;
      const group = this.#request.zip.find((names) => names.some((each) => each.name === name));
      if (drawn.includes(axis)) {
        for (const each of drawn) done.add(each.name.name);
        factors.push(this.#drawnFactor(drawn));
      } else if (group) {
        const zipped = axes.filter((each) => !drawn.includes(each) && group.some((g) => g.name === each.name.name));
        for (const each of zipped) done.add(each.name.name);
        factors.push(this.#zipFactor(zipped, group));
      } else {
        done.add(name);
        factors.push(this.#listedFactor(axis));
      }
    }
    const found = factors.filter((factor) => factor !== null);
    const seedsLast = [...found].sort((a, b) => Number(isSeedsAlone(a)) - Number(isSeedsAlone(b)));
    this.#checkSize(seedsLast);
    return seedsLast;
  }

  /** Checks that every axis exists and occurs only once. */
  #checkNames(): void {
    const { axes, tables, zip } = this.#request;
    const seen = new Map<string, Span>();
    for (const name of [...tables.flatMap(({ columns }) => columns), ...axes.map((axis) => axis.name)]) {
      const meant = name.name === 'seeds' ? 'seed' : name.name;
      const before = seen.get(meant);
      if (before) {
        const related = [{ span: before, message: 'first occurrence here' }];
        this.#collector.error('AE303', `the axis '${name.name}' is given twice`, name.span, { related });
      }
      seen.set(meant, name.span);
      if (meant !== 'seed' && meant !== 'data' && !this.#bound.params.has(meant)) this.#reportUnknown(name);
    }
    const zipped = new Set<string>();
    const names = axes.map((axis) => axis.name.name);
    const known = new Set(names);
    for (const name of zip.flat()) {
      if (zipped.has(name.name)) {
        this.#collector.error('AE303', `'${name.name}' is zipped twice`, name.span);
      } else if (!known.has(name.name)) {
        this.#collector.error('AE607', `'${name.name}' is zipped, but is not an axis of this sweep`, name.span, {
          hint: meantName(name.name, names) ?? (names.length > 0 ? `the axes are ${someOf(names)}` : null),
        });
      }
      zipped.add(name.name);
    }
  }

  #reportUnknown({ name, span }: Identifier): void {
    const message = `the experiment '${this.#bound.name.name}' has no param '${name}' to sweep`;
    this.#collector.error('AE601', message, span, () => {
      const names = [...this.#bound.params.keys()];
      const { places, hint } = placesOf(name, this.#bound, this.#library);
      const meant = meantName(name, [...names, ...(places.length > 0 ? [] : sweepSettings)]);
      const has = names.length > 0 ? `it has ${someOf(names)}` : 'it has none';
      return {
        related: places.slice(0, 3).map((place) => ({ span: place, message: 'this value could become a param' })),
        hint: hint ?? meant ?? belongsElsewhere(name) ?? `${has}; seed, seeds and data are axes too`,
      };
    });
  }

  #checkDraws(drawn: readonly Axis[]): void {
    const { draws, zip, axes } = this.#request;
    const [first] = drawn;
    if (first && draws === null) {
      const message = `'${first.name.name}' is drawn at random, but the number of trials to draw is missing`;
      this.#collector.error('AE606', message, first.value.span, {
        hint: 'add --trials 20, or trials = 20 in the sweep block',
      });
    }
    if (!first && draws !== null) {
      const [listed] = axes;
      const example = listed ? `${listed.name.name}=uniform:0:1` : 'rho=uniform:0:1';
      this.#collector.error('AE606', 'trials are to be drawn, but no axis is a distribution', draws.span, {
        hint: `such as: ${example}, or loguniform, int, choice; a list is never sampled`,
      });
    }
    for (const name of zip.flat()) {
      const axis = drawn.find((each) => each.name.name === name.name);
      if (!axis) continue;
      this.#collector.error('AE607', `'${name.name}' is drawn, and drawn axes cannot be zipped`, name.span, {
        hint: 'drawn axes vary together anyway',
      });
    }
  }

  #drawnFactor(drawn: readonly Axis[]): Factor | null {
    const { draws } = this.#request;
    if (draws === null) return null;
    if (draws.value > mostTrials) {
      this.#collector.error('AE603', tooManyTrials, draws.span, { hint: tooManyHint });
      return null;
    }
    const calls = drawn.flatMap(({ name, value }) => (value.kind === 'call' ? [{ name, value }] : []));
    const points = drawPoints(calls, draws.value, draws.span, this.#numbers, this.#evaluator, this.#collector);
    return (
      points &&
      this.#factorOf(
        calls.map(({ name }) => name),
        points,
      )
    );
  }

  #listedFactor(axis: Axis): Factor | null {
    const column = this.#column(axis);
    return (
      column &&
      this.#factorOf(
        [column.name],
        column.values.map((value) => [value]),
      )
    );
  }

  #zipFactor(axes: readonly Axis[], group: readonly Identifier[]): Factor | null {
    const columns = axes.map((axis) => this.#column(axis));
    const found = columns.filter((column) => column !== null);
    const [first, ...others] = found;
    if (!first || found.length < columns.length) return null;
    const uneven = others.find(({ values }) => values.length !== first.values.length);
    if (uneven) {
      const lengths = found.map(({ name, values }) => `${name.name} has ${values.length}`).join(', ');
      const place = group.find(({ name }) => name === uneven.name.name)?.span ?? uneven.name.span;
      this.#collector.error('AE607', `zipped axes must have equally many values, but ${lengths}`, place, {
        related: found.map(({ name }) => ({ span: name.span, message: 'this axis' })),
      });
      return null;
    }
    const rows = first.values.map((_, i) => found.flatMap(({ values }) => values.slice(i, i + 1)));
    return this.#factorOf(
      found.map(({ name }) => name),
      rows,
    );
  }

  #tableFactor({ columns, rows }: TrialTable): Factor | null {
    return this.#factorOf(columns, rows);
  }

  #column({ name, value }: Axis): Column | null {
    if (name.name === 'seeds' && value.kind !== 'list' && value.kind !== 'call') {
      const count = this.#evaluator.evaluate(value);
      if (count.type === 'number' && count.value > mostTrials) {
        this.#collector.error('AE603', tooManyTrials, value.span, { hint: tooManyHint });
        return null;
      }
      if (count.type === 'number' && Number.isInteger(count.value) && count.value >= 1) {
        const { span } = value;
        const values = Array.from({ length: count.value }, (_, i): Expression => {
          return { kind: 'number', value: i + 1, text: String(i + 1), span };
        });
        return { name, values };
      }
      if (count.type !== 'unknown') {
        this.#collector.error('AE306', 'seeds must be a positive whole number, or a list of seeds', value.span);
      }
      return null;
    }
    const values = axisValues(value, this.#evaluator, this.#collector);
    return values && { name, values };
  }

  /** @param rows a value for every name */
  #factorOf(names: readonly Identifier[], rows: readonly (readonly Expression[])[]): Factor | null {
    const steps: Step[] = [];
    const seen = new Set<string>();
    let right = true;
    for (const row of rows) {
      const key = row.map(sameValueKey).join('\n');
      const [first] = row;
      if (seen.has(key) && first) {
        const what = names.length === 1 ? `the axis has the value ${key}` : 'the sweep has these values';
        this.#collector.warning('AE604', `${what} twice`, first.span, { hint: 'they are trained once' });
        continue;
      }
      seen.add(key);
      const step = this.#step(names, row);
      if (step) steps.push(step);
      else right = false;
    }
    return right ? { names, steps } : null;
  }

  #step(names: readonly Identifier[], row: readonly Expression[]): Step | null {
    const assignments: Assignment[] = [];
    let data: CallExpression | null = null;
    let seed: number | null = null;
    let right = true;
    for (const [i, name] of names.entries()) {
      const value = row[i];
      if (value === undefined) continue;
      if (name.name === 'data') {
        data = this.#dataSet(value);
        right &&= data !== null;
      } else if (isSeed(name)) {
        seed = this.#seed(value);
        right &&= seed !== null;
      } else assignments.push({ name, value });
    }
    return right ? { assignments, data, seed } : null;
  }

  #dataSet(value: Expression): CallExpression | null {
    if (value.kind === 'call' && value.block === null) return value;
    this.#collector.error('AE305', 'a data set is written as a word without transforms: mnist()', value.span);
    return null;
  }

  #seed(value: Expression): number | null {
    const seed = this.#evaluator.evaluate(value);
    if (seed.type === 'number' && Number.isSafeInteger(seed.value) && seed.value >= 0) return seed.value;
    if (seed.type !== 'unknown')
      this.#collector.error('AE306', 'a seed must be a non-negative whole number', value.span);
    return null;
  }

  #checkSize(factors: readonly Factor[]): void {
    if (trialCount(factors) <= mostTrials) return;
    const place = placeOfMore(factors, this.#request, mostTrials);
    this.#collector.error('AE603', tooManyTrials, place, { hint: tooManyHint });
  }
}

const tooManyTrials = `the sweep has more than ${groupedText(mostTrials)} trials, which is the limit`;
const tooManyHint = 'sweep it in parts, or draw some of the trials: --trials 1000';

function isSeed({ name }: Identifier): boolean {
  return name === 'seed' || name === 'seeds';
}

function isSeedsAlone({ names }: Factor): boolean {
  return names.length === 1 && names.every(isSeed);
}
