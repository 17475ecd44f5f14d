import type { Shape } from '../../compiler/ir/shape.js';
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
export interface GoldenTraining {
  readonly input: GoldenInput;
  readonly layers: readonly PlacedLayer[];
  readonly loss: readonly GoldenTerm[];
  readonly optimizer: Fields;
  readonly schedule: Fields | null;
  readonly clip: Fields | null;
  readonly batchSize: number;
  readonly steps: number;
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
  readonly training: GoldenTraining;
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
    training: readTraining(fields),
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

function readTraining(fields: Fields): GoldenTraining {
  return {
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
