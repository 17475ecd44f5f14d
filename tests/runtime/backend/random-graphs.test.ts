import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExperimentIr } from '../../../src/compiler/ir/experiment.js';
import { compileStatements } from '../../compiler/library/statements.js';
import { digitsOf, type Trained, trainOn } from '../training/trial.js';
import { randomExperiment } from './random-experiments.js';
import { selectReference } from './reference/backend.js';
import { bitsOf, useSimd } from './simd/simd.js';

const runs = Number(process.env.AEDSL_FUZZ_RUNS ?? 30);

/** Everything that a training says of itself: each number of each step, the metrics, and the weights. */
function numbersOf({ events, metrics, weights }: Trained): ReadonlyMap<string, Float32Array> {
  const numbers = new Map<string, Float32Array>();
  for (const event of events) {
    if (event.event !== 'steps') continue;
    for (const [name, values] of Object.entries(event.series)) {
      numbers.set(`${event.stage} ${name} from step ${event.firstStep}`, values);
    }
  }
  for (const [name, value] of Object.entries(metrics)) numbers.set(name, Float32Array.of(value));
  for (const { key, values } of weights) numbers.set(key, values);
  return numbers;
}

async function trainedAfter(select: () => Promise<void>, experiment: ExperimentIr): Promise<Trained> {
  await select();
  // From the third step on a step may be a repetition of the one before, and an epoch's last batch may be smaller.
  return trainOn(digitsOf(experiment), experiment, { maxSteps: 6 });
}

/** The first numbers that differ in a bit. */
function firstDifference(simd: Trained, reference: Trained): string | null {
  if (simd.status !== reference.status) return `simd is ${simd.status}, the reference ${reference.status}`;
  const [ours, theirs] = [numbersOf(simd), numbersOf(reference)];
  for (const [name, expected] of theirs) {
    const actual = ours.get(name) ?? new Float32Array();
    const [left, right] = [bitsOf(actual), bitsOf(expected)];
    const at = right.findIndex((bits, i) => bits !== left[i]);
    if (at >= 0) return `${name}, element ${at} of ${expected.length}: ${actual[at]}, the reference ${expected[at]}`;
  }
  return null;
}

describe('experiments drawn at random', () => {
  it('train on simd as on the scalar reference, bit for bit', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(randomExperiment, async (statements) => {
        const { value, diagnostics } = compileStatements(statements);
        if (value === null) {
          refused++;
          // Nothing but what a drawn experiment cannot know: that a range or a shape does not fit.
          expect(
            diagnostics.map(({ code }) => code).filter((code) => !/^AE[45]/.test(code)),
            statements,
          ).toEqual([]);
          return;
        }
        const simd = await trainedAfter(() => useSimd(2), value.ir);
        const reference = await trainedAfter(selectReference, value.ir);
        expect(firstDifference(simd, reference), statements).toBeNull();
      }),
      { numRuns: runs },
    );
    expect(refused / runs).toBeLessThan(0.2);
  }, 600_000);
});
