import type { ExperimentIr, LossTerm } from '../../compiler/ir/experiment.js';
import { elementCount } from '../../compiler/ir/shape.js';
import {
  isLayerReference,
  type LayerReference,
  ownValue,
  type Value,
  type WordValue,
} from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import { termQuantity } from '../../metrics/definitions.js';
import { attributeOf, seenName } from './names.js';
import { call, indented, literal } from './python.js';
import { numberAt } from './schedules.js';
import { UnknownToPytorch } from './unsupported.js';

interface LossPlace {
  readonly experiment: ExperimentIr;
  readonly library: Library;
}

type Emit = (argument: (name: string) => Value, place: LossPlace) => string;

const losses: Readonly<Record<string, Emit>> = {
  mse: (argument) => compared('F.mse_loss', argument('reduction')),
  mae: (argument) => compared('F.l1_loss', argument('reduction')),
  huber: (argument) => compared('F.huber_loss', argument('reduction'), { delta: numberAt(argument('delta')) }),
  bce: (argument) => compared('F.binary_cross_entropy', argument('reduction')),
  bce_with_logits: (argument) => compared('F.binary_cross_entropy_with_logits', argument('reduction')),
  l1: (argument, place) => reduced(`${outputOf(argument('on'), place)}.abs()`, argument('reduction')),
  l2: (argument, place) => reduced(`${outputOf(argument('on'), place)}.square()`, argument('reduction')),
  kl_sparsity: (argument, place) =>
    call('kl_sparsity', [outputOf(argument('on'), place)], {
      rho: numberAt(argument('rho')),
      reduction: literal(argument('reduction')),
    }),
  kl_gaussian(argument, place) {
    const heads = ['mu', 'logvar'].map((head) => outputOf(argument('on'), place, head));
    return call('kl_gaussian', heads, {
      free_bits: numberAt(argument('free_bits')),
      reduction: literal(argument('reduction')),
      inputs: literal(elementCount(place.experiment.data.shape)),
    });
  },
  contractive: (argument, place) =>
    call('contractive', [outputOf(argument('on'), place), weightUnder(argument('on'), place)]),
};

/** A loss of the prediction `y` against the target `t`, without its weight. @throws UnknownToPytorch */
export function lossExpression({ word, arguments: args }: WordValue, place: LossPlace): string {
  const emit = ownValue(losses, word);
  if (!emit) throw new UnknownToPytorch('loss', word);
  return emit((name) => args[name]?.value ?? null, place);
}

/** Whether the value grows with the number of examples; the metric is then per example. */
export function sumsOverExamples({ word, arguments: args }: WordValue): boolean {
  return args.reduction?.value === 'sum' && word !== 'kl_sparsity';
}

/** `terms(y, t, seen, model, time)`: each term of the loss with its weight. */
export function termsFunction(terms: readonly LossTerm[], place: LossPlace): readonly string[] {
  const rows = terms.map(({ name, weight, loss }) => {
    const row = [lossExpression(loss, place), numberAt(weight), sumsOverExamples(loss) ? 'True' : 'False'];
    return `${literal(termQuantity(name))}: (${row.join(', ')}),`;
  });
  return [
    'def terms_of_loss(y, t, seen, model, time):',
    ...indented([
      '"""By name: the value of the term, its weight, and whether it grows with the number of examples."""',
      'return {',
      ...indented(rows),
      '}',
    ]),
  ];
}

/** What PyTorch has no function for. */
export const lossDefinitions: readonly (readonly string[])[] = [
  `
def kl_sparsity(h, rho, reduction):
    """KL divergence of each unit's mean activation over the batch from rho (Ng, CS294A)."""
    p = h.mean(0)
    divergence = rho * torch.log(rho / p) + (1 - rho) * torch.log((1 - rho) / (1 - p))
    return divergence.mean() if reduction == "mean" else divergence.sum()`,
  `
def kl_gaussian(mu, logvar, free_bits, reduction, inputs):
    """KL divergence of N(mu, exp(logvar)) from N(0, 1); each dimension costs at least free_bits (Kingma et al. 2016)."""
    per_dimension = ((mu.square() + torch.expm1(logvar) - logvar) / 2).mean(0)
    if free_bits > 0:
        per_dimension = per_dimension.clamp(min=free_bits)
    scale = {"sum": len(mu), "batchmean": 1, "mean": 1 / inputs}[reduction]
    return per_dimension.sum() * scale`,
  `
def contractive(h, weight):
    """Squared Frobenius norm of dh/dx for h = sigmoid(W x + b), mean over the batch (Rifai et al. 2011)."""
    slopes = (h * (1 - h)).square()
    return (slopes @ weight.square().sum(1)).sum() / len(h)`,
].map((text) => text.split('\n'));

function compared(name: string, reduction: Value, settings: Readonly<Record<string, string>> = {}): string {
  if (reduction !== 'batchmean') return call(name, ['y', 't'], { ...settings, reduction: literal(reduction) });
  return `${call(name, ['y', 't'], { ...settings, reduction: '"sum"' })} / len(y)`;
}

function reduced(values: string, reduction: Value): string {
  return reduction === 'batchmean' ? `${values}.sum() / len(y)` : `${values}.${reduction === 'sum' ? 'sum' : 'mean'}()`;
}

function outputOf(on: Value, { experiment, library }: LossPlace, head: string | null = null): string {
  if (!isLayerReference(on)) throw new RangeError('a term of the loss names no layer');
  return `seen[${literal(seenName({ ...on, head: head ?? on.head }, experiment, library))}]`;
}

/** The weight of the layer, or of the one under its activations. */
function weightUnder(on: Value, { experiment }: LossPlace): string {
  if (!isLayerReference(on)) throw new RangeError('a term of the loss names no layer');
  const { block, index }: LayerReference = on;
  const node = experiment[block].slice(0, index + 1).findLast(({ weights }) => weights.length > 0);
  if (!node) throw new RangeError('no layer with a weight is under the one that a term of the loss names');
  return `model.${block}.${attributeOf(node)}.weight`;
}
