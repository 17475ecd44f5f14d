import { type ExperimentIr, type LossTerm, wantedOf } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
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
export function lossExpression(
  loss: WordValue,
  { experiment, words }: LossPlace,
  constants: Constants = new Constants(experiment),
): string {
  const { pytorch } = knownWord(words, 'loss', loss);
  if (!pytorch) throw new UnknownToPytorch('loss', loss.word);
  return pytorch.expression(plainArguments(loss.arguments), placeIn(experiment, words, constants));
}

/** Numbers on a line. */
const perLine = 14;

/** Arrays of a loss, each once, as variables of the module. */
class Constants {
  readonly #names = new Map<string, string>();
  readonly #shape: Shape;

  constructor(experiment: Pick<ExperimentIr, 'data' | 'target'>) {
    this.#shape = wantedOf(experiment).shape;
  }

  /** The variable with these values, in the shape of an example. */
  name(values: readonly number[]): string {
    const text = values.map(literal).join(', ');
    const name = this.#names.get(text) ?? `weights_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  get statements(): readonly string[] {
    return [...this.#names].flatMap(([text, name]) => {
      const numbers = text.split(', ');
      const lines = Array.from(
        { length: Math.ceil(numbers.length / perLine) },
        (_, i) => `${numbers.slice(i * perLine, (i + 1) * perLine).join(', ')},`,
      );
      return [`${name} = torch.tensor([`, ...indented(lines), `]).reshape(${this.#shape.map(literal).join(', ')})`, ''];
    });
  }
}

/** Whether the value grows with the number of examples; its metric is then divided by it. */
export function sumsOverExamples(loss: WordValue, words: Words): boolean {
  return knownWord(words, 'loss', loss).sumsOverExamples(plainArguments(loss.arguments));
}

/** `terms(y, t, seen, model, time)`: each term of the loss with its weight. */
export function termsFunction(terms: readonly LossTerm[], place: LossPlace): readonly string[] {
  const constants = new Constants(place.experiment);
  const rows = terms.map(({ name, weight, loss }) => {
    const row = [
      lossExpression(loss, place, constants),
      numberAt(weight, place.words),
      sumsOverExamples(loss, place.words) ? 'True' : 'False',
    ];
    return `${literal(termQuantity(name))}: (${row.join(', ')}),`;
  });
  const { statements } = constants;
  return [
    ...statements,
    ...(statements.length === 0 ? [] : ['']),
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

function placeIn(experiment: ExperimentIr, words: Words, constants: Constants): PytorchLossPlace {
  return {
    number: (value) => numberAt(value, words),
    output: (on, head) => `seen[${literal(seenName({ ...on, head: head ?? on.head }, experiment, words))}]`,
    weightUnder: (on) => weightUnder(on, experiment),
    wantedElements: elementCount(wantedOf(experiment).shape),
    input: experiment.target === null ? 't' : 'clean',
    constant: (values) => constants.name(values),
  };
}

function weightUnder({ block, index }: LayerReference, experiment: ExperimentIr): string {
  const node = experiment[block].slice(0, index + 1).findLast(({ weights }) => weights.length > 0);
  if (!node) throw new RangeError('no layer with a weight is under the one that a term of the loss names');
  return `model.${block}.${attributeOf(node)}.weight`;
}
