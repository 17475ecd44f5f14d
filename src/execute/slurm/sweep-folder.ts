import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { makeFolder } from '../../files/folders.js';
import { readRegularFile } from '../../files/read-file.js';
import { writeAtomically } from '../../files/write-file.js';
import { UsageError } from '../../project/usage-error.js';
import {
  anyNumber,
  count,
  JsonError,
  listOf,
  nullable,
  object,
  oneOf,
  readJsonFile,
  type Schema,
  text,
  wholeNumber,
} from '../../runtime/formats/json.js';
import type { CheckpointPolicy } from '../../trial/checkpointer.js';
import { isProgramBelow } from '../ssh/program-files.js';
import { isDestination, type SshHost } from '../ssh/ssh-host.js';
import { type SlurmSettings, slurmSettings } from './settings.js';

/** Changes whenever the files of a submitted sweep have another shape. */
const version = 1;

const limits = { plan: 2 ** 20, intent: 64 * 2 ** 20, tasks: 1_000_000, trials: 1_000_000, receipt: 1000 } as const;

/** What is kept of a sweep that is submitted, before anything is. */
export interface SweepPlanFile {
  /** `s3` */
  readonly sweep: string;
  /** Where it was submitted from: tasks write there, wherever it is moved. */
  readonly folder: string;
  /** Drawn for this sweep, so that its jobs' names are its own. */
  readonly token: string;
  readonly settings: SlurmSettings;
  /** When its trials are checkpointed; null: as nobody said. */
  readonly checkpoints: CheckpointPolicy | null;
  /** The host whose Slurm or cores train it; null for the Slurm of this machine. */
  readonly host: HostPlace | null;
}

/** Where a sweep is on another host. */
export interface HostPlace extends SshHost {
  /** Absolute path there of the folder with programs, data and sweeps. */
  readonly base: string;
  /** Absolute path there of aedsl. */
  readonly program: string;
  readonly scheduler: Scheduler;
}

/** What starts the trials there. */
export type Scheduler = 'slurm' | 'cores';

/** An array that is about to be submitted; written before it is. */
export interface Intent {
  readonly number: number;
  /** Of the array's job. */
  readonly name: string;
  /** Trials of each task. */
  readonly tasks: readonly (readonly number[])[];
}

/** An intent and what became of it. */
export interface IntendedArray extends Intent {
  /** Number of its job; null if nobody knows of one. */
  readonly job: number | null;
  /** Whether Slurm has refused it, or never had it. */
  readonly isVoid: boolean;
}

const planFile: Schema<SweepPlanFile> = v.pipe(
  object({
    version: oneOf(version),
    sweep: v.pipe(text, v.regex(/^s[1-9]\d{0,14}$/, 'is not the id of a sweep')),
    folder: text,
    token: v.pipe(text, v.regex(/^[0-9a-f]{8}$/, 'is not a token')),
    settings: slurmSettings,
    checkpoints: nullable(object({ seconds: nullable(anyNumber), epochs: nullable(wholeNumber(1)) })),
    host: nullable(
      v.pipe(
        object({
          destination: v.pipe(text, v.check(isDestination, 'is not the name of a host')),
          port: nullable(wholeNumber(1, 65_535)),
          base: v.pipe(text, v.regex(/^\/[^\p{Cc}]{0,1999}$/u, 'is not the path of a folder')),
          program: text,
          scheduler: oneOf('slurm', 'cores'),
        }),
        // The file may be somebody else's, and the program runs as the user.
        v.check(({ base, program }) => isProgramBelow(base, program), 'has a program that aedsl did not bring there'),
      ),
    ),
  }),
  v.transform(({ version: _, ...plan }) => plan),
);

const intentFile: Schema<Intent> = v.pipe(
  object({
    version: oneOf(version),
    number: count,
    name: v.pipe(text, v.regex(/^[\w-]{1,100}$/, 'is not the name of a job')),
    tasks: listOf(listOf(count, limits.trials), limits.tasks),
  }),
  v.transform(({ version: _, ...intent }) => intent),
);

const intentName = /^(\d{4,6})\.json$/;

/** Folder beside a database with what it has submitted. */
export function submittedBeside(store: string): string {
  return `${resolve(store)}.slurm`;
}

/** Whether a sweep of a database was submitted. @param sweep `s3` */
export function isSubmitted(store: string, sweep: string): boolean {
  return SweepFolder.of(store, sweep).exists;
}

/**
 * What a sweep of a database asked for, and where. Whoever runs its setup lines must know them.
 * @throws FileError, JsonError
 */
export function submittedPlan(store: string, sweep: string): SweepPlanFile {
  return SweepFolder.of(store, sweep).readPlan();
}

