import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/runtime/lowering/operations.js';
import { builtinWords } from '../../src/words/words.js';

/** Names that mean something else in most files: a step of training, the value of a param, a resized terminal. */
const everyday = new Set(
  'add concat condition early filters flip images linear masking norm normal pca resize samples scale step switch time torch value'.split(
    ' ',
  ),
);

/** Another vocabulary that shares names with words, and the files it stands in. */
interface OtherVocabulary {
  readonly what: string;
  readonly names: string;
  readonly files: RegExp;
}

const others: readonly OtherVocabulary[] = [
  {
    what: "names of a clip's limit elsewhere",
    names: 'max_norm',
    files: /^src\/compiler\/library\/settings\/train\.ts$/,
  },
  { what: 'formats of output and of files', names: 'csv safetensors', files: /^src\/(cli|runtime\/store)\// },
  {
    what: "a backend's kernels",
    names: 'relu elu sigmoid tanh pad adam adamw sgd rmsprop',
    files: /^src\/runtime\/(backend\/simd\/|lowering\/fused-operations|lowering\/stage\/boltzmann)/,
  },
  {
    what: 'functions of a formula, and what other libraries call them',
    names: 'relu sigmoid tanh softplus softmax silu',
    files:
      /^src\/compiler\/(ir\/(formula|formula-numbers|interval-arithmetic)|library\/formula-use|definitions\/formula-(habits|functions|aggregates))\.ts$/,
  },
  {
    what: "kinds of an RBM's units",
    names: 'gaussian',
    files: /^src\/(compiler\/library\/word|runtime\/lowering\/stage\/boltzmann|runtime\/training\/rbm-layer)\.ts$/,
  },
  {
    what: 'kinds of initial values',
    names: 'orthogonal directions transposed',
    files: /^src\/(compiler\/ir\/experiment|runtime\/training\/initial-weights|cli\/network-table)\.ts$/,
  },
  {
    what: 'a number that is a part of a whole',
    names: 'share',
    files: /^src\/(cli\/show-sweep|metrics\/definitions)\.ts$/,
  },
  { what: 'a part of a verdict', names: 'stored', files: /^src\/compare\/verify\/verify\.ts$/ },
  {
    what: 'data sets as messages name them',
    names: 'csv digits fashion_mnist idx mnist npy safetensors',
    files: /^src\/runtime\/datasets\//,
  },
  { what: 'evaluations as messages name them', names: 'knn linear_probe', files: /^src\/runtime\/evaluation\// },
  {
    what: 'what several evaluations share a pass over',
    names: 'reconstructions',
    files: /^src\/(runtime\/evaluation\/measure|trial\/evaluations|trial\/trial-memory)\.ts$/,
  },
  {
    what: 'what people write by mistake, and what they mean',
    names: 'adam npy ssim',
    files: /^src\/compiler\/(diagnostics\/habits|syntax\/common-mistakes)\.ts$/,
  },
  { what: 'architectures of SAELens', names: 'topk gated', files: /^src\/trial\/saelens-weights\.ts$/ },
  { what: 'a kind of network, in a sentence', names: 'autoencoder', files: /^src\/models\/export-onnx\.ts$/ },
  {
    what: 'pictures of pretraining, named as figures are',
    names: 'receptive_fields',
    files: /^src\/trial\/pretraining-pictures\.ts$/,
  },
  {
    what: 'the error that every experiment has',
    names: 'mse',
    files: /^src\/(metrics\/|results\/|sweep\/plan\/comparable-losses|cli\/reporters\/progress)/,
  },
  {
    what: 'terms as old databases name them',
    names: 'bce bce_with_logits contractive huber kl_gaussian kl_sparsity l1 l2 mae',
    files: /^src\/metrics\/former-names\.ts$/,
  },
];

const names = builtinWords.words.map(({ name }) => name).filter((name) => !everyday.has(name));

/** Words' names that stand in a line of code as texts, but for those of another vocabulary. */
function namesIn(path: string, line: string): readonly string[] {
  const code = line.replace(/^\s*(?:\/?\*|\/\/).*/, '').replace(/ \/\/ .*/, '');
  const texts = [...code.matchAll(/'([a-z0-9_]+)'|"([a-z0-9_]+)"/g)].flatMap(
    ([, single, double]) => single ?? double ?? [],
  );
  return texts.filter(
    (text) =>
      names.includes(text) && !others.some((other) => other.files.test(path) && other.names.split(' ').includes(text)),
  );
}

describe('the name of a word decides nothing', () => {
  it('outside of the words, as no other code names one', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('words/'))
      .map((path) => join('src', path));
    const found = files.flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, i) => namesIn(path, line).map((name) => `${path}:${i + 1}: ${name}`)),
    );
    expect(found).toEqual([]);
  });

  it('which a switch on a name would break', () => {
    expect(namesIn('src/compiler/check/loss.ts', "if (node.word === 'batch_norm') return;")).toEqual(['batch_norm']);
    expect(namesIn('src/runtime/training/step.ts', '    case "dropout":')).toEqual(['dropout']);
    expect(namesIn('src/runtime/training/step.ts', "  // as 'dropout' does")).toEqual([]);
    expect(namesIn('src/cli/commands/ls.ts', "if (format === 'csv') print();")).toEqual([]);
  });

  it('and what is said to be of another vocabulary is', () => {
    const unused = others.filter(({ names: shared }) => shared.split(' ').some((name) => !names.includes(name)));
    expect(unused.map(({ what }) => what)).toEqual([]);
  });
});

describe("the package's own words", () => {
  it('are named where a program starts, and handed in everywhere else', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !/^(words|cli)\//.test(path))
      .filter((path) => /import \{[^}]*\bbuiltinWords\b/.test(readFileSync(join('src', path), 'utf8')));
    expect(files.sort()).toEqual([
      'editor/project-words.ts',
      'execute/trial-host.ts',
      'execute/trial-thread.ts',
      'models/apply.ts',
      'sweep/run.ts',
      'trial/load.ts',
    ]);
  });
});

describe('what a word says of the memory it takes', () => {
  it('is what its kernels are', () => {
    for (const { name, lower, fusesActivation, isFused } of builtinWords.byFamily.layer) {
      const { fusedForward, fusedActivation } = lower(operations);
      expect([name, fusesActivation === true], name).toEqual([name, fusedForward !== undefined]);
      const says = name === 'linear' || fusedActivation !== undefined;
      expect([name, isFused === true], name).toEqual([name, says]);
    }
  });
});
