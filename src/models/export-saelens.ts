import type { ExperimentIr, LayerNode } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import { plainArguments } from '../compiler/ir/value.js';
import { knownWord } from '../compiler/library/library.js';
import { typedArguments } from '../compiler/library/parameter.js';
import { transposed } from '../numerics/transposed.js';
import { encodeSafetensors } from '../runtime/formats/safetensors.js';
import { weightKey } from '../runtime/lowering/network.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import type { SaelensActivation } from '../words/saelens.js';
import type { Words } from '../words/word.js';
import { type ModelExport, provenance, trainedModel } from './export-onnx.js';

/** A model that is no sparse autoencoder of SAELens'. */
export class NotInSaelens extends Error {
  override readonly name = 'NotInSaelens';

  constructor(
    what: string,
    readonly hint: string,
  ) {
    super(`SAELens has no such sparse autoencoder: ${what}`);
  }
}

/**
 * A run's sparse autoencoder as SAELens saves one for inference: `cfg.json`, and `sae_weights.safetensors` with `W_enc`
 * [d_in, d_sae], `b_enc`, `W_dec` [d_sae, d_in], `b_dec` and, of thresholds, `threshold`; a gated one has `b_gate`, `b_mag` and
 * `r_mag` in the place of `b_enc`.
 *
 * @throws StoreError, LoadError for a run without weights, NotInSaelens
 */
export async function saelensFiles(options: Pick<ModelExport, 'library' | 'run' | 'store'>) {
  const { model, run } = await trainedModel(options);
  const { experiment, weights, words } = model;
  const changing = experiment.data.transforms.find(
    ({ word }) => words.find('transform', word)?.acts !== 'before corruption',
  );
  if (changing !== undefined) {
    const hint = `train without ${changing.word}: SAELens gives the activations themselves to an autoencoder`;
    throw new NotInSaelens(`the data are changed by ${changing.word}`, hint);
  }
  if (experiment.target !== null) throw unlike('the model has a target of its own');
  const { pre, dense, activation, out } = partsOf(experiment, words);
  const valuesOf = (node: LayerNode, name: string): Float32Array | null => weightOf(weights, node, name);
  const [size, units] = [elementCount(experiment.data.shape), elementCount(dense.output)];
  const below = valuesOf(dense, 'bias');
  const known = unitsIn(activation, words, below, (name) => required(valuesOf(activation, name)));
  const { threshold, biases = { b_enc: below ?? new Float32Array(units) }, ...architecture } = known;
  const bias = pre === null ? valuesOf(out, 'bias') : valuesOf(pre, 'value');
  const tensors = [
    { name: 'W_dec', shape: [units, size], values: transposed(required(valuesOf(out, 'weight')), size, units) },
    { name: 'W_enc', shape: [size, units], values: transposed(required(valuesOf(dense, 'weight')), units, size) },
    { name: 'b_dec', shape: [size], values: bias ?? new Float32Array(size) },
    ...Object.entries(biases).map(([name, values]) => ({ name, shape: [units], values })),
    ...(threshold === undefined ? [] : [{ name: 'threshold', shape: [units], values: threshold }]),
  ];
  const config = {
    d_in: size,
    d_sae: units,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: pre !== null,
    normalize_activations: 'none',
    reshape_activations: 'none',
    // One threshold for all units, or one for each that happen to be equal.
    metadata: { ...provenance(run), activation: activation.word },
    ...architecture,
  };
  return [
    { name: 'cfg.json', content: `${JSON.stringify(config, null, 2)}\n` },
    { name: 'sae_weights.safetensors', content: encodeSafetensors(tensors, { format: 'pt' }) },
  ];
}

function unitsIn(
  node: LayerNode,
  words: Words,
  bias: Float32Array | null,
  weight: (name: string) => Float32Array,
): SaelensActivation {
  const word = knownWord(words, 'layer', node);
  if (word.saelens?.is !== 'activation') throw new RangeError(`'${node.word}' is no activation of SAELens`);
  const args = typedArguments(word.parameters, plainArguments(node.arguments));
  return word.saelens.of({ args, units: elementCount(node.output), bias, weight });
}

interface Parts {
  readonly pre: LayerNode | null;
  readonly dense: LayerNode;
  readonly activation: LayerNode;
  readonly out: LayerNode;
}

/** @throws NotInSaelens */
function partsOf({ encoder, decoder }: ExperimentIr, words: Words): Parts {
  const partOf = ({ word }: LayerNode) => words.find('layer', word)?.saelens;
  const shaped = (node: LayerNode) => words.find('layer', node.word)?.reshapes === undefined;
  const rest = encoder.filter((node) => shaped(node) && partOf(node)?.is !== 'identity');
  const pre = rest[0] !== undefined && partOf(rest[0])?.is === 'input bias' ? (rest.shift() ?? null) : null;
  const [dense, activation, ...deeper] = rest;
  const units = activation === undefined ? undefined : partOf(activation);
  if (
    dense === undefined ||
    activation === undefined ||
    partOf(dense)?.is !== 'affine' ||
    units?.is !== 'activation' ||
    deeper.length > 0
  ) {
    throw unlike(`the encoder is ${rest.map(({ word }) => word).join(', ')}`);
  }
  const back = decoder.filter(shaped);
  const [out, ...behind] = back;
  const wanted = pre === null ? [] : ['output bias'];
  const isAlike = behind.length === wanted.length && behind.every((node, i) => partOf(node)?.is === wanted[i]);
  if (out === undefined || partOf(out)?.is !== 'affine' || !isAlike) {
    throw unlike(`the decoder is ${back.map(({ word }) => word).join(', ')}`);
  }
  if (pre !== null && out.weights.some(({ name }) => name === 'bias')) {
    throw unlike('the decoder has a bias besides the one that is subtracted from the input');
  }
  return { pre, dense, activation, out };
}

function unlike(what: string): NotInSaelens {
  return new NotInSaelens(
    what,
    'it has pre_bias() or none, dense(n, activation=relu | topk(k) | abs_topk(k)) or batch_topk(k), jump_relu() or gated() after dense(n), and one dense layer as the decoder',
  );
}

/** A layer's weight in PyTorch's layout; null if it has none of this name. */
function weightOf(weights: WeightValues, node: LayerNode, name: string): Float32Array | null {
  const declared = node.weights.find((weight) => weight.name === name);
  if (declared === undefined || node.address === null) return null;
  const { tiedTo, shape } = declared;
  if (tiedTo === null) return required(weights.get(weightKey(node.address, name)));
  const values = required(weights.get(weightKey(tiedTo.address, tiedTo.name)));
  const [rows = 1, columns = 1] = shape;
  return tiedTo.transposed ? transposed(values, columns, rows) : values;
}

function required(values: Float32Array | null | undefined): Float32Array {
  if (values === null || values === undefined) throw new RangeError('a layer without its weight');
  return values;
}
