import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  type Assignment,
  type BoundExperiment,
  bytesInFiles,
  DiagnosticCollector,
  dataBytes,
  describeShape,
  type ExperimentIr,
  hasErrors,
  memoryNeed,
  type Outcome,
  parameterCount,
  readingBytes,
  type Source,
  type Words,
  type World,
} from '../../api/compiler.js';
import { fileWorld, readParams } from '../../api/project.js';
import { groupedText, memoryText, numberText } from '../../api/text.js';
import {
  bindExperiments,
  checkExperiment,
  checkGradients,
  diagnosticsOfStarts,
  type GradientCheck,
  rememberingWorld,
} from '../../api/training.js';
import { defineCommand } from '../command.js';
import { printDiagnostics } from '../diagnostics.js';
import { experimentArguments, placedPaths } from '../experiment-argument.js';
import { exitCodes, Failure } from '../failure.js';
import { databaseOption, jsonOption, maxParametersOption } from '../options.js';

/**
 * Compiles experiments and every trial of their sweeps, without training.
 *
 * @param words files, folders, `FILE:name`, names of experiments, and values for params, which go to the experiments
 *   that declare them
 */
export const command = defineCommand({
  about:
    'Compile experiments and every trial of their sweeps without training anything. Reports all errors and warnings, and how much memory each training needs.',
  examples: ['aedsl check sparse.ae', 'aedsl check . --json', 'aedsl check sparse.ae rho=0.1'],
  usage: (command) =>
    command
      .argument('<file...>', 'files, folders, names of experiments; values for params: rho=0.05')
      .option('--data <set>', 'another data set')
      .addOption(maxParametersOption)
      .addOption(databaseOption('where the runs are that layers start from'))
      .option('--gradients', 'compare the gradients of your own definitions with finite differences')
      .addOption(jsonOption('one diagnostic a line')),
  async run({ console, words: known }, [words], options) {
    const library = await known();
    const isValue = (word: string) => /^[A-Za-z_]\w*=/.test(word) && !statSync(word, { throwIfNoEntry: false });
    const given = words.filter(isValue);
    const { assignments, data, diagnostics } = readParams(given, options.data ?? null);
    const most = options.maxParameters ?? null;
    const sources = new SharedSources((path, bytes) =>
      console.err(`looking through ${memoryText(bytes)} of ${path}; a smaller take= reads less\n`),
    );
    const world = sources.world;

    const bound = words
      .filter((word) => !isValue(word))
      .flatMap(experimentArguments)
      .flatMap(({ source: read, name }) => {
        const outcomes = bindExperiments(sources.same(read), name, { library, world, data });
        return outcomes.map((outcome) => ({ ...outcome, path: read.path }));
      });
    if (bound.length === 0)
      throw new Failure(exitCodes.usage, 'nothing to check', 'name a file, a folder or an experiment');

    const collector = new DiagnosticCollector();
    collector.addAll(diagnostics);
    const summaries: string[] = [];
    let isWrong = false;
    for (const { value, diagnostics: found, path } of bound) {
      collector.addAll(found);
      if (value === null && !hasErrors(found)) {
        summaries.push(`${basename(path)}: definitions without errors, and no experiment\n`);
      }
      if (value === null || hasErrors(diagnostics)) continue;
      const typed = {
        library,
        source: value.source,
        experiment: value.name.name,
        params: given,
        data: options.data ?? null,
      };
      const placed = placedPaths(console, typed);
      const isPlaced = placed.data !== typed.data || placed.params.some((word, i) => word !== given[i]);
      const read = isPlaced ? readParams(placed.params, placed.data) : { assignments, data };
      const own = applicable(read.assignments, value, bound);
      const { compiled, trials } = checkExperiment(
        value,
        {
          library,
          world,
          assignments: own,
          data: read.data,
          dataText: placed.data,
          axes: placed.params.filter((word) => own.some(({ name }) => word.startsWith(`${name.name}=`))),
          mostParameters: most,
          mostTrials: null,
        },
        collector,
      );
      if (!compiled) continue;
      const starting = await diagnosticsOfStarts(compiled, options.db, library);
      collector.addAll(starting);
      if (hasErrors(starting)) continue;
      const { ir, hash } = compiled;
      const parameters = groupedText(parameterCount([...ir.encoder, ...ir.decoder]));
      const grid = trials > 1 ? `, ${trials} trials in its sweep` : '';
      if (options.gradients === true) {
        for (const found of await checkGradients(ir, library)) {
          summaries.push(gradientText(found));
          if (!(found.deviation <= mostDeviation)) isWrong = true;
        }
      }
      summaries.push(
        `${ir.name}: input ${describeShape(ir.data.shape)}${ir.target === null ? '' : `, target ${describeShape(ir.target.shape)}`}, ${trained(ir.data.train)}, ${parameters} parameters, ` +
          `${describedMemory(ir, library)}${grid}, ${hash.slice(0, 12)}\n`,
      );
    }
    printDiagnostics(console, collector.all, options.json === true, 'out');
    if (!options.json) for (const summary of summaries) console.out(summary);
    return hasErrors(collector.all) || isWrong ? exitCodes.experiment : exitCodes.ok;
  },
});

