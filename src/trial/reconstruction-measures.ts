import type { Reconstruction, ReconstructionMeasure } from '../runtime/evaluation/measure.js';
import type { Work } from '../runtime/evaluation/work.js';
import { type ModelWithData, portionsOf } from './chunks.js';
import { matrixOf } from './model.js';

/** Groups measures with the same input, so that one pass over the test part serves them. */
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

/** Passes the test part's reconstructions to all measures of a group. */
export function* measureReconstructions(pass: readonly ReconstructionMeasure[], measured: ModelWithData): Work<void> {
  const count = measured.data.test.indices.length;
  let done = 0;
  for (const chunk of reconstructions(pass[0]?.corruption ?? null, measured)) {
    for (const measure of pass) {
      yield done / count;
      measure.add(chunk);
    }
    done += chunk.clean.rows;
  }
}

function* reconstructions(
  corruption: ReconstructionMeasure['corruption'],
  measured: ModelWithData,
): Generator<Reconstruction> {
  const { model } = measured;
  const own = model.experiment.corruptions;
  const corruptions = corruption === null ? [] : corruption === 'own' ? own : [corruption];
  const [given, wanted] = [model.inputShape, model.outputShape];
  for (const batch of portionsOf('test', measured, { corruptions })) {
    const { count, input, target, uncut } = batch;
    const raw = (output: Float32Array) => matrixOf({ shape: wanted, count, values: model.comparable(output) });
    const expected = raw(uncut ?? target);
    yield {
      clean: expected,
      given: input === target ? expected : matrixOf({ shape: given, count, values: model.comparableInput(input) }),
      rebuilt: raw(model.reconstructScaled(input, batch).values),
    };
  }
}
