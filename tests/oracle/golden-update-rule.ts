import type { Value, WordValue } from '../../src/compiler/ir/value.js';
import { createLibrary } from '../../src/compiler/library/library.js';
import { step } from '../../src/compiler/library/schedule/step.js';
import { type NumberAt, numberAt } from '../../src/runtime/lowering/arguments.js';
import type { Lowerings } from '../../src/runtime/lowering/lowering.js';
import { UnsupportedWord } from '../../src/runtime/lowering/unsupported-word.js';
import type { UpdateRule } from '../../src/runtime/training/updater.js';
import { type Fields, GoldenFormatError } from './fields.js';
import type { NetworkTraining } from './golden-case.js';

type OptimizerReader = (fields: Fields) => Readonly<Record<string, Value>>;

const adam: OptimizerReader = (fields) => ({
  beta1: fields.number('beta1', 0.9),
  beta2: fields.number('beta2', 0.999),
  eps: fields.number('eps', 1e-8),
});

/** Every kind of optimizer of the format but the one of an RBM, by its name there. */
const kinds: Readonly<Record<string, OptimizerReader>> = {
  sgd: (fields) => ({ momentum: fields.number('momentum', 0), nesterov: fields.boolean('nesterov', false) }),
  adam,
  adamw: adam,
  rmsprop: (fields) => ({
    alpha: fields.number('alpha', 0.99),
    eps: fields.number('eps', 1e-8),
    momentum: fields.number('momentum', 0),
  }),
};

/** @throws GoldenFormatError for a kind that is not in the format, UnsupportedWord for one without a lowering */
export function goldenUpdateRule(
  { optimizer, schedule, clip }: Pick<NetworkTraining, 'optimizer' | 'schedule' | 'clip'>,
  lowerings: Lowerings,
): UpdateRule {
  const kind = optimizer.text('kind');
  const read = kinds[kind];
  if (!read) throw new GoldenFormatError(`unsupported optimizer kind '${kind}'`);
  const args = { ...read(optimizer), weight_decay: optimizer.number('weight_decay', 0) };
  const lrAt = learningRate(optimizer.number('lr'), schedule);
  optimizer.done();
  const lowering = lowerings.optimizers.find(({ word }) => word.name === kind);
  if (!lowering) throw new UnsupportedWord('optimizer', kind);
  return {
    optimizer: lowering,
    argumentsAt: (time) => ({ ...args, lr: lrAt(time) }),
    clip: clip && goldenClip(clip, lowerings),
  };
}

function learningRate(lr: number, schedule: Fields | null): NumberAt {
  if (!schedule) return () => lr;
  const kind = schedule.text('kind');
  if (kind !== 'step') throw new GoldenFormatError(`unsupported schedule kind '${kind}'`);
  const given = { start: lr, every: schedule.number('every'), factor: schedule.number('gamma'), unit: 'steps' };
  schedule.done();
  const value: WordValue = {
    kind: 'word',
    family: 'schedule',
    word: step.name,
    version: step.version,
    arguments: Object.fromEntries(Object.entries(given).map(([name, x]) => [name, { value: x, origin: 'given' }])),
  };
  return numberAt(value, createLibrary({ schedule: [step] }));
}

function goldenClip(clip: Fields, lowerings: Lowerings): UpdateRule['clip'] {
  const kind = clip.text('kind');
  if (kind !== 'global_norm') throw new GoldenFormatError(`unsupported clip kind '${kind}'`);
  const max = clip.number('max_norm');
  clip.done();
  const lowering = lowerings.clips.find(({ word }) => word.name === 'norm');
  if (!lowering) throw new UnsupportedWord('clip', 'norm');
  return { lowering, argumentsAt: () => ({ max }) };
}
