import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { parameterCount } from '../../compiler/ir/experiment.js';
import { conditionsNeeded, isConditional } from '../../compiler/library/conditions-needed.js';
import type { Source } from '../../compiler/syntax/source.js';
import { onOneLine, yamlText } from '../../files/quoted.js';
import { partOf, readMetric } from '../../metrics/metric-name.js';
import type { Recipe } from '../../project/recipe.js';
import type { RunRecord } from '../../runtime/store/records.js';
import { numberText } from '../../text/number-text.js';
import type { Words } from '../../words/word.js';

/** Contents of a model card. */
export interface CardContents {
  readonly experiment: ExperimentIr;
  readonly run: RunRecord;
  readonly recipe: Recipe;
  /** At the end, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** An identifier of the Hub's. */
  readonly license: string;
  readonly version: string;
  /** The experiment's text, and those that it extends, as they lie beside the card. */
  readonly sources: readonly Source[];
  /** The bundle beside the card. */
  readonly bundle: string;
  readonly words: Words;
}

/** `README.md` as the Hugging Face Hub reads it: YAML, then Markdown. Names in it may come from anywhere. */
export function modelCard(contents: CardContents): string {
  const { experiment, run, sources, words } = contents;
  const { data, target, encoder, decoder } = experiment;
  const parameters = parameterCount([...encoder, ...decoder]);
  const codeShape = encoder.at(-1)?.output ?? data.shape;
  return `---
${frontMatter(contents)}
---

# ${prose(experiment.name)}

An autoencoder of ${parameters} parameters that aedsl ${contents.version} trained on ${data.train} examples of ${code(run.data)}.
Inputs are ${code(`[${data.shape.join(', ')}]`)}, codes ${code(`[${codeShape.join(', ')}]`)}${target === null ? '' : `, outputs ${code(`[${target.shape.join(', ')}]`)}`}.

${table(
  ['metric', 'value'],
  finite(contents).map(([name, value]) => [code(name), numberText(value)]),
)}
## Use

In PyTorch, with \`torch\` and \`safetensors\`:

${fenced('python', usage(experiment, words))}
In aedsl:

${fenced('sh', `aedsl apply ${contents.bundle} --data FILE --output code -o codes.npy`)}
## The same weights

The experiment, its seed and its data decide every bit of the weights. On any machine

${fenced('sh', [`aedsl verify ${contents.bundle}`, command(contents)].join('\n'))}
gives weights with the hash below.

${table(
  ['', ''],
  [
    ['weights', code(run.weightsSha256 ?? 'unknown')],
    ['trial', code(run.identity)],
    ['data', code(run.dataSha256)],
    ['backend', code(`${run.backend}, numerics ${run.numerics}`)],
    ['aedsl', code(contents.version)],
    ['run', code(`${run.id}, ${run.started}`)],
  ],
)}
${sources.map(({ path, text }) => `\`${path}\`:\n\n${fenced('', text.trimEnd())}`).join('\n')}`;
}

function frontMatter({ experiment, run, license, metrics }: CardContents): string {
  const results = finite({ metrics }).map(([name, value]) =>
    [
      `      - type: ${yamlText(readMetric(name).quantity)}`,
      `        name: ${yamlText(name)}`,
      `        value: ${JSON.stringify(value)}`,
    ].join('\n'),
  );
  const index = [
    'model-index:',
    `- name: ${yamlText(experiment.name)}`,
    '  results:',
    '  - task:',
    '      type: feature-extraction',
    '      name: Reconstruction',
    '    dataset:',
    `      type: ${yamlText(run.data)}`,
    `      name: ${yamlText(run.data)}`,
    '    metrics:',
    ...results,
  ];
  return [
    `license: ${yamlText(license)}`,
    'library_name: pytorch',
    'pipeline_tag: feature-extraction',
    'tags:',
    '- aedsl',
    '- autoencoder',
    ...(results.length === 0 ? [] : index),
  ].join('\n');
}

/** Finite metrics of the test part; YAML as the Hub reads it has no infinities. */
function finite({ metrics }: Pick<CardContents, 'metrics'>): readonly (readonly [string, number])[] {
  return Object.entries(metrics).filter(([name, value]) => partOf(name) === 'test' && Number.isFinite(value));
}

function usage(experiment: ExperimentIr, words: Words): string {
  const { data, encoder } = experiment;
  const { classes: known, columns } = conditionsNeeded(experiment, words);
  const given = known + columns > 0;
  const seen = data.transforms.map(({ word }) => word).join(', ');
  return [
    `from model import ${columns > 0 ? 'condition_of, ' : ''}load`,
    '',
    'model = load("model.safetensors")',
    ...(columns > 0
      ? ['c = condition_of(rows)  # what the model is given of rows, dictionaries of their columns']
      : []),
    ...(known > 0 && columns === 0
      ? [`c = torch.tensor([3])  # the class of each example, from 0 to ${known - 1}`]
      : []),
    `code = model.encoder(x${isConditional(encoder, words) ? ', c' : ''})  # [batch, ${data.shape.join(', ')}], ${seen === '' ? 'raw values' : `what ${seen} makes of the data`}`,
    `rebuilt = model(x${given ? ', c' : ''})`,
  ].join('\n');
}

function command({ recipe, run, sources }: CardContents): string {
  const file = sources[0]?.path ?? 'experiment.ae';
  const named = recipe.experiment === null ? file : `${file}:${recipe.experiment}`;
  const options: readonly (readonly [string, string | number | null])[] = [
    ['--data', recipe.data],
    ['--epochs', recipe.epochs],
    ['--max-steps', recipe.maxSteps],
  ];
  return [
    'aedsl run',
    word(named),
    ...recipe.params.map(word),
    `--seed ${run.seed}`,
    ...options.flatMap(([flag, value]) => (value === null ? [] : [`${flag} ${word(String(value))}`])),
  ].join(' ');
}

/** Quotes text as one shell word, if needed. */
function word(text: string): string {
  const line = onOneLine(text);
  return /^[\w./:=+-]+$/.test(line) ? line : `'${line.replaceAll("'", "'\\''")}'`;
}

function prose(text: string): string {
  return onOneLine(text).replace(/[\\`*_{}[\]<>#|!&]/g, '\\$&');
}

/** Inline code, safe for text with backticks and in table cells. */
function code(text: string): string {
  return `\`${onOneLine(text).replaceAll('`', "'").replaceAll('|', '¦')}\``;
}

/** Code with a fence that is longer than any in it. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
