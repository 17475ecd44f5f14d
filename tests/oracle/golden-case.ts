import type { Shape } from '../../src/compiler/ir/shape.js';
import type { ChainSettings, RbmUnits, UnitKind } from '../../src/runtime/lowering/stage/boltzmann.js';
import { Fields, GoldenFormatError } from './fields.js';
import { type GoldenLayer, readLayer } from './golden-layers.js';

/** How the stored bytes become what the network sees: `(x / divideBy - mean) / std`. */
export interface GoldenInput {
  readonly shape: Shape;
  readonly divideBy: number;
  readonly mean: number;
  readonly std: number;
}

export interface PlacedLayer {
  readonly name: string;
  readonly kind: string;
  /** Names of what it takes: other layers, or `x`. */
  readonly inputs: readonly string[];
  readonly layer: GoldenLayer;
  /** As the case states it, to compare with; null where it doesn't. */
  readonly outputShape: Shape | null;
}

export interface GoldenTerm {
  readonly name: string;
  readonly kind: string;
  readonly weight: number;
  readonly fields: Fields;
}

/** One network with its training. */
export interface NetworkTraining {
  readonly kind: 'network';
  readonly input: GoldenInput;
  readonly layers: readonly PlacedLayer[];
  readonly loss: readonly GoldenTerm[];
  readonly optimizer: Fields;
  readonly schedule: Fields | null;
  readonly clip: Fields | null;
  readonly batchSize: number;
  readonly steps: number;
}

/** A restricted Boltzmann machine with its training. */
export interface RbmTraining {
  readonly kind: 'rbm';
  readonly input: GoldenInput;
  /** Name of the layer, and of its parameters. */
  readonly name: string;
  readonly units: RbmUnits;
  readonly chain: ChainSettings;
  readonly lr: number;
  readonly momentum: readonly { readonly fromStep: number; readonly value: number }[];
  readonly weightDecay: number;
  readonly batchSize: number;
  readonly steps: number;
}

export type GoldenTraining = NetworkTraining | RbmTraining;

/** A training in its place among those of a case; a case of one network has one without a name. */
export interface GoldenStage {
  /** Null for the only one. */
  readonly name: string | null;
  /** Of its tensors among the inputs: `a.`, or nothing. */
  readonly prefix: string;
  /** Layers of earlier stages that the batch passes through first. */
  readonly inputFrom: readonly string[];
  /** Whether its parameters are those of `init`, even where an earlier stage has trained them. */
  readonly startsAtInit: boolean;
  readonly training: GoldenTraining;
}

/** The largest deviations that a case allows, by measure. */
export interface GoldenTolerance {
  readonly trajectory: number;
  readonly gradientNorm: number;
  readonly parameters: number;
  readonly evalOutput: number | null;
}

export interface GoldenCase {
  readonly name: string;
  readonly tolerance: GoldenTolerance;
  /** Elements of parameters, by tensor, that rounding alone moves further than the tolerance, and that aren't compared. */
  readonly illConditioned: ReadonlyMap<string, readonly number[]>;
  /** Words of its own, as an `.ae` file defines them. */
  readonly definitions: readonly string[];
  readonly stages: readonly GoldenStage[];
}

const format = 'autoencoder-golden/1';

/** @throws GoldenFormatError for anything that is not in the format */
export function readCase(json: string): GoldenCase {
  const fields = Fields.parse(json, 'case.json');
  const stated = fields.text('format');
  if (stated !== format) throw new GoldenFormatError(`case.json is in the format '${stated}', not '${format}'`);
  fields.ignore('summary', 'observed_deviation', 'provenance', 'smallest_pooling_gap', 'smallest_sampling_margin');
  const read: GoldenCase = {
    name: fields.text('name'),
    tolerance: readTolerance(fields.object('tolerance')),
    illConditioned: fields.has('ill_conditioned') ? readElements(fields.object('ill_conditioned')) : new Map(),
    definitions: fields.texts('definitions', []),
    stages: fields.has('stages')
      ? fields.objects('stages').map(readStage)
      : [{ name: null, prefix: '', inputFrom: [], startsAtInit: true, training: readTraining(fields) }],
  };
  fields.done();
  return read;
}

function readTolerance(fields: Fields): GoldenTolerance {
  const tolerance = {
    trajectory: fields.number('trajectory'),
    gradientNorm: fields.number('gradient_norm'),
    parameters: fields.number('parameters'),
    evalOutput: fields.has('eval_output') ? fields.number('eval_output') : null,
  };
  fields.done();
  return tolerance;
}

