import { type ExperimentIr, type LossTerm, wantedOf } from '../../compiler/ir/experiment.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { isWordValue, type LayerReference, plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { termQuantity } from '../../metrics/definitions.js';
import { indented, literal } from '../../words/python.js';
import type { PytorchLossPlace, Words } from '../../words/word.js';
import { distinct } from './layers.js';
import { attributeOf, seenName } from './names.js';
import { numberAt } from './schedules.js';
import { UnknownToPytorch } from './unsupported.js';

interface LossPlace {
  readonly experiment: ExperimentIr;
  readonly words: Words;
}

/** The loss of the prediction `y` against the target `t`, unweighted. */
export function lossExpression(loss: WordValue, { experiment, words }: LossPlace): string {
  const { pytorch } = knownWord(words, 'loss', loss);
  if (!pytorch) throw new UnknownToPytorch('loss', loss.word);
  return pytorch.expression(plainArguments(loss.arguments), placeIn(experiment, words));
}

/** Whether the value grows with the number of examples; its metric is then divided by it. */
export function sumsOverExamples(loss: WordValue, words: Words): boolean {
  return knownWord(words, 'loss', loss).sumsOverExamples(plainArguments(loss.arguments));
}

/** `terms(y, t, seen, model, time)`: each term of the loss with its weight. */
export function termsFunction(terms: readonly LossTerm[], place: LossPlace): readonly string[] {
  const rows = terms.map(({ name, weight, loss }) => {
    const row = [
      lossExpression(loss, place),
      numberAt(weight, place.words),
      sumsOverExamples(loss, place.words) ? 'True' : 'False',
    ];
    return `${literal(termQuantity(name))}: (${row.join(', ')}),`;
  });
  return [
    `def terms_of_loss(y, t, seen, model, time${place.experiment.target === null ? '' : ', clean'}):`,
    ...indented([
      '"""By name: the value of the term, its weight, and whether it grows with the number of examples."""',
      'return {',
      ...indented(rows),
      '}',
    ]),
  ];
}

/** Python functions that losses call and PyTorch lacks. */
export function lossDefinitions({ experiment, words }: LossPlace): readonly (readonly string[])[] {
  const pretraining = experiment.stages.flatMap((stage) =>
    stage.kind === 'pretrain' ? Object.values(plainArguments(stage.method.arguments)) : [],
  );
  const losses = [...experiment.loss.map(({ loss }) => loss), ...pretraining.filter(isWordValue)];
  return distinct([
    ...words.byFamily.loss.map(({ pytorch }) => pytorch?.definition),
    ...losses
      .filter(({ family, definition }) => family === 'loss' && definition !== undefined)
      .map((loss) => knownWord(words, 'loss', loss).pytorch?.definition),
  ]);
}

function placeIn(experiment: ExperimentIr, words: Words): PytorchLossPlace {
  return {
    number: (value) => numberAt(value, words),
    output: (on, head) => `seen[${literal(seenName({ ...on, head: head ?? on.head }, experiment, words))}]`,
    weightUnder: (on) => weightUnder(on, experiment),
    wantedElements: elementCount(wantedOf(experiment).shape),
    input: experiment.target === null ? 't' : 'clean',
  };
}

function weightUnder({ block, index }: LayerReference, experiment: ExperimentIr): string {
  const node = experiment[block].slice(0, index + 1).findLast(({ weights }) => weights.length > 0);
  if (!node) throw new RangeError('no layer with a weight is under the one that a term of the loss names');
  return `model.${block}.${attributeOf(node)}.weight`;
}
