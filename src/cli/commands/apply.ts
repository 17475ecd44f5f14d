import { apply as applyModel, partNames, scoreNames, worstFirst } from '../../api/models.js';
import { defineCommand } from '../command.js';
import { diagnosed } from '../diagnostics.js';
import { exitCodes, Failure } from '../failure.js';
import { jsonLine } from '../json.js';
import { backendOption, choiceOption, databaseOption, dataFolderOption, jsonOption, runHelp } from '../options.js';
import { scoreEncoderFor, scoreLine, sortOrders } from '../score-formats.js';
import { encoderFor } from '../value-formats.js';
import { writeOutput } from '../writing-files.js';

/** Rows that are shown beside the file. */
const mostShown = 5;

/** Applies a model to data: codes, reconstructions, errors or a layer's output, as a file. */
export const command = defineCommand({
  about:
    'Apply a trained model to data: codes, reconstructions, errors, how odd each row is, or the output of a layer.',
  examples: [
    'aedsl apply last -o codes.npy',
    'aedsl apply sparse --output error -o errors.csv',
    'aedsl apply last --data faces.npy -o codes.npy',
    'aedsl apply last --output score -o scores.csv',
  ],
  usage: (command) =>
    command
      .argument('<run>', runHelp)
      .option(
        '--data <what>',
        'a file (.npy, .csv, .safetensors, idx), a folder of images, or a data set: mnist, \'csv("new.csv")\'; its own by default',
      )
      .option(
        '--target <what>',
        'what the model should give for the rows of --data, if it has a target: named likewise',
      )
      .option(
        '--output <what>',
        'code, reconstruction, variance, error, scaled_error or score of each row, or the label of a layer',
        'code',
      )
      .addOption(choiceOption('--score <score>', 'what a score is; distance by default', scoreNames))
      .addOption(
        choiceOption(
          '--sort <order>',
          'of scores: worst rows first, the default where rows are named, or in their order',
          sortOrders,
        ),
      )
      .addOption(
        choiceOption(
          '--part <part>',
          'all, train, validation or test; the test part by default, where there is one',
          partNames,
        ),
      )
      .requiredOption('-o, --to <file>', 'a .npy, .csv or .safetensors file; scores also .json')
      .addOption(dataFolderOption)
      .addOption(backendOption())
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('say what was written as one object')),
  async run({ console, words }, [id], options) {
    const isScore = options.output === 'score';
    if (!isScore && (options.score !== undefined || options.sort !== undefined)) {
      throw new Failure(exitCodes.usage, '--score and --sort are for scores', 'write --output score');
    }
    if (options.target !== undefined && options.data === undefined) {
      throw new Failure(
        exitCodes.usage,
        '--target is for other data than its own',
        'name them, too: --data inputs.npy',
      );
    }
    const encodeScores = isScore ? scoreEncoderFor(options.to, options.sort ?? null) : null;
    const encode = encodeScores === null ? encoderFor(options.to, options.output) : null;
    return diagnosed(console, options.json === true, async () => {
      const applied = await applyModel(id, {
        library: await words(),
        store: options.db,
        data: options.data ?? null,
        target: options.target ?? null,
        part: options.part ?? null,
        dataFolder: options.dataFolder ?? null,
        output: options.output,
        ...(options.score && { score: options.score }),
        backend: options.backend ?? 'auto',
      });
      const { count, shape, run, rows, unit, notes, scored } = applied;
      const content = scored === null ? encode?.(applied) : encodeScores?.(applied, scored);
      if (content === undefined) throw new RangeError('what was asked for is not what came out');
      writeOutput(options.to, content);
      const worst = worstFirst(scored ?? []).slice(0, mostShown);
      if (options.json) {
        const written = { file: options.to, run, output: options.output, rows, shape: [count, ...shape], unit, notes };
        const shown = scored === null ? written : { ...written, worst };
        console.out(jsonLine({ event: 'applied', ...shown }));
        return exitCodes.ok;
      }
      for (const note of notes) console.err(`note: ${note}\n`);
      console.out(
        `${options.to}: ${[count, ...shape].join('×')}, the ${options.output} by ${run} of ${rows}; ${unit}\n`,
      );
      for (const row of worst) console.out(`${scoreLine(row)}\n`);
      return exitCodes.ok;
    });
  },
});
