import { describeShape, sameShape } from '../../compiler/ir/shape.js';
import { partParameter } from '../../compiler/library/measured-parts.js';
import { word } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { DenoisingSums } from '../../runtime/evaluation/denoising.js';
import type { ReconstructionEvaluation } from '../../runtime/evaluation/measure.js';

const parameters = {
  corrupt: word({
    family: 'corruption',
    default: null,
    doc: 'What is done to the test examples; what `corrupt` says if it is left out.',
  }),
  part: partParameter(),
};

export const denoising: ReconstructionEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'denoising',
  version: 1,
  doc:
    'Error against the clean test examples when the input is corrupted, whatever the network was trained on: ' +
    '`denoising.mse` and `denoising.sse` of the reconstruction, `denoising.input_mse` and `denoising.input_sse` of the ' +
    'corrupted input itself. With a `target` the error is against that, and data that are noisy themselves need no corruption.',
  source: 'Vincent et al., Extracting and composing robust features with denoising autoencoders, ICML 2008',
  parameters,
  example: 'evaluate { denoising(salt(0.3)) }',
  mistake: { text: 'evaluate { denoising(salt(3)) }', code: 'AE306' },
  oracle: 'test:tests/runtime/evaluation/denoising.test.ts',
  metrics: {
    sse: {
      doc: 'squared error of an example against the clean input, with the corruption that `denoising(…)` names, or else `corrupt`',
      unit: 'raw units squared',
      goal: 'min',
    },
    mse: { doc: 'the same for a value', unit: 'raw units squared', goal: 'min' },
    input_sse: {
      doc: 'that of the corrupted input itself, of an example',
      unit: 'raw units squared',
      goal: null,
    },
    input_mse: { doc: 'the same for a value', unit: 'raw units squared', goal: null },
  },
  needsLabels: false,
  check({ corrupt }, { isCorrupted, input, target }) {
    if (target !== null && !sameShape(input, target)) {
      const shapes = `${describeShape(input)} and ${describeShape(target)}`;
      return [
        problem('AE530', `'denoising' compares the input with the target, and they are ${shapes}`, {
          hint: 'psnr() compares the output with the target alone',
        }),
      ];
    }
    if (corrupt !== null || isCorrupted || target !== null) return [];
    return [
      problem('AE510', "'denoising' needs a corruption, but the experiment has none", {
        hint: 'name one: denoising(salt(0.3))',
      }),
    ];
  },
  measures: 'reconstructions',
  start({ corrupt }) {
    const sums = new DenoisingSums();
    return {
      corruption: corrupt ?? 'own',
      add: ({ clean, given, rebuilt }) => sums.add({ clean, corrupted: given, rebuilt }),
      metrics() {
        const { mse, sse, inputMse, inputSse } = sums.errors;
        return { mse, sse, input_mse: inputMse, input_sse: inputSse };
      },
    };
  },
};
