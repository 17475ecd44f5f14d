import { closed, halfOpen, type Interval, realLine } from '../../compiler/ir/interval.js';
import { type ArgumentsOf, boolean, integer, real } from '../../compiler/library/parameter.js';
import { ok, type Problem, problem } from '../../compiler/library/word.js';
import { drawnDataset } from '../../runtime/datasets/synth/drawn-dataset.js';
import { featuresOfTrees } from '../../runtime/datasets/synth/firing.js';
import type { WorldSpec } from '../../runtime/datasets/synth/spec.js';
import type { Dataset } from '../word.js';

/** Examples that a part may have, so that their numbers fit in memory. */
const mostExamples = 2 ** 28;
/** Numbers in the directions of all features. */
const mostNumbers = 2 ** 27;

const most = Number.MAX_SAFE_INTEGER;
const notNegative: Interval = { low: 0, high: Infinity, lowOpen: false, highOpen: true };

const parameters = {
  features: integer({
    doc: 'Features that there are.',
    peers: ['num_features', 'n_features', 'n_ground_truth_features'],
    range: closed(1, 2 ** 20),
    default: 2048,
  }),
  dim: integer({
    doc: 'Values of an example.',
    peers: ['hidden_dim', 'd_model', 'd_in', 'activation_dim'],
    range: closed(1, 2 ** 16),
    default: 128,
  }),
  exponent: real({
    doc: 'Exponent of Zipf’s law, by which rates fall from the first feature to the last.',
    range: { low: 0, high: 100, lowOpen: true, highOpen: false },
    default: 0.5,
  }),
  frequent: real({
    doc: 'Share of the examples for which the first feature fires.',
    peers: ['max_prob', 'p_max'],
    range: closed(1e-5, 1),
    default: 0.4,
  }),
  rare: real({
    doc: 'Share of the examples for which the last feature fires.',
    peers: ['min_prob', 'p_min'],
    range: closed(1e-5, 1),
    default: 5e-4,
  }),
  correlation: real({
    doc:
      'The share c of a Gaussian copula that features have in common: two of them correlate in it by c times the cosine of two ' +
      'random directions of `rank` values. 0 for features that fire independently.',
    peers: ['correlation_scale'],
    range: halfOpen(0, 1),
    default: 0,
  }),
  rank: integer({
    doc: 'Rank of the correlations.',
    peers: ['correlation_rank'],
    range: closed(1, 1024),
    default: 25,
  }),
  trees: integer({
    doc: 'The first features are roots of so many trees: a child fires only with its parent.',
    peers: ['total_root_nodes', 'hierarchy'],
    range: closed(0, 2 ** 20),
    default: 0,
  }),
  children: integer({
    doc: 'Children of each feature of a tree that is above the last level.',
    peers: ['branching_factor'],
    range: closed(1, 2 ** 20),
    default: 4,
  }),
  depth: integer({
    doc: 'Levels below the roots.',
    peers: ['max_depth'],
    range: closed(1, 20),
    default: 1,
  }),
  exclusive: boolean({
    doc: 'Whether at most one of the children of a feature fires at a time.',
    peers: ['mutually_exclusive'],
    default: true,
  }),
  magnitude: real({
    doc: 'How strongly a feature fires.',
    peers: ['mean_firing_magnitudes'],
    range: { low: 0, high: 1e6, lowOpen: true, highOpen: false },
    default: 1,
  }),
  spread: real({
    doc: 'How much that varies: a feature that fires has the value `magnitude · |1 + spread · N(0, 1)|`.',
    peers: ['std_firing_magnitudes'],
    range: closed(0, 100),
    default: 0.2,
  }),
  noise: real({
    doc: 'Standard deviation of the Gaussian noise that is added to each value.',
    range: notNegative,
    default: 0,
  }),
  repel: integer({
    doc:
      'Steps in which the random directions of the features move apart. Twenty make them orthogonal where there are no more features than ' +
      'values; many more features than values are about as far apart as they can be from the start.',
    peers: ['orthogonalization', 'num_steps'],
    range: closed(0, 1000),
    default: 0,
  }),
  seed: integer({
    doc: 'Another seed is another world, with other examples. It is not the run’s seed, so that all seeds of a sweep see the same world.',
    range: closed(0, most),
    default: 0,
  }),
  take: integer({
    doc: 'Training examples.',
    unit: 'examples',
    range: closed(1, mostExamples),
    default: 100_000,
  }),
  validation: integer({
    doc: 'Validation examples: those after the training examples.',
    unit: 'examples',
    range: closed(0, mostExamples),
    default: 0,
  }),
  test: integer({
    doc: 'Test examples, which are drawn apart.',
    unit: 'examples',
    range: closed(0, mostExamples),
    default: 10_000,
  }),
};

