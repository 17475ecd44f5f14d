import { isSchedule, ownValue, type Value, type WordValue } from '../../compiler/ir/value.js';
import { call, literal } from '../../words/python.js';
import { numberAt } from './schedules.js';
import { UnknownToPytorch } from './unsupported.js';

/** The class of an optimizer, and what its arguments are called there. */
interface Optimizer {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: {
    name: 'torch.optim.SGD',
    settings: { lr: 'lr', momentum: 'momentum', nesterov: 'nesterov', weight_decay: 'weight_decay' },
  },
  adam: { name: 'torch.optim.Adam', settings: { lr: 'lr', eps: 'eps', weight_decay: 'weight_decay' } },
  adamw: { name: 'torch.optim.AdamW', settings: { lr: 'lr', eps: 'eps', weight_decay: 'weight_decay' } },
  rmsprop: {
    name: 'torch.optim.RMSprop',
    settings: { lr: 'lr', alpha: 'alpha', eps: 'eps', momentum: 'momentum', weight_decay: 'weight_decay' },
  },
};

/** An optimizer in Python. */
export interface OptimizerCode {
  /** The constructor, of the parameters that an expression gives. */
  readonly construct: (parameters: string) => string;
  /** Its settings at the moment `time`, as the items of a dictionary; empty where none follows a schedule. */
  readonly rates: readonly string[];
}

/** @throws UnknownToPytorch */
export function optimizerCode({ word, arguments: args }: WordValue): OptimizerCode {
  const optimizer = ownValue(optimizers, word);
  if (!optimizer) throw new UnknownToPytorch('optimizer', word);
  const given = new Map<string, Value>(
    Object.entries(optimizer.settings).map(([name, theirs]) => [theirs, args[name]?.value ?? null]),
  );
  const betas = [args.beta1?.value, args.beta2?.value].flatMap((beta) => (beta === undefined ? [] : [beta]));
  const keywords = Object.fromEntries([...given].map(([name, value]) => [name, startingValue(name, value)]));
  const scheduled = [...given].filter(([, value]) => isSchedule(value));
  const scheduledBetas = betas.some(isSchedule);
  return {
    construct: (parameters) =>
      call(optimizer.name, [parameters], {
        ...keywords,
        ...(betas.length === 0 ? {} : { betas: `(${betas.map((beta) => startingValue('beta', beta)).join(', ')})` }),
      }),
    rates: [
      ...scheduled.map(([name, value]) => `${literal(name)}: ${rate(name, value)}`),
      ...(scheduledBetas ? [`"betas": (${betas.map((beta) => numberAt(beta)).join(', ')})`] : []),
    ],
  };
}

/** Before the first step; a schedule's value is put in its place at every step. */
function startingValue(name: string, value: Value): string {
  if (!isSchedule(value)) return literal(value);
  return name === 'beta' || name === 'alpha' ? '0.9' : '1e-30';
}

/** PyTorch forgets the velocity where the momentum is 0; so little of it changes nothing else. */
function rate(name: string, value: Value): string {
  return name === 'momentum' ? `${numberAt(value)} or 1e-30` : numberAt(value);
}

/** What bounds the gradients, as a statement; null where nothing does. @throws UnknownToPytorch */
export function clipStatement(clip: WordValue | null): string | null {
  if (clip === null) return null;
  const most = numberAt(clip.arguments.max?.value ?? null);
  switch (clip.word) {
    case 'norm':
      return `nn.utils.clip_grad_norm_(model.parameters(), ${most})`;
    case 'value':
      return `nn.utils.clip_grad_value_(model.parameters(), ${most})`;
    default:
      throw new UnknownToPytorch('clip', clip.word);
  }
}
