import { closed } from '../../compiler/ir/interval.js';
import { boolean, integer } from '../../compiler/library/parameter.js';
import type { StructureWord } from '../../compiler/library/word.js';

const parameters = {
  times: integer({ doc: 'How many times; with 0 the layers are left out.', range: closed(0, 10_000) }),
  shared: boolean({
    doc: 'Whether all turns have the weights of the first, as if `share` stood for the others.',
    default: false,
  }),
};

export const repeat: StructureWord<typeof parameters> = {
  family: 'structure',
  name: 'repeat',
  peers: ['Repeat', 'loop', 'times'],
  version: 1,
  doc:
    'The layers in braces so many times, one after the other, each with weights of its own, as if they had been written out, or with `shared=true` all with the same weights. ' +
    'A label in braces is known in braces alone, where it means the layer of the same turn; to name what comes out, label the `repeat`.',
  parameters,
  example: `param depth = 2
  encoder { repeat(depth) { dense(32, activation=relu) }  code: dense(16) }`,
  mistake: { text: 'encoder { repeat(-1) { dense(32) }  code: dense(16) }', code: 'AE306' },
  oracle: 'test:tests/compiler/structures.test.ts',
  copies: ({ times }) => times,
  sharesCopies: ({ shared }) => shared,
  hidesLabels: true,
};
