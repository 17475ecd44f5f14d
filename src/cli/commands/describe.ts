import {
  bytesInFiles,
  type DataCondition,
  dataBytes,
  type ExperimentIr,
  type LayerNode,
  memoryNeed,
  parameterCount,
  printable,
  type Words,
} from '../../api/compiler.js';
import { groupedText, memoryText } from '../../api/text.js';
import { defineCommand } from '../command.js';
import { compiledArgument, readExperimentArgument } from '../experiment-argument.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { networkRows } from '../network-table.js';
import { experimentHelp, jsonOption } from '../options.js';
import { table } from '../table.js';

/** Shows a network as a table. */
export const command = defineCommand({
  about:
    'Show the network of an experiment, layer by layer: shapes, learned parameters, what the weights start from, which are tied, and the memory that training needs. Trains nothing.',
  examples: ['aedsl describe sparse.ae', 'aedsl describe vae.ae --json'],
  usage: (command) =>
    command
      .argument('<file>', experimentHelp)
      .argument('[param=value...]', 'values for params')
      .option('--data <set>', 'another data set')
      .addOption(jsonOption('one object, with every argument and weight')),
  async run({ console, words }, [file, params], options) {
    const { source, name } = readExperimentArgument(file);
    const library = await words();
    const typed = { library, source, experiment: name, params, data: options.data ?? null };
    const compiled = compiledArgument(console, typed);
    if (compiled === null) return exitCodes.experiment;
    const { ir, hash } = compiled;
    const memory = memoryNeed(ir, library);
    const all = [...ir.encoder, ...ir.decoder];
    if (options.json) {
      const { shape, train, validation, test } = ir.data;
      const counts = { parameters: parameterCount(all), notTrained: notTrained(all) };
      const whole = { ...memory, data: dataBytes(ir), total: memory.total + dataBytes(ir) };
      console.out(
        jsonLine({
          ...{
            experiment: ir.name,
            hash,
            input: shape,
            ...(ir.target === null ? {} : { target: ir.target.shape }),
            examples: { train, validation, test },
            ...counts,
            memory: whole,
          },
          ...{ encoder: ir.encoder.map(layerJson), decoder: ir.decoder.map(layerJson) },
        }),
      );
      return exitCodes.ok;
    }
    console.out(`${ir.name} (${source.path})\n\n`);
    console.out(
      table(
        ['', 'layer', 'output', 'parameters', 'values at the start'],
        networkRows(ir).map(({ address, layer, output, parameters, values }) => [
          ...[address, layer, output, parameters, values],
        ]),
      ),
    );
    console.out(`\n${totals(ir, library)}`);
    return exitCodes.ok;
  },
});

/** Elements of running statistics and the like. */
function notTrained(nodes: readonly LayerNode[]): number {
  return nodes.reduce((total, { weights, heads }) => {
    const own = weights
      .filter(({ trainable, tiedTo }) => !trainable && tiedTo === null)
      .map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    return [...own, ...Object.values(heads).map(notTrained)].reduce((sum, count) => sum + count, total);
  }, 0);
}

function isTied({ weights, heads }: LayerNode): boolean {
  return weights.some(({ tiedTo }) => tiedTo !== null) || Object.values(heads).flat().some(isTied);
}

function totals(ir: ExperimentIr, library: Words): string {
  const { total, weights, step, evaluation, diagnostics } = memoryNeed(ir, library);
  const all = [...ir.encoder, ...ir.decoder];
  const count = parameterCount(all);
  const others = notTrained(all);
  const tied = all.some(isTied) ? ', weights in two places counted once' : '';
  const statistics = others === 0 ? '' : `, and ${groupedText(others)} numbers that are not trained`;
  const inputs = ir.data.shape.reduce((product, n) => product * n, 1);
  const code = ir.encoder.at(-1)?.output.reduce((product, n) => product * n, 1) ?? inputs;
  const { train, validation, test } = ir.data;
  const examples = [
    `${groupedText(train)} to train on`,
    ...(validation > 0 ? [`${groupedText(validation)} for validation`] : []),
    ...(test > 0 ? [`${groupedText(test)} for the test`] : []),
  ];
  const lines: readonly (readonly [string, string])[] = [
    ['examples', examples.join(', ')],
    ...(ir.data.conditions.length === 0
      ? []
      : [['conditions', ir.data.conditions.map(conditionText).join(', ')] as const]),
    ['parameters', `${groupedText(count)}${tied}${statistics}`],
    ['code', `${groupedText(code)} of ${groupedText(inputs)} values`],
    [
      'memory',
      `about ${memoryText(total + dataBytes(ir))} while training, ${memoryText(dataBytes(ir))} of it for the data:`,
    ],
    ...(bytesInFiles(ir) === 0 ? [] : [['', `${memoryText(bytesInFiles(ir))} of data stay in their files,`] as const]),
    ['', `weights with optimizer ${memoryText(weights)}, a step ${memoryText(step)},`],
    ['', `an evaluation ${memoryText(evaluation)}, diagnostics ${memoryText(diagnostics)}`],
  ];
  return lines.map(([name, text]) => `${name.padEnd(10)}  ${text}\n`).join('');
}

/** Categories of a condition that are listed. */
const mostCategories = 12;

function listed(names: readonly string[]): string {
  const some = names.slice(0, mostCategories).join(', ');
  return names.length > mostCategories ? `${some}, … (${names.length})` : some;
}

/** `age`, `sex (f, m)` */
function conditionText({ name, categories }: DataCondition): string {
  return categories === null ? printable(name) : `${printable(name)} (${printable(listed(categories))})`;
}

function layerJson(node: LayerNode): object {
  const { kind: _, heads, version: __, ...rest } = node;
  return {
    ...rest,
    parameters: parameterCount([node]),
    heads: Object.fromEntries(Object.entries(heads).map(([name, nodes]) => [name, nodes.map(layerJson)])),
  };
}
