import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import { FileError } from '../../files/read-file.js';
import { errorText, isSystemError, systemCode, systemReason } from '../../files/system-error.js';
import { writeAtomically } from '../../files/write-file.js';
import { JsonError } from '../../runtime/formats/json.js';
import type { CheckpointRecord } from '../../runtime/store/records.js';
import { checkpointFileName } from '../../trial/checkpointer.js';
import { type Executor, type RunningTrial, type TrialPlace, WorkerNumbers } from '../executor.js';
import { isLast, type TrialJob, type TrialMessage } from '../job.js';
import { getFile, writeJob } from './job-folder.js';
import { makeJobFolder, removeUnlessUsed } from './jobs-folder.js';
import { LineReader } from './line-reader.js';
import { readMessageLine } from './message-lines.js';

/**
 * Command to run for a job: a line for the system's shell, or a program with its arguments. `{job}` is replaced by the
 * path of the job's file, `{trial}` by the trial's index, and `{threads}` by its number of threads. A line without
 * `{job}` gets the path as its last argument.
 */
export type JobCommand = string | readonly [string, ...string[]];

export interface CommandOptions {
  readonly command: JobCommand;
  /** Parent of the jobs' folders, each removed once its trial is over. The command must see it at the same path. */
  readonly folder: string;
  /** Working directory of the command; the current folder by default. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Characters of standard error to keep, for explaining why a command ended. */
const mostComplaint = 8000;
/** Time for a command to exit after its last message. */
const graceMilliseconds = 5000;
/** Time between asking a command to end and killing it. */
const killMilliseconds = 1000;

/**
 * Trains each trial by a command: `aedsl work JOB.json`, here or on another machine, or any program that reads a job
 * and writes the same messages as lines of JSON on standard output (docs/work.md). To halt a trial, the executor writes
 * the line `{"type":"halt"}` to its standard input.
 *
 * A command's output is untrusted: a line that is not a message, or a file with a different checksum than stated, makes
 * the trial fail. A command that ends without its last message is `lost`.
 */
export class CommandExecutor implements Executor {
  readonly #options: CommandOptions;
  readonly #workers = new WorkerNumbers();
  readonly #running = new Set<CommandTrial>();
  /** A person may end the process at once. */
  readonly #abandon = () => {
    for (const trial of this.#running) trial.abandon();
  };
  /** The outermost folder that was made for the jobs. */
  #made: string | undefined;

  constructor(options: CommandOptions) {
    this.#options = options;
  }