export const synth: Dataset<typeof parameters> = {
  family: 'dataset',
  name: 'synth',
  peers: ['SyntheticModel', 'synthetic', 'toy_model', 'ActivationGenerator', 'make_sparse_coded_signal'],
  version: 1,
  doc:
    'A world whose features are known: each example is the sum of the features that fire, `x = Σ aᵢ dᵢ + noise`. ' +
    'The directions dᵢ are random and have norm 1. Feature i of n fires for a share `rare + (frequent - rare) (i⁻ᵃ - n⁻ᵃ) / (1 - n⁻ᵃ)` ' +
    'of the examples, with a the `exponent`, and children no more often than their parent. ' +
    'Examples are drawn whenever they are needed, each by its number and the `seed`, and nothing is stored; they are the same on every machine. ' +
    '`recovery` compares what was learned with the features.',
  source: 'Chanin and Garriga-Alonso, SynthSAEBench, arXiv:2602.14687, whose rates and correlations are the defaults',
  parameters,
  example: `data synth(features=24, dim=16, rare=0.02, take=256, test=64, seed=1)
  decoder { dense(input.size) }`,
  mistake: { text: 'data synth(frequent=0.1, rare=0.2)', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/synth.test.ts',
  describe(args) {
    const wrong = impossible(args);
    if (wrong !== null) return { ok: false, problem: wrong };
    return ok({
      shape: [args.dim],
      train: 2 * mostExamples,
      test: mostExamples,
      range: realLine,
      classes: null,
      valueBytes: 0,
      trueFeatures: args.features,
    });
  },
  format: null,
  isMade: true,
  load(args, { parts }) {
    const { take, validation, test } = parts;
    const counts = { train: (take ?? args.take) + validation, test: test ?? args.test };
    return { dataset: drawnDataset('synth', specOf(args), counts), isWhole: false, division: parts };
  },
};

type Arguments = ArgumentsOf<typeof parameters>;

function specOf({ take: _take, validation: _validation, test: _test, ...spec }: Arguments): WorldSpec {
  return spec;
}

function impossible(args: Arguments): Problem | null {
  const { features, dim, frequent, rare, trees, children, depth } = args;
  if (rare > frequent) {
    return problem('AE306', `the last feature is to fire more often (${rare}) than the first (${frequent})`, {
      argument: 'rare',
      hint: 'rare is at most frequent; the same number for both lets all features fire alike',
    });
  }
  if (features * dim > mostNumbers) {
    return problem('AE306', `${features} features of ${dim} values are more than ${mostNumbers} numbers`, {
      argument: 'features',
      hint: 'take fewer features, or fewer values',
    });
  }
  const needed = featuresOfTrees({ trees, children, depth });
  if (needed <= features) return null;
  const message = `${trees} trees of ${children} children in ${depth} ${depth === 1 ? 'level' : 'levels'} have ${needed} features, and there are ${features}`;
  return problem('AE306', message, {
    argument: 'trees',
    hint: 'take fewer trees, children or levels, or more features',
  });
}
