import { rerun as rerunRun } from '../../compare/rerun.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnosed.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonLine } from '../json.js';
import { threadCount } from '../options.js';
import { jsonReporter } from '../reporters/json.js';
import { progressReporter } from '../reporters/progress.js';

export interface RerunOptions {
  readonly db: string;
  readonly store: boolean;
  readonly backend?: string;
  readonly threads?: string;
  readonly dataFolder?: string;
  readonly json?: boolean;
}

/** Trains a stored run again and says whether the same weights came out. */
export async function rerun(
  console: Console,
  id: string,
  options: RerunOptions,
  commandLine: readonly string[],
): Promise<ExitCode> {
  const train = async (signal: AbortSignal) => {
    const { original, again, identical } = await rerunRun(id, {
      store: options.db,
      keep: options.store,
      backend: options.backend === undefined ? null : backendOption(options.backend),
      dataFolder: options.dataFolder ?? null,
      threads: threadCount(options.threads),
      listener: options.json ? jsonReporter(console) : progressReporter(console, () => performance.now()),
      signal,
      commandLine: ['aedsl', ...commandLine],
    });
    again.model?.dispose();
    const { runId, status, weightsSha256 } = again;
    if (options.json) console.out(jsonLine({ event: 'rerun', original, runId, status, identical, weightsSha256 }));
    else console.out(`${runId ?? 'the new run'}: ${verdict(original, identical)}\n`);
    if (status === 'interrupted' || again.evaluation === 'pending') return exitCodes.interrupted;
    if (again.evaluation === 'failed') return exitCodes.failed;
    return identical === false ? exitCodes.failed : exitCodes.ok;
  };
  return interruptible(console, (signal) => diagnosed(console, options.json === true, () => train(signal)));
}

function verdict(original: string, identical: boolean | null): string {
  if (identical === null) return `${original} did not end by itself, so there are no weights to compare`;
  return identical ? `the weights of ${original}, to the last bit` : `other weights than ${original}`;
}
