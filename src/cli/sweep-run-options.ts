import type { SweepRunSettings } from '../sweep/sweep.js';
import { readCheckpointPolicy } from '../trial/checkpoint-policy.js';
import { exitCodes, Failure } from './failure.js';
import { threadCount, wholeNumber } from './options.js';

export interface SweepRunOptions {
  readonly jobs?: string;
  readonly threads?: string;
  readonly checkpointEvery: string;
  readonly keepCheckpoints?: boolean;
  readonly reporter?: string;
  readonly json?: boolean;
  readonly db: string;
}

const reporters = ['dashboard', 'plain', 'json', 'silent'] as const;

export type ReporterName = (typeof reporters)[number];

/** @throws Failure, UsageError */
export function sweepRunSettings(
  options: SweepRunOptions,
  commandLine: readonly string[],
): Required<Pick<SweepRunSettings, 'jobs' | 'threads' | 'checkpoints' | 'keepCheckpoints' | 'commandLine'>> {
  return {
    jobs: wholeNumber('jobs', options.jobs, 1),
    threads: threadCount(options.threads),
    checkpoints: readCheckpointPolicy(options.checkpointEvery),
    keepCheckpoints: options.keepCheckpoints === true,
    commandLine: ['aedsl', ...commandLine],
  };
}

/** @returns null for what fits the terminal. @throws Failure */
export function reporterNamed({ reporter, json }: SweepRunOptions): ReporterName | null {
  if (json === true) return 'json';
  if (reporter === undefined) return null;
  const found = reporters.find((name) => name === reporter);
  if (found) return found;
  throw new Failure(exitCodes.usage, `there is no reporter '${reporter}'`, `there are ${reporters.join(', ')}`);
}
