import { didYouMean } from '../../compiler/diagnostics/suggest.js';
import { UsageError } from '../params.js';
import type { ComparedExperiment, Comparison } from './compare.js';
import { lastDifference } from './results-difference.js';

/** `validation.loss>+1%`: a change of a metric that is too much. */
export interface Gate {
  readonly text: string;
  readonly metric: string;
  readonly direction: 'above' | 'below';
  /** Of the mean over the seeds, new − old. */
  readonly limit: number;
  /** Whether the limit is a share of the old mean. */
  readonly relative: boolean;
}

export interface GateFailure {
  readonly gate: Gate;
  readonly experiment: string;
  readonly reason: string;
}

/** @throws UsageError when it isn't written as a gate */
export function readGate(text: string): Gate {
  const [, metric, sign, number, percent] =
    /^\s*([\w.]+)\s*([<>])=?\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(%?)\s*$/i.exec(text) ?? [];
  const limit = Number(number);
  if (metric === undefined || number === undefined || !Number.isFinite(limit)) {
    throw new UsageError(`'${text}' is no limit of a change`, "such as: --fail-on 'validation.loss>+1%'");
  }
  const relative = percent === '%';
  return { text, metric, direction: sign === '>' ? 'above' : 'below', limit: relative ? limit / 100 : limit, relative };
}

/**
 * The experiments whose results changed by more than a gate lets through. A changed experiment whose results are not known
 * does not get through either: there is nothing that says it is as good as it was.
 * @throws UsageError for a metric that no result has
 */
export function gateFailures(comparison: Comparison, gates: readonly Gate[]): readonly GateFailure[] {
  const metrics = [
    ...new Set(
      comparison.experiments.flatMap(({ old, new: now }) =>
        [...(old?.results ?? []), ...(now?.results ?? [])].flatMap(({ measured }) => Object.keys(measured.metrics)),
      ),
    ),
  ];
  return gates.flatMap((gate) => {
    refuseMetric(gate.metric, metrics);
    return comparison.experiments.flatMap((experiment) => failuresOf(experiment, gate));
  });
}

/** @throws UsageError for a metric that is not among those that are known, where any is */
export function refuseMetric(metric: string, known: readonly string[]): void {
  if (known.length === 0 || known.includes(metric)) return;
  const hint = didYouMean(metric, known) ?? `there are ${known.join(', ')}`;
  throw new UsageError(`no result has the metric '${metric}'`, hint);
}

function failuresOf(experiment: ComparedExperiment, gate: Gate): readonly GateFailure[] {
  const { name, status, changes, identity, results, pairs, old, new: now } = experiment;
  const failure = (reason: string): GateFailure => ({ gate, experiment: name, reason });
  if (status === 'same' || old === null || now === null) return [];
  const counts = changes.some((change) => change.counts) || identity.some((change) => change.counts);
  if (results.length === 0) return counts ? [failure('it changed, and its new results are not known')] : [];
  return pairs.flatMap((pair) => {
    const found = lastDifference(gate.metric, pair.old.measured, pair.new.measured);
    const title = pair.new.params.length > 0 ? `${pair.new.params.join(' ')}: ` : '';
    if (found === null) {
      const lost = gate.metric in pair.old.measured.metrics;
      return lost ? [failure(`${title}${gate.metric} is no longer measured`)] : [];
    }
    const moved = gate.relative ? found.relative : found.difference;
    if (moved === null || !Number.isFinite(moved)) {
      return found.identical ? [] : [failure(`${title}${gate.metric} is not a finite number`)];
    }
    const beyond = gate.direction === 'above' ? moved > gate.limit : moved < gate.limit;
    if (!beyond) return [];
    const amount = gate.relative ? `${(100 * moved).toPrecision(3)} %` : moved.toPrecision(4);
    return [failure(`${title}${gate.metric} changed by ${moved > 0 ? '+' : ''}${amount}`)];
  });
}
