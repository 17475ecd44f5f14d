import type { ExperimentIr, LayerNode, PretrainStage } from '../../compiler/ir/experiment.js';
import { isWordValue, type Value } from '../../compiler/ir/value.js';
import { activationsAfter, inputRangeOf, reconstructionActivation } from '../../compiler/library/stage/surroundings.js';
import { termQuantity } from '../../metrics/definitions.js';
import { oppositeLayer } from '../../runtime/training/opposite-layer.js';
import { rbmUnits } from '../../runtime/training/rbm-layer.js';
import { stageSettings } from '../../runtime/training/stage-settings.js';
import { indented, literal } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import { corruptedValues } from './corruptions.js';
import { activated, type Place } from './layers.js';
import { lossExpression, sumsOverExamples } from './losses.js';
import { passThrough } from './model-file.js';
import { attributeOf, isTied, tiedBiasOf } from './names.js';
import { optimizerCode } from './optimizers.js';
import { numberAt } from './schedules.js';
import type { StreamNames } from './stream-names.js';
import { UnknownToPytorch } from './unsupported.js';

interface Context {
  readonly experiment: ExperimentIr;
  readonly words: Words;
  readonly streams: StreamNames;
}

/** The code of a stage that trains layers one by one: functions it needs, and the statements of the stage. */
export interface PretrainingCode {
  readonly functions: readonly (readonly string[])[];
  readonly statements: readonly string[];
}

/** @throws UnknownToPytorch */
export function pretrainingCode(stage: PretrainStage, context: Context): PretrainingCode {
  const layers = stage.layers.map((index) => {
    const node = context.experiment.encoder[index];
    if (!node || node.address === null) throw new RangeError(`the encoder has no layer ${index} to pretrain`);
    return { index, node, address: node.address };
  });
  return {
    functions: layers.map(({ index, node }) => belowFunction(index, node, context)),
    statements: layers.flatMap(({ index, node, address }) => [
      ...callOf(stage, index, node, address, context),
      ...handOver(index, node, context),
    ]),
  };
}

function belowName(node: LayerNode): string {
  return `below_${attributeOf(node)}`;
}

function belowFunction(index: number, node: LayerNode, { experiment, words }: Context): readonly string[] {
  const place: Place = { experiment, words, holder: 'encoder', encoder: 'encoder' };
  return [
    `def ${belowName(node)}(encoder, x):`,
    ...indented([
      `"""What the layers under ${attributeOf(node)} make of clean examples."""`,
      ...passThrough('encoder', experiment.encoder.slice(0, index), place, null),
      'return x',
    ]),
  ];
}

function callOf(
  stage: PretrainStage,
  index: number,
  node: LayerNode,
  address: string,
  context: Context,
): readonly string[] {
  const { epochs, batch, shuffle, dropLast } = stageSettings(stage.settings);
  const order = shuffle ? context.streams.of(address, 'order') : 'None';
  const common = [
    `stage=${literal(stage.name)},`,
    `layer=model.encoder.${attributeOf(node)},`,
    `below=lambda x: ${belowName(node)}(model.encoder, x),`,
    `batches=Batches(${order}, ${epochs}, ${batch}, ${literal(dropLast)}),`,
    'replay=replay,',
  ];
  switch (stage.method.word) {
    case 'rbm':
      return ['visible_bias = pretrain_rbm(', ...indented([...common, ...rbm(stage, index, address, context)]), ')'];
    case 'autoencoder':
      return [
        'visible_bias = pretrain_autoencoder(',
        ...indented([...common, ...autoencoder(stage, index, address, context)]),
        ')',
      ];
    default:
      throw new UnknownToPytorch('stage', stage.method.word);
  }
}

function rbm({ method, name }: PretrainStage, index: number, address: string, context: Context): readonly string[] {
  const { experiment, words, streams } = context;
  const argument = (named: string): Value => method.arguments[named]?.value ?? null;
  const activation = activationsAfter(index, experiment, words)[0]?.word ?? null;
  const units = rbmUnits(inputRangeOf(index, experiment), activation);
  const k = argument('k');
  const steps = Array.from({ length: typeof k === 'number' ? k : 1 }, (_, i) => i);
  const sampled = argument('visible_state') === 'sample';
  const rates = ['lr', 'momentum', 'weight_decay'].map((rate) => `${rate}=${numberAt(argument(rate), words)}`);
  const listed = (purpose: string) => `[${steps.map((i) => streams.of(address, `${purpose}_${i}`)).join(', ')}]`;
  return [
    `start=INITIAL[${literal(rbmWeightName(name, address))}],`,
    `visible_units=${literal(units.visible)},`,
    `hidden_units=${literal(units.hidden)},`,
    `hidden_streams=${listed('hidden')},`,
    `visible_streams=${sampled ? listed('visible') : 'None,  # probabilities instead of draws'}${sampled ? ',' : ''}`,
    `rates=lambda time: dict(${rates.join(', ')}),`,
  ];
}

/** What the weight that an RBM starts from is called among the initial weights. */
export function rbmWeightName(stage: string, address: string): string {
  return `${stage}.${address.replaceAll('/', '.')}.weight`;
}

