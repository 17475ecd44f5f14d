import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { CallExpression, Expression, Identifier } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { type DrawnAxis, drawnAxis } from './drawn-axis.js';
import { sameValueKey } from './value-text.js';

/** Source of the numbers for drawn axes: the compiler itself draws none. */
export interface UnitNumbers {
  readonly mostAxes: number;
  /**
   * Numbers of one axis, in [0, 1), by point index from 0.
   * @param dimension of the axis among the drawn ones, from 0
   */
  of(axis: string, dimension: number): (point: number) => number;
}

/** An axis that is drawn, with its name. */
export interface NamedAxis {
  readonly name: string;
  readonly axis: DrawnAxis;
}

/** Source of points of which the later ones depend on results. */
export interface ProposedPoints {
  readonly mostAxes: number;
  /** The points among the first `count` that depend on no result, all different: a coordinate in [0, 1) for each axis. */
  first(axes: readonly NamedAxis[], count: number): readonly (readonly number[])[];
}

/** Most consecutive draws that may repeat earlier points; even a real interval may contain few numbers. */
const patience = 5_000_000;

/**
 * Draws the first `count` distinct points, each with a value per axis, or those of them that are proposed already. Skips
 * repeated points, so that the first points are the same whatever the count.
 * @returns null after reporting why there are none
 */
export function drawPoints(
  axes: readonly { readonly name: Identifier; readonly value: CallExpression }[],
  count: number,
  place: Span | null,
  numbers: UnitNumbers | ProposedPoints,
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): readonly (readonly Expression[])[] | null {
  if (axes.length > numbers.mostAxes) {
    const message = `this method draws at most ${numbers.mostAxes} axes, not ${axes.length}`;
    collector.error('AE606', message, place ?? axes[0]?.value.span ?? null, { hint: 'draw them with method=random' });
    return null;
  }
  const drawn: NamedAxis[] = [];
  for (const { name, value } of axes) {
    const axis = drawnAxis(value, evaluator, collector);
    if (axis) drawn.push({ name: name.name, axis });
  }
  if (drawn.length < axes.length) return null;

  const tooFew = (different: number) => {
    const names = axes.map(({ name }) => name.name).join(', ');
    const have = axes.length === 1 ? `${names} has ${different} values` : `${names} have ${different} combinations`;
    collector.error('AE606', `${count} trials are to be drawn, but ${have}`, place ?? axes[0]?.value.span ?? null, {
      hint: `draw ${different} at most, or list the values as a grid`,
    });
    return null;
  };
  const different = drawn.reduce((product, { axis }) => product * axis.values, 1);
  if (different < count) return tooFew(different);

  if ('first' in numbers) {
    return numbers
      .first(drawn, count)
      .map((units) => drawn.flatMap(({ axis }, i) => units.slice(i, i + 1).map(axis.at)));
  }
  const units = drawn.map(({ name }, dimension) => numbers.of(name, dimension));
  const points: (readonly Expression[])[] = [];
  const seen = new Set<string>();
  for (let point = 0, repeated = 0; points.length < count && repeated < patience; point++) {
    const values = drawn.map(({ axis }, i) => axis.at(units[i]?.(point) ?? 0));
    const key = values.map(sameValueKey).join('\n');
    repeated = seen.has(key) ? repeated + 1 : 0;
    if (repeated > 0) continue;
    seen.add(key);
    points.push(values);
  }
  return points.length < count ? tooFew(points.length) : points;
}
