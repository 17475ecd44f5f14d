import { codeReference, type ExperimentIr, type LayerNode, withHeads } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import { inputReference, isLayerReference, type LayerReference } from '../../compiler/ir/value.js';
import { conditionsNeeded, isConditional } from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import { networkInput, referenceKey } from '../../runtime/lowering/network.js';
import { ConditionValues } from '../../runtime/training/condition-values.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import { indented, literal, sections } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import {
  type LayerContext,
  layerCode,
  layerDefinitions,
  placesName,
  poolWithPlaces,
  purposeOf,
  takenBy,
  undoneBy,
} from './layers.js';
import { layersSeenBy } from './losses.js';
import { isIn, seenName, skipName, usesOtherBlock } from './names.js';

type Block = 'encoder' | 'decoder';

/**
 * `model.py`: encoder and decoder as PyTorch modules.
 * @param weights with what the transforms took of conditions
 */
export function modelFile(experiment: ExperimentIr, words: Words, weights: WeightValues): string {
  const seen = seenOutputs(experiment, words);
  const needs = {
    encoder: needsOf('encoder', experiment, words, seen),
    decoder: needsOf('decoder', experiment, words, seen),
  };
  const layers = allLayers(experiment);
  const definitions = layerDefinitions(layers, words);
  return sections([
    header(experiment, words, definitions.flat().join('\n')),
    randomNumbers(layers.some((node) => purposeOf(node, words) !== null)),
    ...definitions,
    moduleOf('encoder', experiment, words, seen, needs.encoder),
    moduleOf('decoder', experiment, words, seen, needs.decoder),
    autoencoder(needs),
    conditionFunction(experiment, words, weights),
    loader,
  ]);
}

/** Extra arguments of a block's `forward`. */
interface Needs {
  readonly seen: boolean;
  readonly encoder: boolean;
  readonly draw: boolean;
  /** The classes of the examples. */
  readonly classes: boolean;
}

function needsOf(block: Block, experiment: ExperimentIr, words: Words, { outputs, pools }: SeenOutputs): Needs {
  const nodes = withHeads(experiment[block]);
  const named = [...outputs, ...pools].some((key) =>
    key === networkInput ? block === 'encoder' : key.startsWith(`${block}/`),
  );
  const takes = (node: LayerNode) => takenBy(node, words).some((layer) => !isIn(block, layer, experiment));
  return {
    seen: named || nodes.some((node) => undoneBy(node, words) !== null || takes(node)),
    encoder: nodes.some((node) => usesOtherBlock(node, block)),
    draw: nodes.some((node) => purposeOf(node, words) !== null),
    classes: isConditional(nodes, words),
  };
}

function allLayers({ encoder, decoder }: ExperimentIr): readonly LayerNode[] {
  return withHeads([...encoder, ...decoder]);
}

function header(experiment: ExperimentIr, words: Words, definitions: string): readonly string[] {
  const { name, data, loss } = experiment;
  const transforms = data.transforms.map(({ word }) => word);
  const seen =
    transforms.length === 0
      ? 'pixels in [0, 1], other numbers as they are'
      : `what ${transforms.join(', ')} makes of the data`;
  const encoderClasses = isConditional(experiment.encoder, words);
  const about = aboutCondition(experiment, words);
  const [meaning] = loss.flatMap((term) => knownWord(words, 'loss', term.loss).pytorch?.predicts ?? []);
  return [
    `"""The autoencoder '${name}', as aedsl trained it.`,
    '',
    '    from model import load',
    '    model = load()',
    `    code = model.encoder(x${encoderClasses ? ', c' : ''})  # x: [batch, ${data.shape.join(', ')}], ${seen}`,
    `    rebuilt = model(x${about === null ? '' : ', c'})${about === null ? '' : `  # ${about}`}${meaning === undefined ? '' : `  # ${meaning}`}`,
    '"""',
    '',
    ...(/\bmath\./.test(definitions) ? ['import math'] : []),
    'from pathlib import Path',
    '',
    'import torch',
    'import torch.nn.functional as F',
    'from safetensors.torch import load_file',
    'from torch import nn',
  ];
}

/** What the argument `c` is; null for a model that is given nothing. */
function aboutCondition(experiment: ExperimentIr, words: Words): string | null {
  const { classes, columns } = conditionsNeeded(experiment, words);
  if (columns === 0) return classes === 0 ? null : 'c: [batch], the classes from 0';
  return `c: [batch, ${classes + columns}], as condition_of(rows) makes it`;
}

