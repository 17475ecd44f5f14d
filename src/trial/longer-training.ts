import { canonicalForm, canonicalJson } from '../compiler/ir/canonical.js';
import { decidesByChangingLoss, lossSettles } from '../compiler/ir/changing-loss.js';
import type { ExperimentIr } from '../compiler/ir/experiment.js';
import { stageLength } from '../compiler/ir/stage-length.js';
import { type Arguments, isWordValue, type Value, type WordValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import { numericsVersion } from '../numerics/version.js';
import { parseRecipe } from '../project/recipe.js';
import { UsageError } from '../project/usage-error.js';
import { numberAt } from '../runtime/lowering/arguments.js';
import type { CheckpointRecord, RunRecord } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import { trainSettings } from '../runtime/training/stage-settings.js';
import { type NamedTrial, prepare } from './prepare.js';

/** A run cannot be continued: the longer training would not begin with the same steps. */
export class LongerTrainingError extends UsageError {
  constructor(
    runId: string,
    readonly differences: readonly string[],
  ) {
    super(
      `this doesn't go on from ${runId}: ${differences.join('; ')}`,
      'only the epochs or steps of the last stage may differ, and --epochs is for every stage; without --from it trains from the beginning',
    );
  }
}

/** A stored state that a longer training passes through too. */
export interface StartingPoint {
  readonly runId: string;
  readonly record: CheckpointRecord;
}

/**
 * Finds the checkpoint from which a training with more epochs continues, with the bits of one that never stopped.
 * @throws LongerTrainingError that names the difference, StoreError
 */
export function checkpointToTrainLonger(store: Store, id: string, trial: NamedTrial): StartingPoint {
  const { compiled, library } = trial;
  const run = store.findRun(id);
  const { compiled: shorter } = prepare(
    { recipe: parseRecipe(run.source), seed: run.seed, backend: 'auto', library },
    { name: run.id },
  );
  const differences = [...differentSurroundings(run, trial), ...differentExperiments(shorter.ir, compiled.ir, library)];
  if (decidedByAnotherLoss(shorter.ir, compiled.ir, library)) {
    differences.push('its best epoch was chosen by a loss that was still changing at its end');
  }
  if (differences.length > 0) throw new LongerTrainingError(run.id, differences);
  const before = lastSettings(shorter.ir);
  if (before === null || lastSettings(compiled.ir) === null)
    throw new LongerTrainingError(run.id, ['its last stage is no training']);
  const last = compiled.ir.stages.length - 1;
  const ended = lastLength(shorter.ir);
  const whole = lastLength(compiled.ir);
  // A stage is always evaluated at its end; in a longer training only where that is due, and never within an epoch.
  const isDue = ended.epochs % before.evaluateEvery === 0 && ended.epochs % before.diagnosticsEvery === 0;
  const records = store.checkpoints(run.id);
  for (const record of records) {
    if (record.stage === last && record.step > whole.steps) continue;
    if (!isDue && record.stage === last && record.step >= ended.steps) continue;
    if (store.readCheckpoint(record) !== null) return { runId: run.id, record };
  }
  const atEnd = records.some(({ stage, step }) => stage === last && step >= ended.steps);
  if (!isDue && atEnd) {
    const where = Number.isInteger(ended.epochs) ? 'after an epoch that is not due for' : 'within an epoch, with';
    throw new LongerTrainingError(run.id, [`it ended ${where} an evaluation, which a longer training would not have`]);
  }
  throw new LongerTrainingError(run.id, [
    run.sweep === null ? 'it has no checkpoint' : 'it has no checkpoint; a sweep keeps them with --keep-checkpoints',
  ]);
}

/** Whether the longer training compares epochs by weights the shorter one never reached. */
function decidedByAnotherLoss(before: ExperimentIr, after: ExperimentIr, library: Library): boolean {
  const [shorter, longer] = [before.stages.at(-1), after.stages.at(-1)];
  if (shorter?.kind !== 'train' || longer?.kind !== 'train') return false;
  if (!decidesByChangingLoss(after, longer, library)) return false;
  const whole = stageLength(longer, after.data.train);
  const ended = stageLength(shorter, before.data.train);
  return ended.epochs !== whole.epochs && lossSettles(after, whole, library) > ended.epochs;
}

function differentSurroundings(run: RunRecord, trial: NamedTrial): readonly string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['seed', run.seed, trial.seed],
    ['data', run.dataSha256, trial.dataset.sha256],
    ['backend', run.backend, trial.backend],
    ['numerics', run.numerics, numericsVersion],
    ['--max-steps', run.maxSteps ?? 'no limit', trial.recipe.maxSteps ?? 'no limit'],
  ];
  const differences = pairs.filter(([, before, after]) => before !== after);
  const texts = differences.map(([name, before, after]) =>
    name === 'data' ? 'the data differ' : `${name} ${String(after)} (${run.id} has ${String(before)})`,
  );
  if (run.initialSha256 === (trial.init?.sha256 ?? null)) return texts;
  return [...texts, `${run.id} started from ${run.initialSha256 === null ? 'drawn' : 'given'} weights`];
}

