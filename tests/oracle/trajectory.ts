import type { Fields } from './fields.js';

/** What happened in a training, step by step: of a case (`trajectory.json`), or as we have just computed it. */
export interface Trajectory {
  readonly terms: Readonly<Record<string, readonly number[]>>;
  readonly total: readonly number[];
  /** Before clipping; an RBM has none. */
  readonly globalGradientNorm: readonly number[] | null;
  /** At the first step, by stored name of the parameter. */
  readonly gradientNormStep1: Readonly<Record<string, number>>;
}

/** The float64 run of a case. */
export function readTrajectory(fields: Fields): Trajectory {
  const exact = fields.object('float64');
  const terms = exact.object('terms');
  const norms = exact.object('gradient_norm_step1');
  return {
    terms: Object.fromEntries(terms.names.map((name) => [name, terms.numbers(name)])),
    total: exact.numbers('total'),
    globalGradientNorm: exact.has('global_gradient_norm') ? exact.numbers('global_gradient_norm') : null,
    gradientNormStep1: Object.fromEntries(norms.names.map((name) => [name, norms.number(name)])),
  };
}
