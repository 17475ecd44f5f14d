import { apply as applyModel, rowsOf } from '../../api/apply.js';
import type { Values } from '../../api/model.js';
import { encodeNpy } from '../../runtime/formats/npy.js';
import { encodeSafetensors } from '../../runtime/formats/safetensors.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnosed.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { writeOutput } from '../writing-files.js';

export interface ApplyCommandOptions {
  readonly db: string;
  readonly data: string;
  readonly part: string;
  readonly output: string;
  readonly to: string;
  readonly backend?: string;
}

/** Codes, reconstructions or a layer's output of any data, as a file. */
export async function apply(console: Console, id: string, options: ApplyCommandOptions): Promise<ExitCode> {
  const { part } = options;
  if (part !== 'train' && part !== 'test') {
    throw new Failure(exitCodes.usage, `--part takes train or test, not '${part}'`);
  }
  const encode = encoderFor(options.to, options.output);
  return diagnosed(console, false, async () => {
    const values = await applyModel(id, {
      store: options.db,
      data: options.data,
      part,
      output: options.output,
      backend: backendOption(options.backend),
    });
    writeOutput(options.to, encode(values));
    console.err(`${options.to}: ${[values.count, ...values.shape].join('×')}\n`);
    return exitCodes.ok;
  });
}

/**
 * The file format that a path ends in.
 * @param others formats that the command writes beside these
 * @throws Failure for any other
 */
export function encoderFor(path: string, name: string, others: readonly string[] = []): (values: Values) => Uint8Array {
  if (path.endsWith('.npy')) return ({ count, shape, values }) => encodeNpy([count, ...shape], values);
  if (path.endsWith('.safetensors')) {
    return ({ count, shape, values }) => encodeSafetensors([{ name, shape: [count, ...shape], values }]);
  }
  if (path.endsWith('.csv')) {
    return (values) =>
      new TextEncoder().encode(
        `${rowsOf(values)
          .map((row) => row.join(','))
          .join('\n')}\n`,
      );
  }
  const formats = [...others, '.npy', '.csv'].join(', ');
  throw new Failure(exitCodes.usage, `'${path}' is no ${formats} or .safetensors file`);
}
