import type { Value, WordValue } from '../../src/compiler/ir/value.js';
import { createLibrary, knownWord } from '../../src/compiler/library/library.js';
import { type NumberAt, numberAt } from '../../src/runtime/lowering/arguments.js';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import type { UpdateRule } from '../../src/runtime/training/updater.js';
import { norm } from '../../src/words/clip/norm.js';
import { step } from '../../src/words/schedule/step.js';
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

/** @throws GoldenFormatError for a kind that is not in the format, UnknownWord for one without a lowering */
export function goldenUpdateRule(
  { optimizer, schedule, clip }: Pick<NetworkTraining, 'optimizer' | 'schedule' | 'clip'>,
  words: LoweredLibrary,
): UpdateRule {
  const kind = optimizer.text('kind');
  const read = kinds[kind];
  if (!read) throw new GoldenFormatError(`unsupported optimizer kind '${kind}'`);
  const args = { ...read(optimizer), weight_decay: optimizer.number('weight_decay', 0) };
  const lrAt = learningRate(optimizer.number('lr'), schedule);
  optimizer.done();
  const word = knownWord(words, 'optimizer', kind);
  return {
    optimizer: word.lower(operations),
    slots: word.slots,
    argumentsAt: (time) => ({ ...args, lr: lrAt(time) }),
    clip: clip && goldenClip(clip),
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

function goldenClip(clip: Fields): UpdateRule['clip'] {
  const kind = clip.text('kind');
  if (kind !== 'global_norm') throw new GoldenFormatError(`unsupported clip kind '${kind}'`);
  const max = clip.number('max_norm');
  clip.done();
  return { lowering: norm.lower(operations), argumentsAt: () => ({ max }) };
}