/** The function that makes `c` of rows of a table; nothing for a model that is given no columns. */
function conditionFunction(experiment: ExperimentIr, words: Words, weights: WeightValues): readonly string[] {
  const { data } = experiment;
  const { classes, columns } = conditionsNeeded(experiment, words);
  if (columns === 0) return [];
  const { gain, shift } = new ConditionValues(data, weights, words).rawUnits;
  let number = 0;
  const values = data.conditions.map(({ name, categories }) => {
    const value = `row[${literal(name)}]`;
    if (categories !== null) return `*one_hot(${value}, ${literal(categories)}),`;
    const [factor, added] = [gain[number % gain.length] ?? 1, shift[number % shift.length] ?? 0];
    number++;
    // A number that never varied in training keeps its unit.
    return `(${value} - ${literal(added)}) / ${literal(factor === 0 ? 1 : factor)},`;
  });
  const named = data.conditions.map(({ name, categories }) => `${literal(name)}: ${literal(categories?.[0] ?? 40)}`);
  const example = [...(classes === 0 ? [] : ['"label": 0']), ...named].join(', ');
  return [
    'def condition_of(rows):',
    ...indented([
      `"""The argument c of rows such as {${example}}: ${classes + columns} values of each."""`,
      'def one_hot(value, known):',
      ...indented(['return [float(value == each) for each in known]']),
      '',
      'return torch.tensor([[',
      ...indented([...(classes === 0 ? [] : [`*one_hot(row["label"], range(${classes})),`]), ...values]),
      '] for row in rows])',
    ]),
  ];
}

function randomNumbers(draws: boolean): readonly string[] {
  if (!draws) return [];
  return `
class Draw:
    """Where random layers take their numbers from; train.py puts aedsl's in its place."""

    def uniform(self, layer, purpose, like):
        return torch.rand_like(like)

    def normal(self, layer, purpose, like):
        return torch.randn_like(like)`.split('\n');
}

function moduleOf(
  block: Block,
  experiment: ExperimentIr,
  words: Words,
  seen: SeenOutputs,
  needs: Needs,
): readonly string[] {
  const nodes = experiment[block];
  const place: LayerContext = { experiment, words, block, holder: 'self', encoder: 'encoder' };
  const modules = [
    ...(needs.draw ? ['self.draw = Draw()'] : []),
    ...nodes.flatMap((node) => layerCode(node, place).modules),
  ];
  const input =
    block === 'encoder' ? experiment.data.shape : (experiment.encoder.at(-1)?.output ?? experiment.data.shape);
  const output = nodes.at(-1)?.output ?? input;
  const parameters = [
    'self',
    'x',
    ...(needs.classes ? ['c'] : []),
    ...(needs.encoder ? ['encoder'] : []),
    ...(needs.seen ? [block === 'encoder' ? 'seen=None' : 'seen'] : []),
  ];
  return [
    `class ${block === 'encoder' ? 'Encoder' : 'Decoder'}(nn.Module):`,
    ...indented([
      `"""${describe(input)} to ${describe(output)}."""`,
      '',
      'def __init__(self):',
      ...indented(['super().__init__()', ...modules]),
      '',
      `def forward(${parameters.join(', ')}):`,
      ...indented([
        ...(needs.seen && block === 'encoder' ? ['seen = {} if seen is None else seen'] : []),
        ...passThrough(block, nodes, place, seen),
        'return x',
      ]),
    ]),
  ];
}

/**
 * The statements that pass `x` through layers, an activation on one line with the layer before it.
 * @param seen dictionary that collects outputs; null for none
 */
