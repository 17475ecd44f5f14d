import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lowerings } from '../lowering/lowering.js';
import {
  globalNormDeviation,
  gradientNormDeviation,
  parameterDeviation,
  tensorDeviation,
  trajectoryDeviation,
} from './deviation.js';
import { Fields } from './fields.js';
import { type GoldenCase, readCase } from './golden-case.js';
import type { Deviation, GoldenReport } from './golden-report.js';
import { runTraining, type TrainingOutcome } from './run-training.js';
import { type StoredTensors, storedTensor, storedTensors } from './stored-tensors.js';
import { readTrajectory, type Trajectory } from './trajectory.js';

/** Later global norms drift more than those of the first step, and have this tolerance in every case. */
const globalNormTolerance = 1e-5;

/**
 * Runs a case folder on TF.js's current backend.
 * @throws SafetensorsError, SyntaxError or a system error for files that can't be read
 */
export function runCase(folder: string, lowerings: Lowerings): GoldenReport {
  const file = (name: string) => readFileSync(join(folder, name));
  const golden = readCase(file('case.json').toString('utf8'));
  const expected = readTrajectory(Fields.parse(file('trajectory.json').toString('utf8'), 'trajectory.json'));
  const files = { init: storedTensors(file('init.safetensors')), inputs: storedTensors(file('inputs.safetensors')) };
  const outcome = runTraining(golden.training, files, lowerings);
  const deviations = [
    ...trainingDeviations(golden, outcome.trajectory, expected),
    {
      measure: 'parameters' as const,
      deviation: parameterDeviation(outcome.final, storedTensors(file('final.safetensors'))),
      tolerance: golden.tolerance.parameters,
    },
    ...evaluationDeviations(golden, outcome, () => storedTensors(file('eval.safetensors'))),
  ];
  return { name: golden.name, outcome: 'compared', deviations };
}

function trainingDeviations({ tolerance }: GoldenCase, ours: Trajectory, expected: Trajectory): readonly Deviation[] {
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
  { tolerance }: GoldenCase,
  { evalOutput }: TrainingOutcome,
  expected: () => StoredTensors,
): readonly Deviation[] {
  if (evalOutput === null || tolerance.evalOutput === null) return [];
  const { elements } = storedTensor(expected(), 'output');
  return [
    { measure: 'evaluation', deviation: tensorDeviation(evalOutput, elements), tolerance: tolerance.evalOutput },
  ];
}