  start(job: TrialJob, place: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial {
    const worker = this.#workers.take();
    if (!process.listeners('exit').includes(this.#abandon)) process.on('exit', this.#abandon);
    const trial = new CommandTrial(job, place, (message) => {
      if (isLast(message)) this.#workers.free(worker);
      listener(message);
    });
    this.#running.add(trial);
    void trial.ended.then(() => this.#running.delete(trial));
    // Its messages come after this method has returned, what goes wrong at once too.
    setImmediate(() => trial.run(this.#options, (made) => (this.#made ??= made)));
    return { worker, halt: () => trial.halt() };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((trial) => trial.close()));
    process.off('exit', this.#abandon);
    if (this.#made !== undefined) removeUnlessUsed(this.#options.folder);
  }
}

class CommandTrial {
  readonly #job: TrialJob;
  readonly #place: TrialPlace;
  readonly #listener: (message: TrialMessage) => void;
  /** Its process, if it had one, is gone, and so is its folder. */
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  #folder: string | null = null;
  #child: ChildProcess | null = null;
  #complaint = '';
  /** Has reported its last message, or is not listened to any more. */
  #over = false;
  #halted = false;
  /** Its weights are there. */
  #isTrained: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(job: TrialJob, place: TrialPlace, listener: (message: TrialMessage) => void) {
    this.#job = job;
    this.#place = place;
    this.#listener = listener;
    this.#isTrained = job.trained !== null;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  run({ command, folder, cwd, env = process.env }: CommandOptions, onMade: (folder: string | undefined) => void): void {
    if (this.#over) {
      this.#end();
      return;
    }
    try {
      onMade(makeFolder(folder));
      this.#folder = makeJobFolder(folder, this.#job.trial);
      const path = writeJob(this.#folder, this.#job, this.#place.checkpoints);
      this.#listenTo(
        spawned(
          command,
          { job: path, trial: this.#job.trial, threads: this.#job.threads },
          { env, ...(cwd === undefined ? {} : { cwd }) },
        ),
        this.#folder,
      );
    } catch (error) {
      this.#fail(`its job could not be written: ${errorText(error)}`);
      this.#gone();
    }
  }

  halt(): void {
    this.#halted = true;
    this.#child?.stdin?.write('{"type":"halt"}\n');
  }

  close(): Promise<void> {
    this.#over = true;
    this.#terminate();
    return this.ended;
  }

  /** Ends without waiting for anything. */
  abandon(): void {
    if (this.#child) signalTo(this.#child, 'SIGKILL');
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  #listenTo(child: ChildProcess, folder: string): void {
    this.#child = child;
    const lines = new LineReader();
    child.stdout?.on('data', (bytes: Buffer) => {
      if (this.#over) return;
      try {
        for (const line of lines.take(bytes)) {
          if (!this.#over && line !== '') this.#hear(readMessageLine(line, folder), folder);
        }
      } catch (error) {
        if (!(error instanceof JsonError || error instanceof FileError)) throw error;
        this.#fail(`its command wrote something else than messages to standard output: ${error.message}`);
      }
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#complaint = `${this.#complaint}${bytes.toString('utf8')}`.slice(-mostComplaint);
    });
    // Ignore failed writes: a command that no longer reads its input is noticed when it exits.
    child.stdin?.on('error', () => {});
    if (this.#halted) this.halt();
    child.once('error', (error) => {
      this.#lose(`its command could not be started: ${isSystemError(error) ? systemReason(error) : error.message}`);
      this.#gone();
    });
    child.once('close', (code, signal) => {
      this.#lose(`${endText(code, signal, this.#complaint)}${lines.isWithin ? ', in the middle of a message' : ''}`);
      this.#gone();
    });
  }

  #hear(message: TrialMessage, folder: string): void {
    if (message.type === 'checkpoint') {
      this.#listener(this.#kept(message.checkpoint, folder));
      return;
    }
    const fault = this.#faultOf(message);
    if (fault !== null) {
      this.#fail(`its command reported ${fault}`);
      return;
    }
    if (isLast(message)) this.#finish();
    this.#listener(message);
  }

  /** A trial whose weights never came must not count as complete. */
  #faultOf(message: TrialMessage): string | null {
    if (message.type === 'trained') {
      if (this.#isTrained) return 'the end of the training twice';
      this.#isTrained = true;
    }
    const hasEnded = message.type === 'ended' && message.end.status !== 'interrupted';
    return hasEnded && !this.#isTrained ? 'the end of a trial without its weights' : null;
  }

  /** Moves a checkpoint to the caller's folder. */
  #kept(checkpoint: CheckpointRecord, folder: string): TrialMessage {
    const place = this.#place.checkpoints;
    try {
      if (place === null) throw new RangeError('none was asked for');
      const file = checkpointFileName(place.prefix, checkpoint);
      const path = join(place.folder, file);
      writeAtomically(path, `${path}.part`, getFile(folder, checkpoint));
      rmSync(join(folder, checkpoint.file), { force: true });
      return { type: 'checkpoint', checkpoint: { ...checkpoint, file } };
    } catch (error) {
      return { type: 'note', text: `the checkpoint at step ${checkpoint.step} could not be kept: ${errorText(error)}` };
    }
  }

  #fail(reason: string): void {
    if (this.#over) return;
    this.#finish();
    this.#terminate();
    this.#listener({ type: 'failed', reason });
  }

  #lose(reason: string): void {
    if (this.#over) return;
    this.#finish();
    this.#listener({ type: 'lost', reason });
  }

  /** Its last message is there; its process has a while to exit. */
  #finish(): void {
    this.#over = true;
    this.#timer = setTimeout(() => this.#terminate(), graceMilliseconds).unref();
  }

  #terminate(): void {
    if (this.#child === null) return;
    clearTimeout(this.#timer);
    signalTo(this.#child, 'SIGTERM');
    const child = this.#child;
    this.#timer = setTimeout(() => signalTo(child, 'SIGKILL'), killMilliseconds);
  }

  #gone(): void {
    clearTimeout(this.#timer);
    this.#child = null;
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#end();
  }
}

interface Placeholders {
  readonly job: string;
  readonly trial: number;
  readonly threads: number | null;
}

/** Starts a separate process group: it can be killed as a whole, and terminal signals don't reach it. */
function spawned(
  command: JobCommand,
  placeholders: Placeholders,
  where: { cwd?: string; env: NodeJS.ProcessEnv },
): ChildProcess {
  const isWindows = process.platform === 'win32';
  const options = { ...where, detached: !isWindows, windowsHide: true } as const;
  if (typeof command !== 'string') {
    const [program, ...args] = command.map((part) => filled(part, placeholders, (text) => text));
    return spawn(program ?? '', args, options);
  }
  const line = command.includes('{job}') ? command : `${command} {job}`;
  const quoted = (text: string) => (isWindows ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`);
  return spawn(filled(line, placeholders, quoted), { ...options, shell: true });
}

function filled(text: string, { job, trial, threads }: Placeholders, quoted: (text: string) => string): string {
  return text.replace(/\{(job|trial|threads)\}/g, (_, name: string) => {
    switch (name) {
      case 'job':
        return quoted(job);
      case 'trial':
        return String(trial);
      default:
        return String(threads ?? availableParallelism());
    }
  });
}

function signalTo(child: ChildProcess, signal: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-pid, signal);
  } catch (error) {
    // It ended by itself meanwhile.
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

function endText(code: number | null, signal: NodeJS.Signals | null, complaint: string): string {
  const how = signal === null ? `ended with code ${code ?? '?'}` : `was ended by ${signal}`;
  const said = complaintOf(complaint);
  return `its command ${how} before it reported the end of the trial${said === null ? '' : ` (${said})`}`;
}

/** One line that explains a program's failure: its first that mentions an error, else its last. */
function complaintOf(output: string): string | null {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? null;
}