/** Largest deviation of a gradient in float32 that is rounding. */
const mostDeviation = 1e-3;

function gradientText({ name, by, deviation, bends, compared }: GradientCheck): string {
  const left = bends === 0 ? '' : `, ${bends} at bends left out`;
  const verdict = deviation <= mostDeviation ? '' : ': that is more than rounding';
  return `${name}: the gradient by ${by} is within ${numberText(deviation, 2)} of finite differences (${compared} values${left})${verdict}\n`;
}

function trained(examples: number): string {
  return `${groupedText(examples)} training example${examples === 1 ? '' : 's'}`;
}

/** Memory for training; mentions the data's share if it is large, and what reading them takes if that is more. */
function describedMemory(ir: ExperimentIr, library: Words): string {
  const data = dataBytes(ir);
  const need = memoryNeed(ir, library).total + data;
  const reading = readingBytes(ir);
  const staying = bytesInFiles(ir);
  const notes = [
    ...(data < leastNoted ? [] : [`${memoryText(data)} of it for the data`]),
    ...(reading <= need || reading < leastNoted ? [] : [`${memoryText(reading)} while they are read`]),
    ...(staying === 0 ? [] : [`${memoryText(staying)} of data stay in their files`]),
  ];
  return `about ${memoryText(need)} of memory${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

/** Shares of the memory that are worth a note. */
const leastNoted = 64 * 1024 ** 2;

/** Files shared by several experiments are one source, so that each problem is reported once. */
class SharedSources {
  readonly #byPlace = new Map<string, Source>();
  readonly #announced = new Set<string>();
  readonly #onLarge: (path: string, bytes: number) => void;

  /** @param onLarge called once before a large data file is looked through */
  constructor(onLarge: (path: string, bytes: number) => void) {
    this.#onLarge = onLarge;
  }

  /** A world in which a file is always the same source, and data are looked through once. */
  get world(): World {
    const world = fileWorld('auto', new Map(), (path, bytes) => {
      if (this.#announced.has(path)) return;
      this.#announced.add(path);
      this.#onLarge(path, bytes);
    });
    return rememberingWorld({
      ...world,
      readSource: (path, from) => {
        const source = world.readSource(path, from);
        return 'problem' in source ? source : this.same(source);
      },
    });
  }

  same(source: Source): Source {
    const place = resolve(source.path);
    const known = this.#byPlace.get(place) ?? source;
    this.#byPlace.set(place, known);
    return known;
  }
}

/** A value goes to the experiments that declare its param; to all if none does, so that each reports it. */
function applicable(
  assignments: readonly Assignment[],
  experiment: BoundExperiment,
  all: readonly Outcome<BoundExperiment>[],
): readonly Assignment[] {
  const declares = ({ params }: BoundExperiment, name: string) => params.has(name);
  return assignments.filter(
    ({ name: { name } }) =>
      declares(experiment, name) || !all.some(({ value }) => value !== null && declares(value, name)),
  );
}