function differentExperiments(before: ExperimentIr, after: ExperimentIr, library: Library): readonly string[] {
  const [a, b] = [partsOf(before, library), partsOf(after, library)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const differences = names.filter((name) => a[name] !== b[name]).map((name) => `${name} differs`);
  if (before.stages.at(-1)?.kind !== 'train' || after.stages.at(-1)?.kind !== 'train') return differences;
  if (lastLength(before).steps === lastLength(after).steps) return differences;
  return [...differences, ...schedulesOverTheStage(after, library)];
}

/** The canonical parts of an experiment, whatever the length of its last stage. */
function partsOf(ir: ExperimentIr, library: Library): Readonly<Record<string, string>> {
  const stages = ir.stages.map((stage, i) => {
    if (i < ir.stages.length - 1) return stage;
    const epochs = { value: 1, origin: 'given' } as const;
    return { ...stage, settings: { ...stage.settings, epochs, steps: { value: null, origin: 'given' } as const } };
  });
  const form = canonicalForm({ ...ir, stages }, library);
  if (typeof form !== 'object' || form === null) return {};
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, part]): readonly (readonly [string, string])[] =>
      name === 'stages' && Array.isArray(part)
        ? part.map((stage, i) => [`the stage '${ir.stages[i]?.name ?? i}'`, canonicalJson(stage)])
        : [[name, canonicalJson(part)]],
    ),
  );
}

/** @throws RangeError for an experiment without stages */
function lastLength({ stages, data }: ExperimentIr) {
  const last = stages.at(-1);
  if (!last) throw new RangeError('the experiment trains nothing');
  return stageLength(last, data.train);
}

function lastSettings({ stages }: ExperimentIr) {
  const last = stages.at(-1);
  return last?.kind === 'train' ? trainSettings(last.settings) : null;
}

/** Schedules that depend on the length of the last stage. */
function schedulesOverTheStage(ir: ExperimentIr, library: Library): readonly string[] {
  const last = ir.stages.at(-1);
  const values: readonly (Value | undefined)[] = [
    ...ir.loss.flatMap(({ weight, loss }) => [weight, loss]),
    ...ir.corruptions,
    ...(last?.kind === 'train' ? [last.optimizer] : []),
    ...argumentsOf(last?.settings ?? {}),
  ];
  const schedules = values.flatMap((value) => schedulesIn(value));
  return schedules
    .filter((schedule) => asksForTheLength(schedule, library))
    .map(({ word }) => `the schedule '${word}' depends on the number of epochs`);
}

function schedulesIn(value: Value | undefined): readonly WordValue[] {
  if (value === undefined || !isWordValue(value)) return [];
  const inner = argumentsOf(value.arguments).flatMap((argument) => schedulesIn(argument));
  return value.family === 'schedule' ? [value, ...inner] : inner;
}

function argumentsOf(values: Arguments): readonly Value[] {
  return Object.values(values).map(({ value }) => value);
}

/** Whether its initial value depends on the stage's length. */
function asksForTheLength(schedule: WordValue, library: Library): boolean {
  let asked = false;
  const length = () => {
    asked = true;
    return 1;
  };
  numberAt(
    schedule,
    library,
  )({
    epoch: 0,
    step: 0,
    get epochs() {
      return length();
    },
    get steps() {
      return length();
    },
  });
  return asked;
}
