import { didYouMeanMetric } from '../../compiler/diagnostics/suggest.js';
import { presentName } from '../../metrics/former-names.js';
import { readMetric } from '../../metrics/metric-name.js';
import { isLoss, usualMetric } from '../../metrics/usual-metric.js';
import { UsageError } from '../../project/usage-error.js';
import type { Measured } from '../../runtime/provenance/measured.js';
import { signedText } from '../../text/number-text.js';
import { changedTerms } from './changed-terms.js';
import type { ComparedExperiment, Comparison } from './compare.js';
import { pairResults } from './experiment-difference.js';
import { endValues, lastDifference } from './results-difference.js';
import { isCurrent, isOfOtherData } from './version.js';

/** `validation.loss>+1%`: an excessive change of a metric. */
export interface Gate {
  readonly text: string;
  readonly metric: string;
  readonly direction: 'above' | 'below';
  /** Limit on the mean over seeds, new − old. */
  readonly limit: number;
  /** Whether the limit is relative to the old mean. */
  readonly relative: boolean;
}

export interface GateFailure {
  readonly gate: Gate;
  readonly experiment: string;
  readonly reason: string;
}

/** @throws UsageError for a text that is not a gate */
export function readGate(text: string): Gate {
  const [, metric, sign, number, percent] =
    /^\s*([\w.]+)\s*([<>])=?\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(%?)\s*$/i.exec(text) ?? [];
  const limit = Number(number);
  if (metric === undefined || number === undefined || !Number.isFinite(limit)) {
    throw new UsageError(`'${text}' is not a limit on a change`, "such as: --fail-on 'validation.loss>+1%'");
  }
  const relative = percent === '%';
  return {
    text,
    metric: presentName(metric),
    direction: sign === '>' ? 'above' : 'below',
    limit: relative ? limit / 100 : limit,
    relative,
  };
}

/**
 * Finds experiments whose results changed beyond a gate. Whatever a gate watched on the old side must exist on the new
 * side: an experiment, result or metric that is missing or not finite fails, and so does a loss whose units changed.
 * @throws UsageError for a metric that no result has, and if there is no experiment
 */
export function gateFailures(comparison: Comparison, gates: readonly Gate[]): readonly GateFailure[] {
  if (gates.length > 0 && comparison.experiments.length === 0) {
    throw new UsageError('there is no experiment to check', 'check the folder, the revisions and the names');
  }
  const metrics = [
    ...new Set(
      comparison.experiments.flatMap(({ old, new: now }) =>
        [...(old?.results ?? []), ...(now?.results ?? [])].flatMap(({ measured }) => Object.keys(measured.metrics)),
      ),
    ),
  ];
  return gates.flatMap((gate) => {
    refuseMetric(gate.metric, metrics);
    return comparison.experiments.flatMap((experiment) =>
      reasonsOf(experiment, gate).map((reason): GateFailure => ({ gate, experiment: experiment.name, reason })),
    );
  });
}

/** @throws UsageError for an unknown metric, if any metrics are known */
export function refuseMetric(metric: string, known: readonly string[]): void {
  if (known.length === 0 || known.includes(metric)) return;
  const hint = didYouMeanMetric(metric, known) ?? `there are ${known.join(', ')}`;
  throw new UsageError(`no result has the metric '${metric}'`, hint);
}

function reasonsOf(
  { changes, identity, comparable: shared, old, new: now }: ComparedExperiment,
  gate: Gate,
): readonly string[] {
  // A new experiment has nothing to compare with.
  if (old === null) return [];
  const watched = old.results.filter(({ measured }) => Object.hasOwn(measured.metrics, gate.metric));
  if (now === null) {
    return watched.length > 0 || old.lockProblem !== null ? ['the experiment is gone'] : [];
  }
  const counts = [...changes, ...identity].some((change) => change.counts);
  if (old.results.length === 0) {
    const which = now.results.length === 0 ? '' : 'old ';
    return counts ? [`it changed, and its ${which}results are unknown`] : [];
  }
  if (watched.length === 0) return [];
  if (now.results.length === 0) {
    return [counts ? 'it changed, and its new results are unknown' : 'its new results are unknown'];
  }
  const { pairs } = pairResults(old, now);
  return watched.flatMap((set) => {
    const title = set.params.length > 0 ? `${set.params.join(' ')}: ` : '';
    const partner = now.results.find(({ params }) => params.join('\n') === set.params.join('\n'));
    if (partner === undefined) return [`${title}its results are gone`];
    const comparable = pairs.some((pair) => pair.old === set) && (isCurrent(partner) || !isCurrent(set));
    if (!comparable) {
      const which = isCurrent(partner) ? 'old' : 'new';
      const what = isOfOtherData(partner) ? 'other data' : 'another text';
      return [`${title}its ${which} results are unknown: the locked ones belong to ${what}`];
    }
    const reasons = changeReasons(gate, set.measured, partner.measured);
    const isOther = isLoss(gate.metric) || changedTerms(old, now).includes(readMetric(gate.metric).quantity);
    if (reasons.length === 0 && shared !== 'loss' && isOther) {
      const instead = usualMetric(Object.keys(partner.measured.metrics), shared);
      const hint = instead === null || isLoss(instead) ? '' : `, where ${instead} is not`;
      return [`${title}${gate.metric} is in other units, since the loss itself changed${hint}`];
    }
    return reasons.map((reason) => `${title}${reason}`);
  });
}

function changeReasons({ metric, ...gate }: Gate, before: Measured, after: Measured): readonly string[] {
  const found = lastDifference(metric, before, after);
  if (found === null || after.seeds.length === 0) return [`${metric} is no longer measured`];
  const values = endValues(after, metric);
  const broken = after.seeds.filter((_, i) => !Number.isFinite(values?.[i]));
  if (broken.length > 0) {
    return [`${metric} is not a finite number with ${broken.length === 1 ? 'seed' : 'seeds'} ${broken.join(', ')}`];
  }
  const { difference } = found;
  // Only the old side is not finite, so the new one is not worse.
  if (!Number.isFinite(difference)) return [];
  // Relative to a mean of 0, any change is infinite.
  const relative = found.relative ?? (difference === 0 ? 0 : Math.sign(difference) * Infinity);
  const moved = gate.relative ? relative : difference;
  const beyond = gate.direction === 'above' ? moved > gate.limit : moved < gate.limit;
  if (!beyond) return [];
  const asShare = gate.relative && Number.isFinite(relative);
  const amount = asShare ? `${signedText(100 * relative, 3)} %` : signedText(difference, 4);
  return [`${metric} changed by ${amount}${gate.relative && !asShare ? ' from 0' : ''}`];
}
