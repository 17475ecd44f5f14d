import { type Samples, sample as sampleModel } from '../../models/sample.js';
import { drawSamples } from '../../runtime/figures/samples.js';
import { levelsOfRange } from '../../runtime/figures/tile.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { wholeNumber } from '../options.js';
import { encoderFor } from '../value-formats.js';
import { writeOutput } from '../writing-files.js';

export interface SampleCommandOptions {
  readonly db: string;
  readonly number: string;
  readonly seed?: string;
  readonly to: string;
  readonly backend?: string;
}

/** What a trained model makes of codes drawn from its prior, as a picture or as numbers. */
export async function sample(console: Console, id: string, options: SampleCommandOptions): Promise<ExitCode> {
  const encode = options.to.endsWith('.png') ? picture : encoderFor(options.to, 'samples', ['.png']);
  const samples = await sampleModel(id, {
    store: options.db,
    count: wholeNumber('number', options.number, 1) ?? 64,
    seed: wholeNumber('seed', options.seed, 0),
    backend: backendOption(options.backend),
  });
  const bytes = await encode(samples);
  writeOutput(options.to, bytes);
  console.out(`${options.to}: ${[samples.count, ...samples.shape].join('×')}\n`);
  return exitCodes.ok;
}

function picture({ values, count, shape, range }: Samples): Promise<Uint8Array> {
  return drawSamples({ images: values, count, shape, levels: levelsOfRange(range) });
}
