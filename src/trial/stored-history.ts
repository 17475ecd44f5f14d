import { presentName } from '../metrics/former-names.js';
import type { TrainingEvent } from '../runtime/events.js';
import { listOf, object, readJson, text } from '../runtime/formats/json.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { RunReader } from '../runtime/store/run-reader.js';
import { History } from './history.js';

/** The data of a stored run's loss curves, in the order of the training. */
export function storedHistory(store: RunReader, run: RunRecord): History {
  const history = new History();
  const series = store.listSeries(run.id);
  const epochs = store.readEpochs(run.id);
  for (const { stage, epochs: planned, steps, epochsDone, stepsDone, reason } of run.stages) {
    const stepsPerEpoch = planned > 0 ? Math.round(steps / planned) : steps;
    history.record({ event: 'stage_started', stage, epochs: planned, stepsPerEpoch });
    for (const { metric } of series.filter((one) => one.stage === stage)) {
      const { firstStep, values } = store.readSeries(run.id, stage, metric);
      history.record({ event: 'steps', stage, firstStep, series: { [metric]: values } });
    }
    for (const { epoch, metric, value } of epochs.filter((one) => one.stage === stage)) {
      history.record({ event: 'epoch', stage, epoch, metrics: { [metric]: value }, stepsPerSecond: 0 });
    }
    history.record(stageDone(stage, epochsDone, stepsDone, reason));
  }
  return history.inOrder(curvesOf(store, run.id));
}

function stageDone(
  stage: string,
  epochs: number,
  steps: number,
  reason: RunRecord['stages'][number]['reason'],
): TrainingEvent {
  return { event: 'stage_done', stage, epochs, steps, reason: reason ?? 'complete' };
}

const MOST_CURVES = 1000;

/** Curves recorded at the end of the training; none for older versions. */
export function curvesOf(store: RunReader, id: string): readonly string[] {
  const logged = store.readLog(id).findLast(({ event }) => event === 'trained');
  if (logged === undefined) return [];
  return readJson(object({ curves: listOf(text, MOST_CURVES) }), logged.detail, 'trained').curves.map(presentName);
}
