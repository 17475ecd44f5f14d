import { writeFileSync } from 'node:fs';
import type { Store } from '../../runtime/store/store.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { jsonLine } from '../json.js';
import { withResults } from '../results.js';
import { runJson } from './ls.js';

export interface ExportOptions {
  readonly as: string;
  readonly output?: string;
  readonly db: string;
}

/** A run's weights or metrics in a format that other programs read. */
export function exportRun(console: Console, id: string, options: ExportOptions): Promise<ExitCode> {
  return withResults(options.db, (store) => {
    const run = store.findRun(id);
    const bytes = exported(store, run.id, options.as);
    const path = options.output ?? (options.as === 'safetensors' ? `${run.id}.safetensors` : null);
    if (path === null) {
      console.out(new TextDecoder().decode(bytes));
      return exitCodes.ok;
    }
    try {
      writeFileSync(path, bytes);
    } catch (error) {
      throw new Failure(
        exitCodes.environment,
        `cannot write '${path}': ${error instanceof Error ? error.message : error}`,
      );
    }
    console.err(`${path}\n`);
    return exitCodes.ok;
  });
}

function exported(store: Store, id: string, format: string): Uint8Array {
  switch (format) {
    case 'safetensors': {
      const [weights] = store.listFiles(id, 'weights').filter((file) => file.name === 'final');
      if (weights) return store.readFile(weights);
      throw new Failure(exitCodes.environment, `${id} has no weights: it has not ended, or was not complete`);
    }
    case 'csv':
      return new TextEncoder().encode(epochsAsCsv(store, id));
    case 'json': {
      const run = store.findRun(id);
      return new TextEncoder().encode(jsonLine({ ...runJson(run, store.readFinal(id)), epochs: store.readEpochs(id) }));
    }
    default:
      throw new Failure(exitCodes.usage, `--as takes safetensors, csv or json, not '${format}'`);
  }
}

/** One row per metric and epoch. */
function epochsAsCsv(store: Store, id: string): string {
  const rows = store
    .readEpochs(id)
    .map(({ stage, epoch, metric, value }) => [id, stage, epoch, metric, value].join(','));
  return `${['run,stage,epoch,metric,value', ...rows].join('\n')}\n`;
}
