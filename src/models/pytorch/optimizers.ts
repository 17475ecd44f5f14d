import { isSchedule, plainArguments, type Value, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { call, literal } from '../../words/python.js';
import type { OptimizerCode, Words } from '../../words/word.js';
import { numberAt } from './schedules.js';
import { UnknownToPytorch } from './unsupported.js';

/** @throws UnknownToPytorch */
export function optimizerCode({ word, arguments: args }: WordValue, words: Words): OptimizerCode {
  const { pytorch, parameters } = knownWord(words, 'optimizer', word);
  if (!pytorch) throw new UnknownToPytorch('optimizer', word);
  const values = plainArguments(args);
  const argument = (name: string): Value => values[name] ?? null;
  const settings = Object.keys(parameters).filter((name) => !pytorch.betas.includes(name));
  const given = settings.map((name): readonly [string, Value] => [name, argument(name)]);
  const betas = pytorch.betas.map(argument);
  const keywords = Object.fromEntries(given.map(([name, value]) => [name, startingValue(name, value)]));
  const scheduled = given.filter(([, value]) => isSchedule(value));
  const scheduledBetas = betas.some(isSchedule);
  return {
    construct: (parameters) =>
      call(pytorch.name, [parameters], {
        ...keywords,
        ...(betas.length === 0 ? {} : { betas: `(${betas.map((beta) => startingValue('beta', beta)).join(', ')})` }),
      }),
    rates: [
      ...scheduled.map(([name, value]) => `${literal(name)}: ${rate(name, value, words)}`),
      ...(scheduledBetas ? [`"betas": (${betas.map((beta) => numberAt(beta, words)).join(', ')})`] : []),
    ],
  };
}

/** The value before the first step; a schedule's is updated at every step. */
function startingValue(name: string, value: Value): string {
  if (!isSchedule(value)) return literal(value);
  return name === 'beta' || name === 'alpha' ? '0.9' : '1e-30';
}

/** PyTorch drops the velocity when the momentum is 0; a momentum this small keeps it and changes nothing else. */
function rate(name: string, value: Value, words: Words): string {
  return name === 'momentum' ? `${numberAt(value, words)} or 1e-30` : numberAt(value, words);
}

/** The statement that clips the gradients; null if nothing does. */
export function clipStatement(clip: WordValue | null, words: Words): string | null {
  if (clip === null) return null;
  const { pytorch } = knownWord(words, 'clip', clip.word);
  if (!pytorch) throw new UnknownToPytorch('clip', clip.word);
  return pytorch.statement(plainArguments(clip.arguments), 'model.parameters()', {
    number: (value) => numberAt(value, words),
  });
}
