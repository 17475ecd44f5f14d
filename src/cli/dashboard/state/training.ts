import type { TrainingEvent } from '../../../api/events.js';
import { seriesMetric } from '../../../api/metrics.js';
import { countText } from '../../../api/text.js';
import { appended, emptySeries } from './series.js';
import type { EpochPoint, LogLine, Trial } from './trial.js';

/** Time constant of the speed, in seconds. */
const speedMemory = 2;
/** Shorter intervals do not measure the speed. */
const leastSeconds = 0.1;
const logLines = 200;

/** Applies a training event at `now` milliseconds. */
export function trained(trial: Trial, event: TrainingEvent, now: number): Trial {
  switch (event.event) {
    case 'trial_started': {
      const { parameters, examples, stages, targets } = event;
      // A restarted trial begins anew; one resumed from a checkpoint keeps its curves.
      return { ...trial, plan: { parameters, examples, stages, targets } };
    }
    case 'stage_started': {
      const { stage, epochs, stepsPerEpoch } = event;
      const planned = trial.plan?.stages ?? [];
      const place = planned.findIndex((one) => one.stage === stage);
      const before = planned.slice(0, Math.max(0, place)).reduce((total, { steps }) => total + steps, 0);
      return {
        ...trial,
        stage: { stage, epochs, stepsPerEpoch, before, steps: 0 },
        stepsDone: before,
        steppedAt: null,
        turn: trial.turn && { ...trial.turn, started: trial.turn.started ?? now },
        evaluating: null,
      };
    }
    case 'steps':
      return stepped(trial, event, now);
    case 'epoch':
      return withRate(
        {
          ...measured(trial, event.epoch, event.metrics),
          measuredSeconds: Math.max(speedMemory, trial.measuredSeconds),
        },
        event.stepsPerSecond,
      );
    case 'evaluation':
    case 'diagnostics':
      return measured(trial, event.epoch, event.metrics);
    case 'evaluating':
      return { ...trial, evaluating: event };
    case 'checkpoint':
      return trial;
    case 'stage_done': {
      if (event.reason === 'complete') return trial;
      const why = event.reason === 'early_stop' ? 'stopped early' : 'ended, as asked,';
      return logged(trial, { at: now, text: `${event.stage} ${why} after ${countText(event.epochs, 'epoch')}` });
    }
    case 'trial_done': {
      const { metrics, weightsSha256, seconds, divergence } = event;
      const done = { ...trial, final: metrics, weightsSha256, seconds, evaluating: null };
      if (divergence === null) return done;
      const { stage, step, layer } = divergence;
      return logged(done, {
        at: now,
        text: `diverged at step ${step} of ${stage}: ${layer} was the first to become non-finite`,
      });
    }
  }
}

export function logged(trial: Trial, line: LogLine): Trial {
  return { ...trial, log: [...trial.log.slice(1 - logLines), line] };
}

function stepped(trial: Trial, event: TrainingEvent & { event: 'steps' }, now: number): Trial {
  const steps = new Map(trial.steps);
  let end = 0;
  for (const [metric, values] of Object.entries(event.series)) {
    const name = seriesMetric(event.stage, metric);
    steps.set(name, appended(steps.get(name) ?? emptySeries(event.firstStep), event.firstStep, values));
    end = Math.max(end, event.firstStep + values.length);
  }
  const { stage } = trial;
  if (stage === null || stage.stage !== event.stage) return { ...trial, steps };
  // Earlier steps were done before the trial was resumed.
  const done = end - Math.max(stage.steps, event.firstStep);
  if (done <= 0) return { ...trial, steps };
  const stepped: Trial = {
    ...trial,
    steps,
    stage: { ...stage, steps: end },
    stepsDone: stage.before + end,
    turn: trial.turn && { ...trial.turn, steps: trial.turn.steps + done },
    steppedAt: now,
  };
  // A stage's first updates are slow: its step is recorded then, and code is compiled.
  return trial.steppedAt === null ? stepped : measuredOver(stepped, done, (now - trial.steppedAt) / 1000);
}

function withRate(trial: Trial, rate: number | null): Trial {
  return { ...trial, stepsPerSecond: rate, turn: trial.turn && { ...trial.turn, rate: rate ?? trial.turn.rate } };
}

/** Queued events arrive at once, so each counts for as long as it took, beside as much of what was known. */
function measuredOver(trial: Trial, steps: number, seconds: number): Trial {
  const { stepsPerSecond: known, measuredSeconds } = trial;
  if (known === null && seconds < leastSeconds) return trial;
  const remembered = Math.min(speedMemory, measuredSeconds);
  const rate = ((known ?? 0) * remembered + steps) / (remembered + seconds);
  return withRate({ ...trial, measuredSeconds: measuredSeconds + seconds }, rate);
}

/** Replaces existing epochs and later ones: the trial was resumed from a checkpoint. */
function measured(trial: Trial, epoch: number, metrics: Readonly<Record<string, number>>): Trial {
  const epochs = new Map<string, readonly EpochPoint[]>(trial.epochs);
  for (const [metric, value] of Object.entries(metrics)) {
    const before = epochs.get(metric) ?? [];
    const kept = (before.at(-1)?.epoch ?? 0) < epoch ? before : before.filter((point) => point.epoch < epoch);
    epochs.set(metric, [...kept, { epoch, value }]);
  }
  return { ...trial, epochs };
}