export function passThrough(
  block: Block,
  nodes: readonly LayerNode[],
  place: LayerContext,
  seen: SeenOutputs | null,
): readonly string[] {
  const { experiment, words } = place;
  const start = block === 'encoder' ? inputReference : codeReference(experiment);
  const skipped = new Map(
    withHeads(nodes)
      .flatMap((node) => takenBy(node, words))
      .filter((layer) => isIn(block, layer, experiment))
      .map((layer) => [referenceKey(layer), `${skipName(layer, experiment, words)} = ${layer.head ?? 'x'}`]),
  );
  const kept = (reference: LayerReference) => {
    const heads = Object.keys(experiment[reference.block][reference.index]?.heads ?? {});
    return [reference, ...heads.map((head) => ({ ...reference, head }))].flatMap(
      (each) => skipped.get(referenceKey(each)) ?? [],
    );
  };
  const statements: string[] = [
    ...(block === 'encoder' && seen?.outputs.has(networkInput) ? ['seen["input"] = x'] : []),
    ...kept(start),
  ];
  let pending: string | null = null;
  const settle = () => {
    if (pending !== null && pending !== 'x') statements.push(`x = ${pending}`);
    pending = null;
  };
  for (const [index, node] of nodes.entries()) {
    const reference: LayerReference = { kind: 'layer', block, index, head: null };
    const key = referenceKey(reference);
    const { before, output } = layerCode(node, place);
    const { joins, activation } = knownWord(words, 'layer', node);
    if (joins === true || !activation) settle();
    statements.push(...before);
    if (seen?.pools.has(key)) {
      const places = literal(placesName(reference, experiment, words));
      statements.push(`x, seen[${places}] = ${poolWithPlaces(node, 'x', words)}`);
    } else {
      pending = output(pending ?? 'x');
    }
    const kepts = kept(reference);
    if (joins || kepts.length > 0) settle();
    statements.push(...kepts);
    if (!seen?.outputs.has(key)) continue;
    settle();
    const name = seenName(reference, experiment, words);
    const heads = Object.keys(node.heads).map((head) => `seen[${literal(`${name}.${head}`)}] = ${head}`);
    statements.push(`seen[${literal(name)}] = x`, ...heads);
  }
  settle();
  return statements;
}

function describe(shape: Shape): string {
  return `[batch, ${shape.join(', ')}]`;
}

function autoencoder({ encoder, decoder }: { readonly encoder: Needs; readonly decoder: Needs }): readonly string[] {
  const seen = encoder.seen || decoder.seen;
  const encoded = `self.encoder(${['x', ...(encoder.classes ? ['c'] : []), ...(encoder.seen ? ['seen'] : [])].join(', ')})`;
  const given = [
    'code',
    ...(decoder.classes ? ['c'] : []),
    ...(decoder.encoder ? ['self.encoder'] : []),
    ...(decoder.seen ? ['seen'] : []),
  ];
  return [
    'class Autoencoder(nn.Module):',
    ...indented([
      '"""The decoder on the encoder."""',
      '',
      'def __init__(self):',
      ...indented(['super().__init__()', 'self.encoder = Encoder()', 'self.decoder = Decoder()']),
      '',
      `def forward(self, x${encoder.classes || decoder.classes ? ', c' : ''}${seen ? ', seen=None' : ''}):`,
      ...indented([
        ...(seen ? ['seen = {} if seen is None else seen  # outputs that the loss or later layers need'] : []),
        `code = ${encoded}`,
        `return self.decoder(${given.join(', ')})`,
      ]),
    ]),
  ];
}

const loader = `
def load(weights="trained.safetensors"):
    """The trained model, ready to be used; the weights lie beside this file."""
    model = Autoencoder()
    model.load_state_dict(load_file(Path(__file__).parent / weights))
    return model.eval()`.split('\n');

/** Outputs that a forward pass must keep, by layer key. */
export interface SeenOutputs {
  /** Outputs that loss terms use. */
  readonly outputs: ReadonlySet<string>;
  /** Pools inverted later, whose argmax is needed. */
  readonly pools: ReadonlySet<string>;
}

/** Collects the outputs that the loss and unpooling layers need. */
function seenOutputs(experiment: ExperimentIr, words: Words): SeenOutputs {
  const { encoder, decoder, loss } = experiment;
  const keyOf = ({ block, index }: LayerReference) => referenceKey({ block, index, head: null });
  const named = loss.flatMap(({ loss: { arguments: args } }) =>
    Object.values(args).flatMap(({ value }) => (isLayerReference(value) ? [keyOf(value)] : [])),
  );
  const looked = loss.flatMap((term) => layersSeenBy(term.loss, { experiment, words }).map(keyOf));
  const taken = (['encoder', 'decoder'] as const).flatMap((block) =>
    withHeads({ encoder, decoder }[block])
      .flatMap((node) => takenBy(node, words))
      .filter((layer) => !isIn(block, layer, { encoder }))
      .map(keyOf),
  );
  const pools = [...encoder, ...decoder].flatMap((node) => undoneBy(node, words) ?? []).map(keyOf);
  return { outputs: new Set([...named, ...looked, ...taken]), pools: new Set(pools) };
}
