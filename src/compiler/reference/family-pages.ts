import { type Family, families } from '../ir/value.js';
import type { Library } from '../library/library.js';
import { describeParameters, describeWord, type ParameterDescription, parameterTable } from '../library/reference.js';
import { stageSettings, trainSettings } from '../library/settings/train.js';
import type { AnyWord } from '../library/word.js';
import { format } from '../syntax/format.js';

interface FamilyText {
  readonly page: string;
  readonly title: string;
  /** Where to write a word of the family, and what all of them have in common. */
  readonly intro: string;
}

const texts: Readonly<Record<Family, FamilyText>> = {
  layer: {
    page: 'layers',
    title: 'Layers and activations',
    intro:
      'Layers stand in `encoder { }` and `decoder { }`, one after another. Shapes are `[channels, height, width]` or ' +
      '`[features]`, without the batch. An activation is a layer too: `dense(100, activation=relu)` is `dense(100) relu()`. ' +
      'An activation may be a param, and be swept: `param f = relu`, `aedsl sweep f=relu,gelu`.',
  },
  structure: {
    page: 'structures',
    title: 'Networks that are not chains',
    intro:
      'These stand among the layers of `encoder { }` and `decoder { }`, and hold layers in braces themselves, but for `share`: ' +
      '`repeat(3) { residual { dense(64, activation=relu)  dense(64) } }`. They are expanded before anything else: a network ' +
      'written with them and the same one written out have one identity and the same bits. The layers `add` and `concat` join ' +
      'any two places of a network; [Skips, residual blocks and repeated layers](../networks.md) shows how.',
  },
  initializer: {
    page: 'initializers',
    title: 'Initializers',
    intro:
      'An initializer is the argument `init` of a layer with weights: `dense(100, init=he())`. It may be a param, and be ' +
      'swept. `fan_in` is the number of inputs that an output sums over, `fan_out` the number of outputs that an input reaches.',
  },
  decoder: {
    page: 'decoders',
    title: 'Decoders made from the encoder',
    intro: 'In place of a block: `decoder tied(encoder, output=sigmoid)`.',
  },
  loss: {
    page: 'losses',
    title: 'Losses and penalties',
    intro:
      'A loss is a sum of terms, each with a number or a schedule in front: `loss mse() + 0.001 * l1()`. `y` is the output, `t` the ' +
      'target as the network sees it: the clean input, or what `target` names. Each term is recorded per example and without its weight.',
  },
  corruption: {
    page: 'corruptions',
    title: 'Corruptions',
    intro:
      '`corrupt salt(0.3)` changes the input of the network and leaves the target clean. It acts after crops and before ' +
      '`normalize`, with fresh random numbers at every step. Several act in their order, each with random numbers of ' +
      'its own: `corrupt { gaussian(0.1)  salt(0.05) }`.',
  },
  optimizer: {
    page: 'optimizers',
    title: 'Optimizers and training',
    intro:
      '`train adam(lr=0.001) { epochs = 10  batch = 128 }`. The arguments are those of PyTorch, with its update rules. ' +
      'A learning rate may be a [schedule](schedules.md).',
  },
  clip: { page: 'clipping', title: 'Gradient clipping', intro: 'The setting `clip` of `train`: `clip = norm(1)`.' },
  constraint: {
    page: 'constraints',
    title: 'Constraints on weights',
    intro:
      'An argument of `dense`, `conv1d` and `conv2d`: `dense(100, constraint=unit_norm)`. After each update of `train` the weight is ' +
      'projected; biases, what the weights start from and pretraining are free. A unit’s incoming weights are a row of ' +
      '`[features, inputs]`, or a kernel with all its channels.',
  },
  schedule: {
    page: 'schedules',
    title: 'Schedules',
    intro:
      'A schedule stands for a number that changes during a stage: a learning rate, a momentum, the weight of a term, the ' +
      'level of a corruption. It may be a param, and be swept. `t` is the time since the stage began, in epochs or updates.',
  },
  dataset: {
    page: 'data-sets',
    title: 'Data sets',
    intro:
      '`data mnist(take=50000) { … }`. Paths are relative to the file that names them. A data set may be swept: ' +
      '`aedsl sweep data=mnist,fashion_mnist`. How files of your own are read: [data](../data.md).',
  },
  transform: {
    page: 'transforms',
    title: 'Transforms',
    intro: 'Transforms stand in the braces of `data`, and act in the order in which they are written.',
  },
  stage: {
    page: 'pretraining',
    title: 'Pretraining',
    intro: '`pretrain rbm(on=[h1, h2]) { epochs = 5 }` trains layers before the network is trained as a whole.',
  },
  stop: {
    page: 'early-stopping',
    title: 'Early stopping',
    intro: 'The setting `stop` of `train`: `stop = early(patience=3)`.',
  },
  resampling: {
    page: 'resampling',
    title: 'Resampling of units',
    intro: 'The setting `resample` of `train`: `resample = dead_units(every=25_000)`.',
  },
  evaluation: {
    page: 'evaluations',
    title: 'Evaluations',
    intro: 'Evaluations stand in `evaluate { }`. They are computed once, at the end, on the test part.',
  },
  figure: {
    page: 'figures',
    title: 'Figures',
    intro: 'Figures stand in `show { }`, and are drawn at the end. `aedsl figures RUN` writes them to files.',
  },
};

