import {
  codeReference,
  type ExperimentIr,
  type LayerNode,
  type LossTerm,
  wantedOf,
} from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import {
  inputReference,
  isWordValue,
  type LayerReference,
  plainArguments,
  type WordValue,
} from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { termQuantity } from '../../metrics/definitions.js';
import { indented, literal } from '../../words/python.js';
import type { PytorchLossPlace, Words } from '../../words/word.js';
import { distinct } from './layers.js';
import { attributeOf, isTied, layerAt, seenName, tiedBiasOf } from './names.js';
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

/** The layers whose outputs a term of the loss is an expression of. */
export function layersSeenBy(loss: WordValue, { experiment, words }: LossPlace): readonly LayerReference[] {
  const seen: LayerReference[] = [];
  const place = placeIn(experiment, words, new Constants(experiment), (on) => seen.push(on));
  knownWord(words, 'loss', loss).pytorch?.expression(plainArguments(loss.arguments), place);
  return seen;
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

function placeIn(
  experiment: ExperimentIr,
  words: Words,
  constants: Constants,
  looked?: (on: LayerReference) => void,
): PytorchLossPlace {
  return {
    number: (value) => numberAt(value, words),
    output(on, head) {
      looked?.(on);
      return `seen[${literal(seenName({ ...on, head: head ?? on.head }, experiment, words))}]`;
    },
    below: (on) => below(on, experiment),
    module: ({ block, index }) => moduleOf(block, experiment[block][index]),
    biases: (on) => biasesOver(on, experiment),
    weightUnder: (on) => weightUnder(on, experiment),
    wantedElements: elementCount(wantedOf(experiment).shape),
    input: experiment.target === null ? 't' : 'clean',
    constant: (values) => constants.name(values),
  };
}

/** @throws RangeError for the network's input */
function below({ block, index }: LayerReference, { encoder }: ExperimentIr): LayerReference {
  if (index > 0) return { kind: 'layer', block, index: index - 1, head: null };
  if (block === 'decoder') return codeReference({ encoder });
  if (index < 0) throw new RangeError('no layer is below the input');
  return inputReference;
}

function moduleOf(block: LayerReference['block'], node: LayerNode | undefined): string {
  if (!node) throw new RangeError('a term of the loss names no layer');
  return `model.${block}.${attributeOf(node)}`;
}

/** The biases from a layer down to the nearest with a `weight`, which is not counted. */
function biasesOver({ block, index }: LayerReference, experiment: ExperimentIr): readonly string[] {
  const nodes = experiment[block].slice(0, index + 1);
  const lowest = nodes.findLastIndex(({ weights }) => weights.some(({ name }) => name === 'weight'));
  return nodes
    .slice(lowest)
    .reverse()
    .flatMap((node) =>
      node.weights
        .filter(({ name }) => name === 'bias' || name === 'value')
        .map(({ name, tiedTo }) => {
          if (tiedTo !== null) return `${ownerOf(tiedTo.address, experiment)}.${tiedTo.name}`;
          return isTied(node) ? `model.${block}.${tiedBiasOf(node)}` : `${moduleOf(block, node)}.${name}`;
        }),
    );
}

function ownerOf(address: string, experiment: ExperimentIr): string {
  return moduleOf(address.startsWith('encoder/') ? 'encoder' : 'decoder', layerAt(experiment, address));
}

/** As `[outputs, inputs]` of the layer itself, whoever owns it. */
function weightUnder({ block, index }: LayerReference, experiment: ExperimentIr): string {
  const has = ({ weights }: LayerNode) => weights.some(({ name }) => name === 'weight');
  const node = experiment[block].slice(0, index + 1).findLast(has);
  const owner = node?.weights.find(({ name }) => name === 'weight')?.tiedTo ?? null;
  if (owner === null) return `${moduleOf(block, node)}.weight`;
  const weight = `${ownerOf(owner.address, experiment)}.weight`;
  return owner.transposed ? `${weight}.t()` : weight;
}
