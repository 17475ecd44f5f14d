import { apply as applyModel, partNames } from '../../api/models.js';
import { defineCommand } from '../command.js';
import { diagnosed } from '../diagnostics.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { backendOption, choiceOption, databaseOption, dataFolderOption, jsonOption, runHelp } from '../options.js';
import { encoderFor } from '../value-formats.js';
import { writeOutput } from '../writing-files.js';

/** Applies a model to data: codes, reconstructions, errors or a layer's output, as a file. */
export const command = defineCommand({
  about: 'Apply a trained model to data: codes, reconstructions, errors, or the output of a layer.',
  examples: [
    'aedsl apply last -o codes.npy',
    'aedsl apply sparse --output error -o errors.csv',
    'aedsl apply last --data faces.npy -o codes.npy',
  ],
  usage: (command) =>
    command
      .argument('<run>', runHelp)
      .option(
        '--data <what>',
        'a file (.npy, .csv, .safetensors, idx), a folder of images, or a data set: mnist, \'csv("new.csv")\'; its own by default',
      )
      .option(
        '--output <what>',
        'code, reconstruction, error or scaled_error of each row, or the label of a layer',
        'code',
      )
      .addOption(
        choiceOption(
          '--part <part>',
          'all, train, validation or test; the test part by default, where there is one',
          partNames,
        ),
      )
      .requiredOption('-o, --to <file>', 'a .npy, .csv or .safetensors file')
      .addOption(dataFolderOption)
      .addOption(backendOption())
      .addOption(databaseOption('the results'))
      .addOption(jsonOption('say what was written as one object')),
  async run({ console, words }, [id], options) {
    const encode = encoderFor(options.to, options.output);
    return diagnosed(console, options.json === true, async () => {
      const applied = await applyModel(id, {
        library: await words(),
        store: options.db,
        data: options.data ?? null,
        part: options.part ?? null,
        dataFolder: options.dataFolder ?? null,
        output: options.output,
        backend: options.backend ?? 'auto',
      });
      const { count, shape, run, rows, unit, notes } = applied;
      writeOutput(options.to, encode(applied));
      if (options.json) {
        const shown = { file: options.to, run, output: options.output, rows, shape: [count, ...shape], unit, notes };
        console.out(jsonLine({ event: 'applied', ...shown }));
        return exitCodes.ok;
      }
      for (const note of notes) console.err(`note: ${note}\n`);
      console.out(
        `${options.to}: ${[count, ...shape].join('×')}, the ${options.output} by ${run} of ${rows}; ${unit}\n`,
      );
      return exitCodes.ok;
    });
  },
});
