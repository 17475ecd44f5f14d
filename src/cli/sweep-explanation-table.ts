import { ownValue } from '../api/compiler.js';
import type { Explanation } from '../api/results.js';
import type { SweepPlan } from '../api/training.js';
import { jsonLine } from './json.js';
import { table } from './table.js';

/** A row for each trial: whether it would train, and why. */
export function explanationTable(plan: SweepPlan, explained: readonly Explanation[], json: boolean): string {
  if (json) return explained.map(jsonLine).join('');
  const names = plan.axes.map(({ name }) => name);
  const rows = explained.map(({ trial, trains, reason }) => {
    const { parameters = {}, seed = 0 } = plan.trials[trial] ?? {};
    return [
      String(trial),
      ...names.map((name) => String(ownValue(parameters, name))),
      String(seed),
      trains ? 'trains' : 'cached',
      reason,
    ];
  });
  const trained = explained.filter(({ trains }) => trains).length;
  return `${table(['trial', ...names, 'seed', '', 'why'], rows)}\n${trained} of ${explained.length} would train\n`;
}
