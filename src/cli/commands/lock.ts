import { type CheckedSection, checkLocks, lockExperiments } from '../../api/compare.js';
import { printable } from '../../api/compiler.js';
import type { Listener } from '../../api/events.js';
import { projectOf } from '../../api/project.js';
import type { BackendName } from '../../api/training.js';
import { defineCommand, type Invocation } from '../command.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnostics.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { interruptibleOnceBegun } from '../interruption.js';
import { jsonLine } from '../json.js';
import {
  backendOption,
  databaseOption,
  integerOption,
  jsonOption,
  mostSeeds,
  noStoreOption,
  threadsOption,
} from '../options.js';
import { downloadProgress } from '../reporters/progress.js';
import { table } from '../table.js';

export interface LockCommandOptions {
  readonly seeds?: number | undefined;
  readonly sweep?: boolean | undefined;
  readonly check?: boolean | undefined;
  readonly quick?: boolean | undefined;
  readonly backend?: BackendName | undefined;
  readonly threads?: number | undefined;
  readonly db: string;
  readonly store: boolean;
  readonly json?: boolean | undefined;
}

export const command = defineCommand({
  about:
    'Train experiments and write their results to lock files, which are committed beside them. With --check, train again and fail if a result moved.',
  examples: ['aedsl lock sparse.ae', 'aedsl lock --check --quick'],
  usage: (command) =>
    command
      .argument('[experiment...]', 'names, .ae files, folders or FILE:name; those that are locked already by default')
      .addOption(
        integerOption('--seeds <n>', 'train with the seeds 1 to n; as many as are locked, 5 at first', 1, mostSeeds),
      )
      .option('--sweep', "lock each cell of the experiment's sweep too")
      .option('--check', 'train again and compare; exit 1 if anything moved')
      .option('--quick', 'with --check: only the first steps of each stage')
      .addOption(backendOption())
      .addOption(threadsOption())
      .addOption(databaseOption('where the runs go, and known results come from'))
      .addOption(noStoreOption('keep no runs'))
      .addOption(jsonOption('one file, or checked experiment, a line')),
  run: (invocation, [experiments], options) => lock(invocation, experiments, options),
});

/** Writes lock files, or with `--check` compares the experiments with them. */
export async function lock(
  { console, commandLine, words }: Pick<Invocation<LockCommandOptions>, 'console' | 'commandLine' | 'words'>,
  experiments: readonly string[],
  options: LockCommandOptions,
): Promise<ExitCode> {
  refuseContradictions(options);
  const train = async (signal: AbortSignal, begun: () => void) => {
    const tell = trialLines(console);
    const common = {
      library: await words(),
      project: projectOf(experiments),
      experiments,
      threads: options.threads ?? null,
      storedRuns: options.db,
      listener: ((event) => {
        begun();
        tell(event);
      }) satisfies Listener,
      onDownload: downloadProgress(console),
      signal,
      commandLine,
      onSection: (title: string, seeds: readonly number[]) =>
        console.err(`${title} · ${seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.join(', ')}`}\n`),
    };
    const store = options.store ? options.db : null;
    if (options.check) {
      const checked = await checkLocks({
        ...common,
        backend: options.backend ?? null,
        // A check stores nothing.
        store: null,
        quick: options.quick === true,
      });
      return checked === null ? exitCodes.interrupted : printChecked(console, checked, options.json === true);
    }
    const files = await lockExperiments({
      ...common,
      backend: options.backend ?? 'auto',
      store,
      seeds: options.seeds ?? null,
      sweep: options.sweep === true,
    });
    if (files === null) return exitCodes.interrupted;
    for (const { path, written, sections } of files) {
      if (options.json) console.out(jsonLine({ event: 'locked', file: path, written, sections }));
      else console.out(`${path} (${written})\n`);
    }
    const diverged = files.some(({ sections }) => sections.some((section) => section.diverged.length > 0));
    return diverged ? exitCodes.failed : exitCodes.ok;
  };
  return interruptibleOnceBegun(console, (signal, begun) =>
    diagnosed(console, options.json === true, () => train(signal, begun)),
  );
}

function refuseContradictions({ check, quick, sweep, seeds }: LockCommandOptions): void {
  const refuse = (message: string, hint: string) => {
    throw new Failure(exitCodes.usage, message, hint);
  };
  if (quick && !check) refuse('--quick is for --check', 'aedsl lock --check --quick');
  if (check && (sweep || seeds !== undefined))
    refuse('--check compares what is locked', 'leave out --sweep and --seeds');
}

/** Prints a line for each trial that ended. */
function trialLines(console: Console): Listener {
  const seeds = new Map<number, number>();
  return (event) => {
    if (event.event === 'started') for (const { trial, seed } of event.trials) seeds.set(trial, seed);
    if (event.event === 'note') console.err(`  ${event.text}\n`);
    if (event.event === 'trial_state') {
      const seed = seeds.get(event.trial);
      if (seed === undefined) throw new RangeError(`trial ${event.trial} never started`);
      const run = event.runId === null ? '' : ` (${event.runId})`;
      console.err(`  seed ${seed}: ${event.state} ${event.weightsSha256?.slice(0, 12) ?? ''}${run}\n`);
    }
  };
}

/** Most rows of a table: a change that moves everything moves hundreds of numbers. */
const mostRows = 30;

function printChecked(console: Console, checked: readonly CheckedSection[], json: boolean): ExitCode {
  if (json) {
    for (const section of checked) console.out(jsonLine({ event: 'checked', ...section }));
    return checkedExit(checked);
  }
  for (const { title, file, moved, notes, compared, unchecked, gone } of checked) {
    if (gone !== null) {
      console.out(`${printable(gone)}\n`);
    } else if (unchecked !== null) {
      console.out(`${printable(`${title} (${file}): not checked: ${unchecked}`)}\n`);
    } else if (moved.length === 0) {
      console.out(`${printable(title)}: ${compared} numbers and hashes as locked\n`);
    } else {
      console.out(`${printable(`${title} (${file})`)}: ${moved.length} of ${compared} moved\n`);
      const rows = moved.slice(0, mostRows).map(({ what, locked, now }) => [`  ${what}`, short(locked), short(now)]);
      console.out(table(['  what', 'locked', 'now'], rows));
      if (moved.length > mostRows) console.out(`  and ${moved.length - mostRows} more: --json lists them\n`);
    }
    for (const note of notes) console.out(`  ${printable(note)}\n`);
  }
  return checkedExit(checked);
}

function checkedExit(checked: readonly CheckedSection[]): ExitCode {
  if (checked.some(({ moved, gone }) => moved.length > 0 || gone !== null)) return exitCodes.failed;
  return checked.some(({ unchecked }) => unchecked !== null) ? exitCodes.environment : exitCodes.ok;
}

function short(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 16) : text;
}
