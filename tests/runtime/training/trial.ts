import type { ExperimentIr } from '../../../src/compiler/ir/experiment.js';
import { loadDigits } from '../../../src/runtime/datasets/digits/digits.js';
import { type Examples, type Split, split } from '../../../src/runtime/datasets/split.js';
import type { TrainingEvent } from '../../../src/runtime/events.js';
import { type TrialInput, type TrialResult, trainTrial } from '../../../src/runtime/training/train-trial.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from '../../compiler/library/statements.js';

export type Options = Partial<
  Pick<TrialInput, 'seed' | 'signal' | 'maxSteps' | 'init' | 'resumeFrom' | 'checkpoints' | 'chain' | 'note'>
>;

export interface Trained extends TrialResult {
  readonly events: readonly TrainingEvent[];
}

/** @throws Error with the diagnostics when the statements have errors */
export function experimentOf(statements: string): ExperimentIr {
  const { value, diagnostics } = compileStatements(statements);
  if (value === null) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return value.ir;
}

/** The drawn digits that an experiment asks for; each is its own target, before the transforms, if there is one. */
export function digitsOf({ data: { train, validation, test }, target }: ExperimentIr): Split {
  const parts = { take: train, validation, test, shuffleSeed: null };
  const divided = split(loadDigits(train + validation, test), parts);
  if (target === null) return divided;
  const paired = (examples: Examples): Examples => ({ ...examples, target: examples });
  return {
    train: paired(divided.train),
    validation: paired(divided.validation),
    test: paired(divided.test),
    measuredValidation: paired(divided.measuredValidation),
  };
}

/** Trains statements of an experiment, completed by the usual ones, on drawn digits; time stands still. */
export function train(statements: string, options: Options = {}): Promise<Trained> {
  const experiment = experimentOf(statements);
  return trainOn(digitsOf(experiment), experiment, options);
}

export async function trainOn(data: Split, experiment: ExperimentIr, options: Options = {}): Promise<Trained> {
  const events: TrainingEvent[] = [];
  const result = await trainTrial({
    experiment,
    data,
    seed: 1,
    library: builtinWords,
    backend: 'cpu',
    emit: (event) => events.push(event),
    clock: () => 0,
    ...options,
  });
  return { ...result, events };
}

/** The values of a metric at every step of the training. */
export function stepsOf({ events }: Pick<Trained, 'events'>, metric: string): readonly number[] {
  return events.flatMap((event) => (event.event === 'steps' ? [...(event.series[metric] ?? [])] : []));
}

/** The end of a stage. @throws RangeError when it has not ended by itself */
export function stageDone({ events }: Pick<Trained, 'events'>): { epochs: number; steps: number; reason: string } {
  const done = events.find((event) => event.event === 'stage_done');
  if (done?.event !== 'stage_done') throw new RangeError('no stage is done');
  const { epochs, steps, reason } = done;
  return { epochs, steps, reason };
}
