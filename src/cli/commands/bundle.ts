import { createHash } from 'node:crypto';
import { recordedIn } from '../../project/recorded-place.js';
import { bundleRun } from '../../trial/bundle/bundle.js';
import { runNamed } from '../../trial/run-argument.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { withResults } from '../results.js';
import { writeOutput } from '../writing-files.js';

export interface BundleOptions {
  readonly output?: string;
  readonly db: string;
}

/** Writes a run with all that it takes to verify it elsewhere, and prints the hash of the file. */
export function bundle(console: Console, id: string, options: BundleOptions): Promise<ExitCode> {
  return withResults(options.db, async (store) => {
    const run = await runNamed(store, id);
    const path = options.output ?? `${run.id}.tgz`;
    const bytes = bundleRun(store, run.id, recordedIn(options.db));
    writeOutput(path, bytes);
    console.err(`${path} (${(bytes.length / 1e6).toFixed(1)} MB) · check it elsewhere: aedsl verify ${path}\n`);
    console.out(`${createHash('sha256').update(bytes).digest('hex')}  ${path}\n`);
    return exitCodes.ok;
  });
}