const pictures: Readonly<Record<string, string>> = {
  filters: 'sparse-filters.png',
  reconstructions: 'denoising-reconstructions.png',
  samples: 'vae-samples.png',
  walk: 'vae-walk.png',
  latent_scatter: 'vae-plane.png',
};

/** The picture of a word in `docs/images/`; null if it has none. */
export function pictureOf(word: AnyWord): string | null {
  const isCurve = word.family === 'layer' && word.activation && word.isElementwise !== false;
  return isCurve ? `activations/${word.name}.svg` : (pictures[word.name] ?? null);
}

export const pageName = (family: Family): string => `${texts[family].page}.md`;

/** A page for each family that has words, and one that leads to them. */
export function familyPages(library: Library): readonly { readonly path: string; readonly text: string }[] {
  const present = families.filter((family) => library.names(family).length > 0);
  const list = present.map((family) => {
    const words = library.names(family).map((name) => `[\`${name}\`](${pageName(family)}#${name})`);
    return `- [${texts[family].title}](${pageName(family)}): ${words.join(', ')}`;
  });
  const index = [
    '# Reference',
    'Every word of the language, a page for each family. What surrounds them, statements, expressions, params and sweeps, is in ' +
      '[the language](../../grammar/language.md); how each word is tested, in [its table](../../grammar/words.md). ' +
      '`aedsl help WORD` prints a section in the terminal.',
    list.join('\n'),
  ];
  return [
    { path: 'docs/reference/README.md', text: `${index.join('\n\n')}\n` },
    ...present.map((family) => ({ path: `docs/reference/${pageName(family)}`, text: familyPage(library, family) })),
  ];
}

function familyPage(library: Library, family: Family): string {
  const words = library.words.filter((word) => word.family === family);
  const shared = sharedArguments(words);
  const sections = words.map((word) => wordSection(word, shared));
  const settings =
    family === 'stage'
      ? settingsSection('Settings', describeParameters(stageSettings))
      : family === 'optimizer'
        ? settingsSection('Settings of train', describeParameters(trainSettings))
        : [];
  const common =
    shared.size === 0
      ? []
      : [
          '## Arguments in common',
          'Several words take these; their tables leave them out.',
          parameterTable([...shared.values()], 'argument'),
        ];
  const { title, intro } = texts[family];
  return `${[`# ${title}`, intro, ...sections.flat(), ...common, ...settings].join('\n\n')}\n`;
}

function settingsSection(title: string, settings: readonly ParameterDescription[]): readonly string[] {
  return [`## ${title}`, 'Written in braces, as `name = value`.', parameterTable(settings, 'setting')];
}

/** Arguments that at least four words of a family describe alike, by name. */
function sharedArguments(words: readonly AnyWord[]): ReadonlyMap<string, ParameterDescription> {
  const all = words.flatMap((word) => describeParameters(word.parameters));
  const alike = (one: ParameterDescription) => all.filter((other) => isSame(one, other)).length;
  return new Map(all.filter((one) => alike(one) >= 4).map((one) => [one.name, one]));
}

function isSame(one: ParameterDescription, other: ParameterDescription): boolean {
  return (
    one.name === other.name && one.doc === other.doc && one.values === other.values && one.default === other.default
  );
}

function wordSection(word: AnyWord, shared: ReadonlyMap<string, ParameterDescription>): readonly string[] {
  const { name, signature, doc, parameters, source, example } = describeWord(word);
  const isShared = (one: ParameterDescription) => {
    const common = shared.get(one.name);
    return common !== undefined && isSame(one, common);
  };
  const own = parameters.filter((one) => !isShared(one));
  const common = parameters.filter(isShared).map((one) => `\`${one.name}\``);
  const picture = pictureOf(word);
  return [
    `## ${name}`,
    `\`\`\`\n${signature}\n\`\`\``,
    doc,
    ...(own.length > 0 ? [parameterTable(own, 'argument')] : []),
    ...(common.length > 0
      ? [`${own.length > 0 ? 'Also' : 'Takes'} ${listed(common)}: see [arguments in common](#arguments-in-common).`]
      : []),
    ...(picture === null ? [] : [`![${name}](../images/${picture})`]),
    ...(source === null ? [] : [`Source: ${source}.`]),
    `\`\`\`ae fragment\n${statements(example)}\n\`\`\``,
  ];
}

/** Statements of an experiment, as `aedsl fmt` writes them. */
function statements(example: string): string {
  const { value } = format({ path: 'example.ae', text: `experiment example {\n${example}\n}\n` });
  if (value === null) throw new Error(`an example cannot be parsed: ${example}`);
  return value
    .trimEnd()
    .split('\n')
    .slice(1, -1)
    .map((line) => line.replace(/^ {2}/, ''))
    .join('\n');
}

function listed(items: readonly string[]): string {
  return items.length === 1 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
