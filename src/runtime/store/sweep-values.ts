import type { Objective, ParameterValue, SweepAction } from '../sweep/events.js';
import type { SweepDescription } from './sweep-records.js';

/** What a sweep's columns hold as JSON, read back. A value of another shape is left out rather than guessed at. */
export function readAxes(json: string): SweepDescription['axes'] {
  const axes: unknown = JSON.parse(json);
  if (!Array.isArray(axes)) return [];
  return axes.map((axis: unknown) => {
    const { name, values } = fields(axis);
    const list: readonly unknown[] = Array.isArray(values) ? values : [];
    return { name: String(name), values: list.flatMap(parameterValues) };
  });
}

export function readObjective(json: string): Objective | null {
  const { metric, goal, of } = fields(JSON.parse(json));
  if (typeof metric !== 'string') return null;
  return { metric, goal: goal === 'max' ? 'max' : 'min', of: of === 'last' ? 'last' : 'best' };
}

export function readParameters(json: string): Readonly<Record<string, ParameterValue>> {
  const entries = Object.entries(fields(JSON.parse(json)));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => parameterValues(value).map((v): [string, ParameterValue] => [name, v])),
  );
}

export function readNumbers(json: string): readonly number[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.filter((item) => typeof item === 'number') : [];
}

export function readAction(json: string): SweepAction | null {
  const { do: what, trial, jobs, seeds } = fields(JSON.parse(json));
  switch (what) {
    case 'pause':
    case 'resume':
    case 'stop':
    case 'restart':
    case 'prioritise':
      return typeof trial === 'number' ? { do: what, trial } : null;
    case 'jobs':
      return typeof jobs === 'number' ? { do: what, jobs } : null;
    case 'add_seeds':
      return typeof trial === 'number' && typeof seeds === 'number' ? { do: what, trial, seeds } : null;
    default:
      return null;
  }
}

/** Of nothing or one, so that what isn't a value falls out of a list. */
function parameterValues(value: unknown): readonly ParameterValue[] {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  const numbers = value.filter((item) => typeof item === 'number');
  return [numbers.length === value.length ? numbers : value.map(String)];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
