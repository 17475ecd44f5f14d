import type { SweepOptions } from '../../../src/sweep/plan/sweep-options.js';
import { planSweep, type SweepPlan } from '../../../src/sweep/plan/sweep-plan.js';
import { builtinWords } from '../../../src/words/words.js';

export const text = (sweep = '') => `experiment example {
  param rho = 0.05 where 0 < rho < 1
  param beta = 3 where beta >= 0
  param hidden = 16
  data digits(take=256, validation=64, test=64)
  encoder { code: dense(hidden, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse() + kl_sparsity(rho=rho, beta=beta)
  train adam(lr=0.001) { epochs = 9  batch = 32 }
  ${sweep}
}`;

export const source = { path: 'example.ae', text: text() };

export function planned(options: Partial<SweepOptions>): SweepPlan {
  const { value, diagnostics } = planSweep({ library: builtinWords, source, ...options });
  if (value === null) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return value;
}

export const values = (options: Partial<SweepOptions>) =>
  planned(options).trials.map(({ parameters, seed }) => ({ ...parameters, seed }));

/** Code, and what the carets stand under. */
export function errors(options: Partial<SweepOptions>): readonly string[] {
  return planSweep({ library: builtinWords, source, ...options }).diagnostics.map(({ code, span }) =>
    span ? `${code} ${span.source.text.slice(span.start, span.end)}` : code,
  );
}
