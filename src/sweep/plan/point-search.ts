import * as v from 'valibot';
import { type AxisRange, numberRanges, storedAxis } from '../../compiler/expand/drawn-axis.js';
import type { NamedAxis } from '../../compiler/expand/points.js';
import { searchWords } from '../../compiler/expand/sweep-request.js';
import { valueText } from '../../compiler/expand/value-text.js';
import type { ParameterValue, SearchFacts } from '../../runtime/events.js';
import {
  anyNumber,
  listOf,
  object,
  oneOf,
  readJson,
  type Schema,
  text,
  variant,
  wholeNumber,
} from '../../runtime/formats/json.js';
import { nextPoint, type SearchMethod, type SearchPlan } from '../../runtime/search/next-point.js';
import { coordinate, type UnitPoint } from '../../runtime/search/space.js';

/** A search as a sweep is stored with it: all that decides its points, but for the results. */
export interface SearchSettings {
  /** How points are proposed; see {@link currentProposals}. */
  readonly proposals: number;
  readonly method: SearchMethod;
  /** Another seed proposes other points. */
  readonly seed: number;
  /** Point i depends on the results of points 0 … i − lag alone. */
  readonly lag: number;
  /** Number of points. */
  readonly points: number;
  /** Of the trials of each point, in this order. A point's result is their mean. */
  readonly seeds: readonly number[];
  readonly axes: readonly { readonly name: string; readonly range: AxisRange }[];
}

export const defaultLag = 4;

/** Raised with every change by which the same results lead to other points. */
export const currentProposals = 2;

/** A value for each axis, as texts. */
export type PointTexts = readonly string[];

export interface PointResult {
  readonly point: PointTexts;
  /** One per objective, less being better; infinite for a trial that failed or diverged. Null until it has ended. */
  readonly costs: readonly number[] | null;
}

/** Proposes the points of a sweep as values of its axes. */
export class PointSearch {
  readonly settings: Pick<SearchSettings, 'lag' | 'points'>;
  readonly #axes: readonly NamedAxis[];
  readonly #plan: SearchPlan;

  constructor(settings: Omit<SearchSettings, 'axes' | 'seeds' | 'proposals'>, axes: readonly NamedAxis[]) {
    const { method, seed, lag } = settings;
    this.settings = settings;
    this.#axes = axes;
    this.#plan = { method, seed, lag, axes: axes.map(({ axis }) => axis) };
  }

  /** @param text as a sweep stores its {@link SearchSettings} @throws JsonError */
  static stored(text: string): { readonly search: PointSearch; readonly settings: SearchSettings } {
    const settings = readJson(searchSettings, text, 'the search');
    const axes = settings.axes.map(({ name, range }) => ({ name, axis: storedAxis(range) }));
    return { search: new PointSearch(settings, axes), settings };
  }

  get names(): readonly string[] {
    return this.#axes.map(({ name }) => name);
  }

  /** The points that depend on no result, as coordinates. */
  first(): readonly UnitPoint[] {
    const { lag, points } = this.settings;
    const decided: PointResult[] = [];
    while (decided.length < Math.min(lag, points)) {
      const point = this.next(decided, new Set());
      if (point === null) break;
      decided.push({ point, costs: null });
    }
    return decided.map(({ point }) => this.#unitsOf(point));
  }

  /**
   * The next point; a pure function of the results of the points before it, of which only those that the lag allows count.
   * @param refused keys of points that can't be trained
   * @returns null if no point is left
   */
  next(history: readonly PointResult[], refused: ReadonlySet<string>): PointTexts | null {
    const taken = new Set([...history.map(({ point }) => pointKey(point)), ...refused]);
    const observed = history.map(({ point, costs }) => ({ point: this.#unitsOf(point), costs }));
    const found = nextPoint(this.#plan, observed, (point) => taken.has(pointKey(this.#textsOf(point))));
    return found && this.#textsOf(found);
  }

  #textsOf(point: UnitPoint): PointTexts {
    return this.#axes.map(({ axis }, i) => valueText(axis.at(coordinate(point, i))));
  }

  #unitsOf(texts: PointTexts): UnitPoint {
    return this.#axes.map(({ axis }, i) => Math.min(Math.max(axis.unitOf(texts[i] ?? ''), 0), 1 - 2 ** -53));
  }
}

/** A stored search as events tell it. @throws JsonError */
export function searchFacts(text: string): SearchFacts {
  const { method, lag, points, seeds } = readJson(searchSettings, text, 'the search');
  return { method, lag, trials: points * seeds.length };
}

/** The ends of an axis, or its options. */
export function rangeValues(range: AxisRange): readonly ParameterValue[] {
  return range.word === 'choice' ? range.options : [range.from, range.to];
}

export function pointKey(point: PointTexts): string {
  return point.join('\n');
}

const range = variant<AxisRange>('word', {
  uniform: object({ word: oneOf(...numberRanges), from: anyNumber, to: anyNumber }),
  loguniform: object({ word: oneOf(...numberRanges), from: anyNumber, to: anyNumber }),
  int: object({ word: oneOf(...numberRanges), from: anyNumber, to: anyNumber }),
  choice: object({ word: oneOf('choice'), options: listOf(text, 100_000) }),
});

const searchSettings: Schema<SearchSettings> = object({
  // The first searches were stored without it.
  proposals: v.optional(wholeNumber(1), 1),
  method: oneOf(...searchWords),
  seed: wholeNumber(0),
  lag: wholeNumber(1),
  points: wholeNumber(1),
  seeds: listOf(wholeNumber(0), 100_000),
  axes: listOf(object({ name: text, range }), 1000),
});