function autoencoder({ method }: PretrainStage, index: number, address: string, context: Context): readonly string[] {
  const { experiment, words, streams } = context;
  const argument = (named: string): Value => method.arguments[named]?.value ?? null;
  const [optimizer, loss, corrupt] = [argument('optimizer'), argument('loss'), argument('corrupt')];
  if (!isWordValue(optimizer) || !isWordValue(loss))
    throw new RangeError("the arguments of 'autoencoder' are no words");
  const output = reconstructionActivation(argument('output'), index, experiment, words);
  const encoded = activationsAfter(index, experiment, words).reduce(
    (h, { word, arguments: args }) => activated(word, args, h, words),
    'h',
  );
  const corrupted = isWordValue(corrupt)
    ? corruptedValues(corrupt, 'x', streams.of(address, 'corruption'), words)
    : 'x';
  const { construct, rates } = optimizerCode(optimizer, words);
  return [
    `encode=lambda h: ${encoded},`,
    `decode=lambda y: ${output === null ? 'y' : activated(output.word, output.arguments, 'y', words)},`,
    `corrupt=lambda x, step, time: ${corrupted},`,
    `loss=lambda y, t, time: ${lossExpression(loss, { experiment, words })},`,
    `per_example=${literal(sumsOverExamples(loss, words))},`,
    `metric=${literal(termQuantity(loss.word))},`,
    `optimizer=lambda parameters: ${construct('parameters')},`,
    `rates=lambda time: {${rates.join(', ')}},`,
  ];
}

/** The decoder layer opposite takes what it can use of the trained layer. */
function handOver(index: number, node: LayerNode, { experiment }: Context): readonly string[] {
  const opposite = oppositeLayer(experiment, index);
  if (opposite?.address == null) return [];
  const attribute = `model.decoder.${attributeOf(opposite)}`;
  const own = opposite.weights.filter(({ tiedTo }) => tiedTo === null);
  const statements = own.flatMap(({ name }) => {
    if (name === 'weight') return [`${attribute}.weight.copy_(model.encoder.${attributeOf(node)}.weight.t())`];
    if (name !== 'bias') return [];
    const bias = isTied(opposite) ? `model.decoder.${tiedBiasOf(opposite)}` : `${attribute}.bias`;
    return [`${bias}.copy_(visible_bias)`];
  });
  return statements.length === 0 ? [] : ['with torch.no_grad():', ...indented(statements)];
}

/** What pretraining is written with. */
export const pretrainingDefinitions: readonly (readonly string[])[] = [
  `
def hidden_input(v, layer):
    return F.linear(v, layer.weight, layer.bias)`,
  `
def mean_of(units, x):
    return torch.sigmoid(x) if units == "bernoulli" else x`,
  `
def drawn(units, means, stream, step):
    if units == "gaussian":
        return means + torch.from_numpy(normal(stream, step, tuple(means.shape)))
    return (torch.from_numpy(uniform(stream, step, tuple(means.shape))) < means).float()`,
  `
@torch.no_grad()
def pretrain_rbm(
    stage, layer, below, batches, replay, start, visible_units, hidden_units, hidden_streams, visible_streams, rates
):
    """A restricted Boltzmann machine, trained by contrastive divergence (Hinton 2002). Returns its visible bias."""
    layer.weight.copy_(start)
    layer.bias.zero_()
    visible_bias = torch.zeros(layer.in_features)
    parameters = [layer.weight, visible_bias, layer.bias]
    velocities = [torch.zeros_like(p) for p in parameters]
    for step, time, indices in batches:
        data = below(batch_of(indices, step, time)[1])
        positive = mean_of(hidden_units, hidden_input(data, layer))
        hidden, visible, first = positive, data, None
        for i, stream in enumerate(hidden_streams):
            states = drawn(hidden_units, hidden, stream, step)
            means = mean_of(visible_units, states @ layer.weight + visible_bias)
            first = means if first is None else first
            visible = means if visible_streams is None else drawn(visible_units, means, visible_streams[i], step)
            hidden = mean_of(hidden_units, hidden_input(visible, layer))
        reconstruction = (data - first).square().sum() / len(data)
        gradients = [
            (hidden.t() @ visible - positive.t() @ data) / len(data),
            (visible - data).mean(0),
            (hidden - positive).mean(0),
        ]
        now = rates(time)
        for parameter, gradient, velocity in zip(parameters, gradients, velocities):
            decay = now["weight_decay"] if parameter is layer.weight else 0
            velocity.mul_(now["momentum"]).sub_(now["lr"] * (gradient + decay * parameter))
            parameter.add_(velocity)
        replay.compare(stage, {"reconstruction": reconstruction})
    return visible_bias`,
  `
def pretrain_autoencoder(
    stage, layer, below, batches, replay, encode, decode, corrupt, loss, per_example, metric, optimizer, rates
):
    """A layer with a tied decoder of its own rebuilds its clean input (Vincent et al. 2010). Returns the decoder's bias."""
    visible_bias = nn.Parameter(torch.zeros(layer.in_features))
    optimizer = optimizer([*layer.parameters(), visible_bias])
    for step, time, indices in batches:
        with torch.no_grad():
            t = below(batch_of(indices, step, time)[1])
        x = torch.from_numpy(corrupt(t.numpy(), step, time))
        y = decode(F.linear(encode(layer(x)), layer.weight.t(), visible_bias))
        value = loss(y, t, time)
        optimizer.zero_grad()
        value.backward()
        optimizer.param_groups[0].update(rates(time))
        optimizer.step()
        replay.compare(stage, {metric: value / len(t) if per_example else value})
    return visible_bias.detach()`,
].map((text) => text.split('\n'));
