import type { Shape } from '../compiler/ir/shape.js';
import { isWordValue, ownValue, type WordValue } from '../compiler/ir/value.js';
import { DenoisingSums } from '../runtime/evaluation/denoising.js';
import type { Matrix } from '../runtime/evaluation/matrix.js';
import { peakSignalToNoise } from '../runtime/evaluation/psnr.js';
import { RunningMean } from '../runtime/evaluation/running-mean.js';
import { structuralSimilarity } from '../runtime/evaluation/ssim.js';
import type { Work } from '../runtime/evaluation/work.js';
import type { Metrics } from '../runtime/training/metrics.js';
import { matrixOf } from './model.js';
import { type ModelWithData, portionsOf } from './portions.js';

/** Some examples and what the model makes of them, in raw units, or shifted from them all alike. */
interface Reconstruction {
  readonly clean: Matrix;
  /** What the model was given. */
  readonly given: Matrix;
  readonly rebuilt: Matrix;
}

/** Adds up what it measures of reconstructions, a portion of the test part after the other. */
export interface ReconstructionMeasure {
  /** What damages the examples that the model is given; null for nothing. */
  readonly corruption: WordValue | null;
  add(portion: Reconstruction): void;
  /** Of all that was added, by what comes after the word: '' or `.mse`. */
  metrics(): Metrics;
}

type Make = (evaluation: WordValue, shape: Shape) => ReconstructionMeasure;

const makers: Readonly<Record<string, Make>> = {
  psnr: () => meanOf(({ clean, rebuilt }) => peakSignalToNoise(clean, rebuilt)),
  ssim: (_evaluation, shape) =>
    meanOf(({ clean, rebuilt }) =>
      structuralSimilarity({ original: clean.values, rebuilt: rebuilt.values, count: clean.rows, shape }),
    ),
  denoising(evaluation) {
    const corruption = evaluation.arguments.corrupt?.value ?? null;
    if (!isWordValue(corruption)) throw new RangeError('denoising names no corruption');
    const sums = new DenoisingSums();
    return {
      corruption,
      add: ({ clean, given, rebuilt }) => sums.add({ clean, corrupted: given, rebuilt }),
      metrics() {
        const { mse, sse, inputMse, inputSse } = sums.errors;
        return { '.mse': mse, '.sse': sse, '.input_mse': inputMse, '.input_sse': inputSse };
      },
    };
  },
};

function meanOf(measure: (portion: Reconstruction) => Float64Array): ReconstructionMeasure {
  const mean = new RunningMean();
  return {
    corruption: null,
    add: (portion) => mean.add(measure(portion)),
    metrics: () => ({ '': mean.value }),
  };
}

/** What an evaluation measures of reconstructions; null for one that measures something else. */
export function reconstructionMeasure(evaluation: WordValue, shape: Shape): ReconstructionMeasure | null {
  return ownValue(makers, evaluation.word)?.(evaluation, shape) ?? null;
}

/** Those that are given the same, which one pass over the test part is for. */
export function passesOf<T extends { readonly measure: ReconstructionMeasure }>(
  measures: readonly T[],
): readonly (readonly T[])[] {
  const passes = new Map<string, T[]>();
  for (const one of measures) {
    const key = JSON.stringify(one.measure.corruption);
    passes.set(key, [...(passes.get(key) ?? []), one]);
  }
  return [...passes.values()];
}

/** Shows the reconstructions of the test part to all measures of one pass. */
export function* measureReconstructions(pass: readonly ReconstructionMeasure[], measured: ModelWithData): Work<void> {
  const count = measured.data.test.indices.length;
  let done = 0;
  for (const portion of reconstructions(pass[0]?.corruption ?? null, measured)) {
    for (const measure of pass) {
      yield done / count;
      measure.add(portion);
    }
    done += portion.clean.rows;
  }
}

function* reconstructions(corruption: WordValue | null, measured: ModelWithData): Generator<Reconstruction> {
  const { model } = measured;
  const shape = model.inputShape;
  for (const { count, input, target, uncut } of portionsOf('test', measured, { corruption })) {
    const raw = (seen: Float32Array) => matrixOf({ shape, count, values: model.comparable(seen) });
    const clean = raw(uncut ?? target);
    const given = input === target ? clean : raw(input);
    yield { clean, given, rebuilt: raw(model.reconstructScaled(input).values) };
  }
}
