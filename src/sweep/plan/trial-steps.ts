import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { stageSettings, stepsPerEpoch, trainSettings } from '../../runtime/training/stage-settings.js';

/**
 * How many updates a trial makes, over all its stages and the layers that they pretrain; with early stopping at most so
 * many.
 * @param maxSteps after which each stage ends, or each layer of a pretraining; null: none
 */
export function trialSteps(
  { data, stages }: ExperimentIr,
  maxSteps: number | null,
): { readonly steps: number; readonly stopsEarly: boolean } {
  const steps = stages.map((stage) => {
    const settings = stageSettings(stage.settings);
    const whole = settings.epochs * stepsPerEpoch(settings, data.train);
    const layers = stage.kind === 'pretrain' ? stage.layers.length : 1;
    return layers * Math.min(whole, maxSteps ?? whole);
  });
  const stopsEarly = stages.some((stage) => stage.kind === 'train' && trainSettings(stage.settings).stop !== null);
  return { steps: steps.reduce((total, each) => total + each, 0), stopsEarly };
}
