import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { BatchTensors } from '../../../src/runtime/training/batch-tensors.js';
import { tensorBatch } from '../../../src/runtime/training/examples.js';
import { examplesOf } from '../../../src/runtime/training/examples-of-data.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { elementsOf } from '../../../src/runtime/training/weight-store.js';
import { builtinWords } from '../../../src/words/words.js';
import { digitsOf, experimentOf } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 2 });
});

const time = { epoch: 0, step: 0, epochs: 1, steps: 1 };

/** Random places, or some that are always the same. */
const indicesAt = (step: number): Uint32Array => Uint32Array.from({ length: 7 }, (_, i) => (i * 5 + step * 3) % 30);

describe('the batch that the backend makes has the bits of the one that the host makes', () => {
  it.each([
    ['', ''],
    ['random_crop(10)  normalize(mean=0.1307, std=0.3081)', ''],
    ['random_crop(10)  normalize(mean=0.1307, std=0.3081)', 'corrupt salt(0.3)'],
    ['center_crop(9)  scale(-1, 1)', 'corrupt pepper(0.3)'],
    ['center_crop(9)', 'corrupt salt_and_pepper(0.4)'],
    ['normalize(mean=0.5, std=0.5)', 'corrupt masking(0.25)'],
    ['binarize()', 'corrupt masking(0)'],
    ['center_crop(9)', 'corrupt gaussian(0.2)'],
    // These need the host, which fills the same tensors.
    ['center_crop(9)  normalize(mean=0.5, std=0.5)', 'corrupt gaussian(0.2)'],
    ['center_crop(9)  binarize(stochastic=true)', 'corrupt salt(0.1)'],
    ['center_crop(9)', 'corrupt salt(0.1)  target digits() { center_crop(7) }'],
    ['random_crop(9)', 'target digits() { random_crop(8)  scale(-1, 1) }'],
  ])('{ %s } %s', (transforms, corruption) => {
    const experiment = experimentOf(`
      data digits(take=30, test=2) { ${transforms} }  ${corruption}
      encoder { flatten()  code: dense(3) }
      decoder { dense(target.size) }
      train adam(lr=0.01) { epochs = 1  batch = 7 }`);
    const examples = examplesOf(experiment, digitsOf(experiment), 5, builtinWords);
    for (const clean of [false, true]) {
      const batches = new BatchTensors(examples, { clean, sizes: { classes: 10, columns: 0 } });
      for (const step of [0, 1, 2, 3]) {
        scoped(() => {
          const indices = indicesAt(step);
          const host = tensorBatch(examples.trainingBatch(indices, step, time), {
            input: examples.shape,
            wanted: examples.targetShape ?? examples.shape,
            classes: 10,
            columns: 0,
          });
          batches.use({ indices, step, time }, ({ input, clean: undamaged, target, condition }) => {
            expect(condition && elementsOf(condition)).toEqual(host.condition && elementsOf(host.condition));
            expect(input.shape).toEqual(host.input.shape);
            expect(elementsOf(undamaged)).toEqual(elementsOf(host.clean));
            expect(elementsOf(target)).toEqual(elementsOf(clean ? host.clean : host.target));
            expect(elementsOf(input)).toEqual(elementsOf(clean ? host.clean : host.input));
          });
        });
      }
      batches.dispose();
    }
  });
});
