import { layerMetric, recordedAs, recordedQuantities } from '../../metrics/definitions.js';
import { type DataPart, partMetric, readMetric } from '../../metrics/metric-name.js';
import type { MeasuredObjective } from '../../metrics/usual-metric.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { didYouMeanMetric } from '../diagnostics/suggest.js';
import type { ExperimentIr } from '../ir/experiment.js';
import { knownWord, type Library } from '../library/library.js';
import { measuresOf } from '../library/measured-parts.js';
import { isSearch, type SweepRequest } from './sweep-request.js';

/** With more, nearly every trial is on the front. */
export const mostObjectives = 4;

/**
 * The metrics that a sweep is judged by together, two at least; a name without a part is of the validation part.
 * @param irs of the trials
 * @returns none if the sweep has one objective, or after reporting what is wrong
 */
export function severalObjectives(
  request: SweepRequest,
  irs: readonly ExperimentIr[],
  library: Library,
  collector: DiagnosticCollector,
): readonly MeasuredObjective[] {
  const { objectives, metric, goal, of, prune, method } = request;
  if (objectives.length < 2) return [];
  const conflict = metric ?? goal ?? of;
  if (conflict !== null) {
    collector.error('AE610', 'several objectives have goals of their own, and no best epoch', conflict.span, {
      hint: 'leave out metric, goal and of, or the objectives',
    });
  }
  if (prune !== null) {
    collector.error('AE608', 'several objectives do not say which of two trials is better', prune.span, {
      hint: 'leave out the pruning, or all objectives but one',
    });
  }
  const [beyond] = objectives.slice(mostObjectives);
  if (beyond !== undefined) {
    const message = `a sweep of ${objectives.length} objectives: the limit is ${mostObjectives}`;
    collector.error('AE610', message, beyond.span, {
      hint: 'with more, hardly any trial is better than another in all of them',
    });
  }
  if (method?.value === 'cmaes') {
    collector.error('AE610', 'cmaes makes one objective small, and there are several', method.span, {
      hint: 'tpe searches for a Pareto front; or leave all objectives out but one',
    });
  }
  const seen = new Set<string>();
  return objectives.flatMap(({ value: name, span }) => {
    const [known] = irs.flatMap((ir) => recordedName(name, ir, library) ?? []);
    if (known === undefined) {
      const all = irs.flatMap((ir) => metricsOf(ir, library));
      collector.error('AE506', `there is no metric '${name}'`, span, {
        hint: meantBy(name, all) ?? didYouMeanMetric(name, all) ?? `there are ${[...new Set(all)].join(', ')}`,
      });
      return [];
    }
    const { scope, quantity } = readMetric(known);
    if (method && isSearch(method.value) && scope.kind === 'part' && scope.part !== 'validation') {
      const what = scope.part === 'test' ? 'the test part decides nothing' : 'a search is decided by validation data';
      collector.error('AE506', `${what}, and '${known}' would decide the points`, span, {
        hint: `${onValidation(quantity, irs)}; a sweep without a search may be judged by ${known}`,
      });
    }
    if (seen.has(known)) collector.error('AE303', `the objective '${known}' is given twice`, span);
    seen.add(known);
    return [{ metric: known, goal: library.metrics.goal(known) }];
  });
}

/** `code.kl` for `validation.loss.kl_gaussian`, if there is only one such term. */
function meantBy(name: string, all: readonly string[]): string | null {
  const last = name.split('.').at(-1) ?? '';
  const [first, second] = [...new Set(all)].filter((known) => {
    const { scope, quantity } = readMetric(known);
    return scope.kind === 'part' && scope.part === 'validation' && quantity.startsWith(`loss.${last}_`);
  });
  return first === undefined || second !== undefined ? null : `did you mean '${first}'?`;
}

function onValidation(quantity: string, irs: readonly ExperimentIr[]): string {
  const isRecorded = irs.some(({ loss }) => recordedQuantities(loss).includes(quantity));
  const metric = partMetric('validation', quantity);
  return isRecorded ? `write ${metric}` : `measure it with part=validation, and write ${metric}`;
}

/** The full name of a metric that is there after the training; null if there is none. */
function recordedName(name: string, ir: ExperimentIr, library: Library): string | null {
  const { scope, quantity } = readMetric(name);
  if (scope.kind === 'layer') return layerMetric(quantity) === null ? null : name;
  const part = scope.kind === 'part' ? scope.part : 'validation';
  const quantities = metricsOf(ir, library)
    .map(readMetric)
    .flatMap((one) => (one.scope.kind === 'part' && one.scope.part === part ? [one.quantity] : []));
  const known = recordedAs(quantity, quantities);
  return known === null ? null : partMetric(part, known);
}

/** Metrics of the parts of the data after a training. */
function metricsOf({ data, loss, evaluations }: ExperimentIr, library: Library): readonly string[] {
  const recorded = recordedQuantities(loss);
  const measured = (part: 'test' | 'validation') =>
    measuresOf(evaluations, part).flatMap(({ name, evaluation }) =>
      Object.keys(knownWord(library, 'evaluation', evaluation.word).metrics).map((what) =>
        what === '' ? name : `${name}.${what}`,
      ),
    );
  const of = (part: DataPart, names: readonly string[]) => names.map((name) => partMetric(part, name));
  return [
    ...(data.validation > 0 ? of('validation', [...recorded, ...measured('validation')]) : []),
    ...(data.test > 0 ? of('test', [...recorded, ...measured('test')]) : []),
    ...of('train', recorded),
  ];
}
