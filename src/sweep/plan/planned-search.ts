import type { DiagnosticCollector } from '../../compiler/diagnostics/collector.js';
import { isDrawn } from '../../compiler/expand/drawn-axis.js';
import type { Factor, SweepTrial } from '../../compiler/expand/expand.js';
import type { NamedAxis, ProposedPoints } from '../../compiler/expand/points.js';
import { isSearch, type SearchWord, type SweepRequest } from '../../compiler/expand/sweep-request.js';
import { currentProposals, defaultLag, PointSearch, type SearchSettings } from './point-search.js';

/** Most values of a category that are compiled before a search begins. */
const mostProbes = 64;

/** A search while its sweep is planned, whose axes become known as the sweep is expanded. */
export class PlannedSearch implements ProposedPoints {
  readonly mostAxes = Number.POSITIVE_INFINITY;
  readonly #settings: Omit<SearchSettings, 'axes' | 'seeds' | 'proposals'>;
  #axes: readonly NamedAxis[] = [];

  constructor(method: SearchWord, seed: number, { lag, draws }: SweepRequest) {
    this.#settings = { method, seed, lag: lag?.value ?? defaultLag, points: draws?.value ?? 0 };
  }

  get names(): readonly string[] {
    return this.#axes.map(({ name }) => name);
  }

  /** Whether it proposes nothing but values without an order. */
  get hasOnlyCategories(): boolean {
    return this.#axes.length > 0 && this.#axes.every(({ axis }) => axis.kind === 'category');
  }

  first(axes: readonly NamedAxis[]): readonly (readonly number[])[] {
    this.#axes = axes;
    if (this.#settings.method === 'cmaes' && this.hasOnlyCategories) return [];
    return new PointSearch(this.#settings, axes).first();
  }

  /** Of all points, whether decided or not. */
  trialCount(factors: readonly Factor[]): number {
    const decided = factors.find(({ names }) => names.some(({ name }) => this.names.includes(name)));
    const others = factors.reduce((count, factor) => (factor === decided ? count : count * factor.steps.length), 1);
    return this.#settings.points * others;
  }

  /**
   * Trials near the ends of all ranges and with each option of the choices. They are compiled and not trained, so that most mistakes
   * are found before the first trial trains, though later points are not known.
   */
  probes(trials: readonly SweepTrial[]): readonly SweepTrial[] {
    const [like] = trials;
    if (like === undefined) return [];
    const options = this.#axes.map(({ axis }) => (axis.kind === 'category' ? axis.values : 2));
    return Array.from({ length: Math.min(mostProbes, Math.max(2, ...options)) }, (_, k) => {
      const values = new Map(this.#axes.map(({ name, axis }) => [name, axis.at(probed(axis, k))]));
      const data = values.get('data');
      return {
        ...like,
        assignments: like.assignments.map((one) => ({ ...one, value: values.get(one.name.name) ?? one.value })),
        data: data?.kind === 'call' ? data : like.data,
      };
    });
  }

  settings(seeds: readonly number[]): SearchSettings {
    return {
      proposals: currentProposals,
      ...this.#settings,
      seeds,
      axes: this.#axes.map(({ name, axis }) => ({ name, range: axis.range })),
    };
  }
}

/** The lower ends, the upper ends, the middles, and the option of that number. */
function probed({ kind, values }: NamedAxis['axis'], k: number): number {
  if (kind === 'category') return ((k % values) + 0.5) / values;
  // A little inside: an open end, such as 0 of a probability, is hardly ever proposed.
  return k === 0 ? 2 ** -10 : k === 1 ? 1 - 2 ** -10 : 0.5;
}

/** Reports what a search can't do. @param search null without one */
export function checkSearch(
  { axes, lag, method, prune, draws }: SweepRequest,
  factors: readonly Factor[],
  search: PlannedSearch | null,
  collector: DiagnosticCollector,
): void {
  if (search === null || !method || !isSearch(method.value)) {
    if (lag === null) return;
    const named =
      method === null ? 'without a method the points are drawn at random' : `${method.value} draws all points at once`;
    collector.error('AE610', `'lag' is for a search, and ${named}`, lag.span, {
      hint: 'leave it out, or take --method tpe or --method cmaes',
    });
    return;
  }
  const word = method.value;
  const drawn = axes.filter(({ value }) => isDrawn(value, draws !== null));
  const [listed] = axes;
  if (drawn.length === 0) {
    const what = listed === undefined ? 'there are no axes' : `'${listed.name.name}' is a list`;
    const example = listed?.name.name ?? 'rho';
    collector.error('AE610', `${word} proposes values from ranges, and ${what}`, listed?.value.span ?? method.span, {
      hint: `write it as ${example}=uniform:0:1, loguniform:, int: or choice:, with --trials`,
    });
    return;
  }
  const seeds = drawn.find(({ name }) => name.name === 'seed' || name.name === 'seeds');
  if (seeds !== undefined) {
    collector.error(
      'AE610',
      'a search cannot choose the seed, which would only find the luckiest one',
      seeds.name.span,
      {
        hint: 'with --seeds 3 each point is trained with three seeds, and their mean counts',
      },
    );
  }
  const beside = factors.find(
    ({ names, steps }) =>
      steps.length > 1 && names.some(({ name }) => !['seed', 'seeds'].includes(name) && !search.names.includes(name)),
  );
  const [other] = beside?.names ?? [];
  if (other !== undefined) {
    collector.error('AE610', `${word} chooses all that varies, and '${other.name}' is a list`, other.span, {
      hint: `let it choose from the values too: ${other.name}=choice:…, or make a sweep for each of them`,
    });
  }
  if (word === 'cmaes' && search.hasOnlyCategories) {
    collector.error('AE610', 'cmaes adapts a distribution of numbers, and all axes are categories', method.span, {
      hint: 'tpe searches categories',
    });
  }
  if (prune !== null) {
    collector.error(
      'AE608',
      `${word} proposes points from results, so trials cannot wait for each other at a rung`,
      prune.span,
      {
        hint: 'leave out the pruning, or draw the points with --method sobol',
      },
    );
  }
}
