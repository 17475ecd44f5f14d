import { type CheckedSection, checkLocks } from '../../compare/lock/check.js';
import { lockExperiments } from '../../compare/lock/lock.js';
import { printable } from '../../compiler/diagnostics/printable.js';
import { projectOf } from '../../project/versioned-project.js';
import type { Listener } from '../../trial/events.js';
import { backendOption } from '../backend-option.js';
import type { Console } from '../console.js';
import { diagnosed } from '../diagnosed.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { interruptible } from '../interruption.js';
import { jsonLine } from '../json.js';
import { mostSeeds, threadCount, wholeNumber } from '../options.js';
import { downloadProgress } from '../reporters/progress.js';
import { table } from '../table.js';

export interface LockCommandOptions {
  readonly seeds?: string;
  readonly sweep?: boolean;
  readonly check?: boolean;
  readonly quick?: boolean;
  readonly backend?: string;
  readonly threads?: string;
  readonly db: string;
  readonly store: boolean;
  readonly json?: boolean;
}

/** Writes lock files, or with `--check` holds the experiments to them. */
export async function lock(
  console: Console,
  experiments: readonly string[],
  options: LockCommandOptions,
  commandLine: readonly string[],
): Promise<ExitCode> {
  refuseContradictions(options);
  const train = async (signal: AbortSignal) => {
    const common = {
      project: projectOf(experiments),
      experiments,
      threads: threadCount(options.threads),
      listener: trialLines(console),
      onDownload: downloadProgress(console),
      signal,
      commandLine: ['aedsl', ...commandLine],
      onSection: (title: string, seeds: readonly number[]) =>
        console.err(`${title} · ${seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.join(', ')}`}\n`),
    };
    const store = options.store ? options.db : null;
    if (options.check) {
      const backend = options.backend === undefined ? null : backendOption(options.backend);
      const checked = await checkLocks({
        ...common,
        backend: backend === 'auto' ? null : backend,
        // What CI trains is compared, not kept.
        store: null,
        quick: options.quick === true,
      });
      return checked === null ? exitCodes.interrupted : printChecked(console, checked, options.json === true);
    }
    const files = await lockExperiments({
      ...common,
      backend: backendOption(options.backend),
      store,
      seeds: wholeNumber('seeds', options.seeds, 1, mostSeeds),
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
  return interruptible(console, (signal) => diagnosed(console, options.json === true, () => train(signal)));
}

function refuseContradictions({ check, quick, sweep, seeds }: LockCommandOptions): void {
  const refuse = (message: string, hint: string) => {
    throw new Failure(exitCodes.usage, message, hint);
  };
  if (quick && !check) refuse('--quick is for --check', 'aedsl lock --check --quick');
  if (check && (sweep || seeds !== undefined))
    refuse('--check compares what is locked', 'leave --sweep and --seeds away');
}

/** A line for each trial that is over. */
function trialLines(console: Console): Listener {
  let seed = 0;
  return (event) => {
    if (event.event === 'run_started') seed = event.seed;
    if (event.event === 'note') console.err(`  ${event.text}\n`);
    if (event.event === 'result') {
      const run = event.runId === null ? '' : ` (${event.runId})`;
      console.err(`  seed ${seed}: ${event.status} ${event.weightsSha256?.slice(0, 12) ?? ''}${run}\n`);
    }
  };
}

/** Rows of a table at most; a change that moves everything moves hundreds of numbers. */
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
