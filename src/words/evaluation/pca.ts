import { elementCount } from '../../compiler/ir/shape.js';
import { partParameter } from '../../compiler/library/measured-parts.js';
import { integer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { blockWidth, leadingComponents } from '../../runtime/evaluation/leading-components.js';
import { stacked } from '../../runtime/evaluation/matrix.js';
import type { EvaluatedModel, Measured, ModelEvaluation } from '../../runtime/evaluation/measure.js';
import { pcaSquaredError, principalComponents, principalComponentsOfChunks } from '../../runtime/evaluation/pca.js';
import { RunningMean } from '../../runtime/evaluation/running-mean.js';
import { between, type Work } from '../../runtime/evaluation/work.js';
import { stream } from '../../runtime/random/stream.js';
import { groupedText } from '../../text/number-text.js';

const parameters = {
  components: integer({
    doc: 'Their number; the size of the code if it is left out, or that of the input if the code is larger.',
    default: null,
  }),
  part: partParameter(),
};

/** How the components of some examples are found; `rows` of them are used, the first ones. */
export interface PcaPlan {
  readonly method: 'exact' | 'iterative' | 'nothing_left';
  readonly rows: number;
}

/** Up to this many examples or values, whichever are fewer, the eigenvectors are those of the whole matrix. */
const mostExact = 1024;
/** The same where more components are wanted than an iteration follows. */
const mostExactAtAll = 3072;
const mostFollowed = 512;

/** Most values of all examples to hold in memory at once, and most for an iterative search. */
const mostAtOnce = 2 ** 27;
const mostValues = 2 ** 30;

/** Null if so many components of so many values would take hours. */
export function planOfPca(rows: number, columns: number, count: number): PcaPlan | null {
  if (columns <= mostExact || (rows <= mostExact && rows * columns <= mostAtOnce)) return { method: 'exact', rows };
  if (count >= columns) return { method: 'nothing_left', rows };
  if (count <= mostFollowed) {
    return { method: 'iterative', rows: Math.min(rows, Math.max(count, Math.floor(mostValues / columns))) };
  }
  return Math.min(rows, columns) <= mostExactAtAll ? { method: 'exact', rows } : null;
}

export const pca: ModelEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'pca',
  peers: ['PCA'],
  version: 1,
  doc:
    'The baseline: squared error per test image of principal component analysis of the same dimension, fitted on the ' +
    'training part, in the unit of `sse`. On MNIST with 30 components it is 13.87. ' +
    'In closed form up to 1,024 values or examples; of more by subspace iteration until less than 1e-5 of what is left ' +
    'changes, with 512 components at most.',
  source: 'Hinton and Salakhutdinov, Science 313 (2006), supporting text',
  parameters,
  example: 'evaluate { pca() }',
  mistake: { text: 'evaluate { pca(components=785) }', code: 'AE306' },
  oracle: 'test:tests/runtime/evaluation/pca.test.ts',
  metrics: {
    '': {
      doc: 'squared error of an example, in raw units, by PCA with as many components as the code has units: what `part.sse` has to beat',
      unit: 'raw units squared',
      goal: 'min',
    },
  },
  needsLabels: false,
  check({ components }, { input, target, train, code }) {
    if (target !== null) {
      return [
        problem('AE530', "'pca' rebuilds the input, and this experiment has a target that isn't", {
          hint: 'compare with a linear model: an experiment with one layer in the encoder and one in the decoder',
        }),
      ];
    }
    const size = elementCount(input);
    const count = components ?? Math.min(code, size);
    if (count <= size && planOfPca(train, size, count) === null) {
      return [
        problem('AE510', `${count} principal components of ${size} values would take hours`, {
          argument: components === null ? null : 'components',
          hint: `at most components=${mostFollowed} are found in minutes, among so many values`,
        }),
      ];
    }
    if (components === null || components <= size) return [];
    return [
      problem('AE306', `the input has ${size} values, and so at most as many components`, { argument: 'components' }),
    ];
  },
  measures: 'model',
  measure: ({ components }, model) => measurePca(components ?? Math.min(model.code, model.input), model),
  memory({ components }, { train, input, code }) {
    const plan = planOfPca(train, input, components ?? Math.min(code, input));
    if (plan?.method !== 'exact') return 0;
    return train < input ? train * (input * (FLOAT + DOUBLE) + train * DOUBLE) : 2 * DOUBLE * input * input;
  },
};

const [FLOAT, DOUBLE] = [4, 8];

function* measurePca(count: number, model: EvaluatedModel): Work<Measured> {
  const { train: rows, input: columns } = model;
  const plan = planOfPca(rows, columns, count);
  if (plan === null) throw new RangeError(`${count} components of ${columns} values would take hours`);
  if (plan.method === 'nothing_left') return { '': 0 };
  if (plan.method === 'iterative') {
    const used = plan.rows < rows ? `the first ${groupedText(plan.rows)} of ${groupedText(rows)}` : 'all';
    model.note(
      `${count} components of ${groupedText(columns)} values by subspace iteration, from ${used} training examples`,
    );
  }
  const chunks = () => model.raw('train', plan.rows);
  const work =
    plan.method === 'iterative'
      ? leadingComponents({
          chunks,
          columns,
          count,
          start: startOf(columns, blockWidth(count, plan.rows, columns)),
          products: model.products,
        })
      : rows < columns
        ? principalComponents(stacked(chunks(), rows), count)
        : principalComponentsOfChunks(chunks(), columns, count, rows);
  const components = yield* between(0, shareOfComponents, work);
  const error = new RunningMean();
  let done = 0;
  for (const examples of model.raw('test')) {
    error.add(pcaSquaredError(examples, components));
    done += examples.rows;
    yield shareOfComponents + ((1 - shareOfComponents) * done) / model.test;
  }
  return { '': error.value };
}

/** Approximate share of the work; the error on the test part follows. */
const shareOfComponents = 0.9;

/** Starting vectors, the same for every run. */
function startOf(columns: number, width: number): Float32Array {
  const start = new Float32Array(columns * width);
  stream({ seed: 'evaluation', path: 'pca', purpose: 'start' }).normal(start, 0);
  return start;
}
