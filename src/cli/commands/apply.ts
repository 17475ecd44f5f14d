import { partNames } from '../../models/applied-data.js';
import { apply as applyModel } from '../../models/apply.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnosed.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { oneOf } from '../table-options.js';
import { encoderFor } from '../value-formats.js';
import { writeOutput } from '../writing-files.js';

export interface ApplyCommandOptions {
  readonly db: string;
  readonly data?: string;
  readonly part?: string;
  readonly dataFolder?: string;
  readonly output: string;
  readonly to: string;
  readonly backend?: string;
  readonly json?: boolean;
}

/** Codes, reconstructions, errors or a layer's output of any data, as a file. */
export async function apply(console: Console, id: string, options: ApplyCommandOptions): Promise<ExitCode> {
  const part = oneOf('part', options.part, partNames);
  const encode = encoderFor(options.to, options.output);
  return diagnosed(console, options.json === true, async () => {
    const applied = await applyModel(id, {
      store: options.db,
      data: options.data ?? null,
      part,
      dataFolder: options.dataFolder ?? null,
      output: options.output,
      backend: backendOption(options.backend),
    });
    const { count, shape, run, rows, unit, notes } = applied;
    writeOutput(options.to, encode(applied));
    if (options.json) {
      const shown = { file: options.to, run, output: options.output, rows, shape: [count, ...shape], unit, notes };
      console.out(jsonLine({ event: 'applied', ...shown }));
      return exitCodes.ok;
    }
    for (const note of notes) console.err(`note: ${note}\n`);
    console.out(`${options.to}: ${[count, ...shape].join('×')}, the ${options.output} by ${run} of ${rows}; ${unit}\n`);
    return exitCodes.ok;
  });
}
