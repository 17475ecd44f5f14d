import { wantedOf } from '../../compiler/ir/experiment.js';
import { integer } from '../../compiler/library/parameter.js';
import type { DrawnFigure } from '../../runtime/figures/figure.js';

const parameters = {
  n: integer({ doc: 'How many.', unit: 'examples', default: 16 }),
};

export const reconstructions: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'reconstructions',
  version: 1,
  doc: 'The first `n` test examples over their reconstructions; with a corruption, the corrupted input between them, and with a `target` that as well. Named classes are written with them.',
  parameters,
  example: 'show { reconstructions(8) }',
  mistake: { text: 'show { reconstructions(0) }', code: 'AE306' },
  oracle: 'test:tests/runtime/figures/reconstructions.test.ts',
  needsLabels: false,
  check: () => [],
  tiles: { paper: 'white', grouped: true },
  preview: 'examples',
  async draw({ n }, { experiment, classNames, classes, examples }) {
    const [{ drawReconstructions }, { levelsOfRange }] = await Promise.all([
      import('../../runtime/figures/reconstructions.js'),
      import('../../runtime/figures/tile.js'),
    ]);
    const { count, clean, given, wanted, rebuilt } = examples(n);
    const { shape, rawRange } = wantedOf(experiment);
    const input = { shape: experiment.data.shape, levels: levelsOfRange(experiment.data.rawRange) };
    const rows = [
      { label: 'input', images: clean, ...input },
      ...(given === null ? [] : [{ label: 'corrupted', images: given, ...input }]),
      ...(wanted === null ? [] : [{ label: 'target', images: wanted }]),
      { label: 'output', images: rebuilt },
    ];
    const labels = classNames === null ? null : classes(count);
    const names = labels === null ? [] : Array.from(labels, (label) => classNames?.[label] ?? String(label));
    return drawReconstructions({ rows, count, shape, names, levels: levelsOfRange(rawRange) });
  },
};
