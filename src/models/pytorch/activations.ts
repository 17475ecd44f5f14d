import { type Arguments, ownValue, type Value } from '../../compiler/ir/value.js';
import { call, literal } from '../../words/python.js';
import { UnknownToPytorch } from './unsupported.js';

type Emit = (x: string, argument: (name: string) => Value) => string;

const activations: Readonly<Record<string, Emit>> = {
  linear: (x) => x,
  relu: (x) => call('F.relu', [x]),
  leaky_relu: (x, argument) => call('F.leaky_relu', [x, literal(argument('slope'))]),
  elu: (x, argument) => call('F.elu', [x, literal(argument('alpha'))]),
  selu: (x) => call('F.selu', [x]),
  gelu: (x, argument) => call('F.gelu', [x], { approximate: literal(argument('approximate')) }),
  softplus: (x, argument) =>
    call('F.softplus', [x], { beta: literal(argument('beta')), threshold: literal(argument('threshold')) }),
  sigmoid: (x) => call('torch.sigmoid', [x]),
  tanh: (x) => call('torch.tanh', [x]),
  silu: (x) => call('F.silu', [x]),
};

export function isActivation(word: string): boolean {
  return Object.hasOwn(activations, word);
}

/** An activation of an expression. @throws UnknownToPytorch */
export function activated(word: string, args: Arguments, x: string): string {
  const emit = ownValue(activations, word);
  if (!emit) throw new UnknownToPytorch('activation', word);
  return emit(x, (name) => args[name]?.value ?? null);
}
