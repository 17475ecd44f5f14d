import { drawSamples, levelsOfRange } from '../../api/figures.js';
import { type Samples, sample as sampleModel } from '../../api/models.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { backendOption, databaseOption, integerOption, runHelp } from '../options.js';
import { encoderFor } from '../value-formats.js';
import { writeOutput } from '../writing-files.js';

/** Decodes codes drawn from a model's prior, as a picture or as numbers. */
export const command = defineCommand({
  about: 'Decode codes that are drawn from the prior of a variational model.',
  examples: [
    'aedsl sample vae -o samples.png',
    'aedsl sample vae -n 16 -o samples.npy',
    'aedsl sample cvae --condition 3 -o threes.png',
    'aedsl sample heart --condition age=40,sex=f -o rows.csv',
  ],
  usage: (command) =>
    command
      .argument('<run>', runHelp)
      .addOption(integerOption('-n, --number <n>', 'how many', 1).default(64))
      .option(
        '--condition <what>',
        'of a conditional model: a class, by name or number, or columns, as age=40,sex=f; without it all classes, in turn',
      )
      .addOption(integerOption('--seed <n>', "of the draws; the run's by default", 0))
      .requiredOption('-o, --to <file>', 'a .png, .npy, .csv or .safetensors file')
      .addOption(backendOption())
      .addOption(databaseOption('the results')),
  async run({ console, words }, [id], options) {
    const encode = options.to.endsWith('.png') ? picture : encoderFor(options.to, 'samples', ['.png']);
    const samples = await sampleModel(id, {
      library: await words(),
      store: options.db,
      count: options.number,
      condition: options.condition ?? null,
      seed: options.seed ?? null,
      backend: options.backend ?? 'auto',
    });
    const bytes = await encode(samples);
    writeOutput(options.to, bytes);
    console.out(`${options.to}: ${[samples.count, ...samples.shape].join('×')}\n`);
    return exitCodes.ok;
  },
});

function picture({ values, count, shape, range }: Samples): Promise<Uint8Array> {
  return drawSamples({ images: values, count, shape, levels: levelsOfRange(range) });
}
