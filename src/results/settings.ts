import { labelOf } from '../runtime/importance/levels.js';
import { meanOf, type Setting, type TrialTable } from './sweep-table.js';

/** A param's column heading: `param.epoch` if another column is called `epoch`. */
export function parameterHeading(name: string, others: ReadonlySet<string>): string {
  return others.has(name) ? `param.${name}` : name;
}

/** `rho=0.01, beta=5`; for runs without varying parameters, their experiments. */
export function settingName({ parameters, trials }: Setting): string {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${labelOf(value)}`);
  if (given.length > 0) return given.join(', ');
  const runs = trials.flatMap(({ runId }) => runId ?? []);
  return runs.length > 0 && runs.length <= 3 ? runs.join(', ') : `${trials.length} trials`;
}

/** Settings, best first; those without a value last, in their order. */
export function rankedSettings({ settings, choice, front }: TrialTable): readonly Setting[] {
  const sign = choice.goal === 'min' ? 1 : -1;
  const rank = (setting: Setting) => {
    const mean = meanOf(setting) * sign;
    return Number.isNaN(mean) ? Number.POSITIVE_INFINITY : mean;
  };
  const isBeaten = (setting: Setting) => (front === null || front.settings.has(setting) ? 0 : 1);
  const ranks = new Map(settings.map((setting) => [setting, rank(setting)]));
  return [...settings].sort((a, b) => {
    if (isBeaten(a) !== isBeaten(b)) return isBeaten(a) - isBeaten(b);
    const [first = 0, second = 0] = [ranks.get(a), ranks.get(b)];
    return first < second ? -1 : first > second ? 1 : 0;
  });
}