/** The folder of a submitted sweep, which tasks and those who submit and merge them share. */
export class SweepFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** @param sweep `s3` */
  static of(store: string, sweep: string): SweepFolder {
    return new SweepFolder(join(submittedBeside(store), sweep));
  }

  /** Files are written and removed here, so nothing may lead elsewhere. @throws UsageError for a link */
  requireOwn(): void {
    const trials = join(this.path, 'trials');
    const own = [dirname(this.path), this.path, trials, this.#submissions, this.logs];
    for (const path of [...own, ...this.trials().map((trial) => this.jobOf(trial))]) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) {
        throw new UsageError(`${path} is not a folder, as a submitted sweep has there`, 'remove it, if it is a link');
      }
    }
  }

  get exists(): boolean {
    return existsSync(this.#planPath);
  }

  /** Begins the folder of a new sweep, or gives one new settings. @throws UsageError, JsonError, the system's error */
  plan(
    sweep: string,
    settings: SlurmSettings,
    host: HostPlace | null = null,
    checkpoints: CheckpointPolicy | null = null,
  ): SweepPlanFile {
    if (/[\n\r\0]/.test(this.path)) {
      throw new UsageError('Slurm takes no folder with a line break in its name', 'rename the folder of the results');
    }
    const token = this.exists ? this.readPlan().token : randomBytes(4).toString('hex');
    const plan: SweepPlanFile = { sweep, folder: this.path, token, settings, checkpoints, host };
    for (const folder of [this.path, this.#submissions, this.logs]) makeFolder(folder);
    put(this.#planPath, `${JSON.stringify({ version, ...plan })}\n`);
    return plan;
  }

  /** @throws FileError, JsonError */
  readPlan(): SweepPlanFile {
    return readJsonFile(planFile, this.#planPath, limits.plan);
  }

  /** Folder of a trial's job and of the attempts at it. */
  jobOf(trial: number): string {
    return join(this.path, 'trials', String(trial));
  }

  jobFileOf(trial: number): string {
    return join(this.jobOf(trial), 'job.json');
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  get script(): string {
    return join(this.path, 'task.sh');
  }

  get lock(): string {
    return join(this.path, 'lock');
  }

  writeScript(content: string): void {
    put(this.script, content);
  }

  /** Trials that have a job, ascending. */
  trials(): readonly number[] {
    const folder = join(this.path, 'trials');
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(folder)
      .flatMap((name) => (/^\d{1,7}$/.test(name) ? Number(name) : []))
      .sort((a, b) => a - b);
  }

  /** Removes all of a trial that the results have. */
  forget(trial: number): void {
    rmSync(this.jobOf(trial), { recursive: true, force: true });
  }

  /** Durably writes the next intent. @throws FileError, the system's error */
  intend(tasks: Intent['tasks']): Intent {
    const { sweep, token } = this.readPlan();
    const number = (this.#numbers().at(-1) ?? 0) + 1;
    const intent: Intent = { number, name: `aedsl-${sweep}-${token}-${number}`, tasks };
    put(this.#intentPath(number), `${JSON.stringify({ version, ...intent })}\n`);
    return intent;
  }

  /** @throws FileError, JsonError */
  readIntent(number: number): Intent {
    return readJsonFile(intentFile, this.#intentPath(number), limits.intent);
  }

  /** All that was ever intended, in order. @throws FileError, JsonError */
  arrays(): readonly IntendedArray[] {
    return this.#numbers().map((number) => ({
      ...this.readIntent(number),
      job: this.#jobOf(number),
      isVoid: existsSync(this.#voidPath(number)),
    }));
  }

  /** What `sbatch` printed, or will. */
  receiptPath(number: number): string {
    return join(this.#submissions, `${padded(number)}.receipt`);
  }

  /** Writes the receipt of a job that was found in the queue. */
  putReceipt(number: number, job: number): void {
    put(this.receiptPath(number), `${job}\n`);
  }

  /** Records that there is no such job, and why. */
  putVoid(number: number, reason: string): void {
    put(this.#voidPath(number), `${reason}\n`);
  }

  /** When an intent was written, ms. */
  intendedAt(number: number): number {
    return lstatSync(this.#intentPath(number)).mtimeMs;
  }

  get #planPath(): string {
    return join(this.path, 'plan.json');
  }

  get #submissions(): string {
    return join(this.path, 'submissions');
  }

  #intentPath(number: number): string {
    return join(this.#submissions, `${padded(number)}.json`);
  }

  #voidPath(number: number): string {
    return join(this.#submissions, `${padded(number)}.void`);
  }

  #numbers(): readonly number[] {
    return readdirSync(this.#submissions)
      .flatMap((name) => intentName.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  #jobOf(number: number): number | null {
    const path = this.receiptPath(number);
    if (!existsSync(path)) return null;
    const content = new TextDecoder().decode(readRegularFile(path, limits.receipt));
    if (content === '') return null;
    const [, job] = /^(\d{1,12})(?:;[\w.-]{1,100})?\s*$/.exec(content) ?? [];
    if (job === undefined) throw new JsonError(`'${path}' is not what sbatch prints`);
    return Number(job);
  }
}

function padded(number: number): string {
  return String(number).padStart(4, '0');
}

function put(path: string, content: string): void {
  makeFolder(dirname(path));
  writeAtomically(path, `${path}.${process.pid}.part`, content);
}
