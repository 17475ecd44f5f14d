import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { definedWords } from './defined-words.js';
import {
  globalNormDeviation,
  gradientNormDeviation,
  parameterDeviation,
  tensorDeviation,
  trajectoryDeviation,
} from './deviation.js';
import { Fields } from './fields.js';
import { type GoldenStage, type GoldenTolerance, readCase } from './golden-case.js';
import { goldenBatch } from './golden-inputs.js';
import { GoldenParameters } from './golden-parameters.js';
import { type Deviation, type GoldenReport, worst } from './golden-report.js';
import { layersBelow } from './layers-below.js';
import { runRbm } from './run-rbm.js';
import { runTraining, type TrainingOutcome } from './run-training.js';
import { type StoredTensors, storedTensor, storedTensors } from './stored-tensors.js';
import { readTrajectory, type Trajectory } from './trajectory.js';

/** Later global norms drift more than those of the first step, and have this tolerance in every case. */
const globalNormTolerance = 1e-5;

/**
 * Runs a case folder on TF.js's current backend.
 * @throws SafetensorsError, SyntaxError or a system error for files that can't be read
 */
export function runCase(folder: string, builtinWords: LoweredLibrary): GoldenReport {
  const file = (name: string) => readFileSync(join(folder, name));
  const { name, tolerance, illConditioned, definitions, stages } = readCase(file('case.json').toString('utf8'));
  const words = definitions.length === 0 ? builtinWords : definedWords(definitions, builtinWords).library;
  const recorded = Fields.parse(file('trajectory.json').toString('utf8'), 'trajectory.json');
  const inputs = storedTensors(file('inputs.safetensors'));
  const parameters = new GoldenParameters(storedTensors(file('init.safetensors')));
  const deviations = stages.flatMap((stage) => {
    const outcome = runStage(stage, stages, parameters, inputs, words);
    parameters.leave(outcome.final);
    const ofStage = stage.name === null ? recorded : recorded.object('stages').object(stage.name);
    return [
      ...trainingDeviations(tolerance, outcome.trajectory, readTrajectory(ofStage)),
      ...evaluationDeviations(tolerance, outcome, () => storedTensors(file('eval.safetensors'))),
    ];
  });
  const final = storedTensors(file('final.safetensors'));
  const left: Deviation = {
    measure: 'parameters',
    deviation: parameterDeviation(parameters.current, final, illConditioned),
    tolerance: tolerance.parameters,
  };
  return { name, outcome: 'compared', deviations: worst([...deviations, left]) };
}

function runStage(
  stage: GoldenStage,
  stages: readonly GoldenStage[],
  parameters: GoldenParameters,
  inputs: StoredTensors,
  words: LoweredLibrary,
): TrainingOutcome {
  const { training, prefix } = stage;
  const start = parameters.start(stage.startsAtInit);
  const [, , ...raw] = storedTensor(inputs, `${prefix}x`).shape;
  const below = layersBelow(stage, stages, parameters.current, raw, words);
  const batch = (step: number) => below(goldenBatch(inputs, `${prefix}x`, step, training.input));
  const files = { start, inputs, prefix, batch };
  switch (training.kind) {
    case 'network':
      return runTraining(training, files, words);
    case 'rbm':
      return runRbm(training, files);
  }
}

function trainingDeviations(tolerance: GoldenTolerance, ours: Trajectory, expected: Trajectory): readonly Deviation[] {
  const globalNorm = globalNormDeviation(ours, expected);
  return [
    { measure: 'trajectory', deviation: trajectoryDeviation(ours, expected), tolerance: tolerance.trajectory },
    { measure: 'gradient norm', deviation: gradientNormDeviation(ours, expected), tolerance: tolerance.gradientNorm },
    ...(globalNorm === null
      ? []
      : [{ measure: 'global norm' as const, deviation: globalNorm, tolerance: globalNormTolerance }]),
  ];
}

function evaluationDeviations(
  tolerance: GoldenTolerance,
  { evalOutput }: TrainingOutcome,
  expected: () => StoredTensors,
): readonly Deviation[] {
  if (evalOutput === null || tolerance.evalOutput === null) return [];
  const { elements } = storedTensor(expected(), 'output');
  return [{ measure: 'evaluation', deviation: tensorDeviation(evalOutput, elements), tolerance: tolerance.evalOutput }];
}
