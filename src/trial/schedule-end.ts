import type { ExperimentIr } from '../compiler/ir/experiment.js';
import type { ScheduleTime } from '../compiler/library/word.js';
import { stageSettings, stepsPerEpoch } from '../runtime/training/stage-settings.js';

/** The moment after the last stage: what schedules in layers are evaluated at once the training is over. */
export function scheduleEnd({ stages, data }: ExperimentIr): ScheduleTime {
  const last = stages.at(-1);
  if (!last) return { epoch: 0, step: 0, epochs: 0, steps: 0 };
  const settings = stageSettings(last.settings);
  const steps = settings.epochs * stepsPerEpoch(settings, data.train);
  return { epoch: settings.epochs, step: steps, epochs: settings.epochs, steps };
}