function readElements(fields: Fields): ReadonlyMap<string, readonly number[]> {
  return new Map(fields.names.map((name) => [name, fields.numbers(name)]));
}

function readStage(fields: Fields): GoldenStage {
  const name = fields.text('name');
  const start = fields.text('start', 'previous');
  const inputFrom =
    typeof fields.value('input_from') === 'string' ? [fields.text('input_from')] : fields.texts('input_from', []);
  fields.ignore('summary');
  const stage: GoldenStage = {
    name,
    prefix: `${fields.text('prefix', name)}.`,
    inputFrom: inputFrom.filter((layer) => layer !== 'x'),
    startsAtInit: start === 'init',
    training: readTraining(fields),
  };
  fields.done();
  return stage;
}

function readTraining(fields: Fields): GoldenTraining {
  const [first] = fields.objects('layers');
  return first?.text('kind') === 'rbm' ? readRbm(fields, first) : readNetwork(fields);
}

function readNetwork(fields: Fields): NetworkTraining {
  return {
    kind: 'network',
    input: readInput(fields.object('input')),
    layers: readLayers(fields.objects('layers')),
    loss: fields.objects('loss').map(readTerm),
    optimizer: fields.object('optimizer'),
    schedule: fields.has('schedule') ? fields.object('schedule') : null,
    clip: fields.has('clip') ? fields.object('clip') : null,
    batchSize: fields.number('batch_size'),
    steps: fields.number('steps'),
  };
}

function readRbm(fields: Fields, layer: Fields): RbmTraining {
  fields.ignore('loss');
  layer.ignore('visible', 'hidden', 'output_shape');
  const training = fields.object('training');
  const optimizer = fields.object('optimizer');
  requireKind(training, 'contrastive_divergence');
  requireKind(optimizer, 'rbm_momentum');
  const read: RbmTraining = {
    kind: 'rbm',
    input: readInput(fields.object('input')),
    name: layer.text('name'),
    units: { visible: unitKind(layer, 'visible_units'), hidden: unitKind(layer, 'hidden_units') },
    chain: { k: training.number('k', 1), visibleState: visibleState(training) },
    lr: optimizer.number('lr'),
    momentum: readMomentum(optimizer),
    weightDecay: optimizer.number('weight_decay', 0),
    batchSize: fields.number('batch_size'),
    steps: fields.number('steps'),
  };
  for (const part of [layer, training, optimizer]) part.done();
  return read;
}

function requireKind(fields: Fields, kind: string): void {
  const stated = fields.text('kind');
  if (stated !== kind) throw new GoldenFormatError(`unsupported kind '${stated}' in ${fields.place}`);
}

function unitKind(layer: Fields, name: string): UnitKind {
  const kind = layer.text(name, 'bernoulli');
  if (kind !== 'bernoulli' && kind !== 'gaussian') throw new GoldenFormatError(`unsupported ${name} '${kind}'`);
  return kind;
}

function visibleState(training: Fields): ChainSettings['visibleState'] {
  const state = training.text('visible_state');
  if (state !== 'probability' && state !== 'sample')
    throw new GoldenFormatError(`unsupported visible_state '${state}'`);
  return state;
}

/** One value, or a list of values from a step on. */
function readMomentum(optimizer: Fields): RbmTraining['momentum'] {
  if (typeof optimizer.value('momentum') === 'number') return [{ fromStep: 0, value: optimizer.number('momentum') }];
  return optimizer
    .objects('momentum')
    .map((change) => ({ fromStep: change.number('from_step'), value: change.number('value') }));
}

function readInput(fields: Fields): GoldenInput {
  fields.ignore('stored');
  const input = {
    shape: fields.numbers('shape'),
    divideBy: fields.number('divide_by', 1),
    mean: fields.number('mean', 0),
    std: fields.number('std', 1),
  };
  fields.done();
  return input;
}

function readLayers(layers: readonly Fields[]): readonly PlacedLayer[] {
  let previous = 'x';
  return layers.map((fields) => {
    const name = fields.text('name');
    const kind = fields.text('kind');
    const placed: PlacedLayer = {
      name,
      kind,
      inputs: fields.texts('inputs', [previous]),
      layer: readLayer(kind, fields),
      outputShape: fields.has('output_shape') ? fields.numbers('output_shape') : null,
    };
    fields.done();
    previous = name;
    return placed;
  });
}

function readTerm(fields: Fields): GoldenTerm {
  return { name: fields.text('name'), kind: fields.text('kind'), weight: fields.number('weight', 1), fields };
}
