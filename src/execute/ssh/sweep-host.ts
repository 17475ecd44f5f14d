import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { NamedSet } from '../../runtime/datasets/named-set.js';
import {
  anyObject,
  count,
  JsonError,
  listOf,
  nullable,
  object,
  oneOf,
  parseJson,
  readJson,
  readJsonFile,
  recordOf,
  type Schema,
  text,
} from '../../runtime/formats/json.js';
import { packArchive } from '../../trial/bundle/archive.js';
import type { Queued, QueueRequest } from '../slurm/queue.js';
import type { SlurmSettings } from '../slurm/settings.js';
import { SlurmError, type SlurmReason } from '../slurm/slurm-error.js';
import { quoted, type Submitted } from '../slurm/submit.js';
import type { HostPlace, Scheduler, SweepFolder } from '../slurm/sweep-folder.js';
import { spoolName } from '../spool/attempts.js';
import { beginning, type HostCall, onHost } from './connection.js';
import { framed, framedBytes, type PieceSink, pieceBelow, StreamReader, streamLine } from './frames.js';
import type { BeginRequest, HostTask, ReportRequest } from './host-side.js';
import { type DataSetCopy, jobData } from './job-data.js';
import { programBelow, programFiles } from './program-files.js';
import { SshError } from './ssh-error.js';
import { hostText, type SshHost } from './ssh-host.js';

/** Oldest Node that runs aedsl. */
const oldestNode = [20, 19] as const;

const limits = { files: 1_000_000, job: 256 * 2 ** 20 } as const;

/** A host and how it is to train. */
export interface AskedHost extends SshHost {
  /** Where aedsl, data and sweeps go there; below the home unless it is absolute. */
  readonly folder: string;
  /** `auto`: by Slurm if it has one. */
  readonly scheduler: Scheduler | 'auto';
}

/** A host that has aedsl and would take a sweep. */
export interface ReadyHost {
  readonly place: HostPlace;
  /** Of the host, as far as one may use them. */
  readonly cores: number;
}

/**
 * Looks whether a host can train, brings aedsl there unless it has this very version, and asks its scheduler.
 * @param main the file that started this process
 * @throws SshError, SlurmError, FileError
 */
export async function readyHost(asked: AskedHost, settings: SlurmSettings, main: string): Promise<ReadyHost> {
  const { sha256, files } = programFiles(main);
  const found = await look(asked, settings.setup, sha256);
  const host = hostText(asked);
  const scheduler = asked.scheduler === 'auto' ? (found.hasSlurm ? 'slurm' : 'cores') : asked.scheduler;
  if (scheduler === 'slurm' && !found.hasSlurm) {
    throw new SshError(
      'no_scheduler',
      `${host} has no sbatch, so Slurm cannot train there`,
      'name a login node, bring it by --setup (`module load slurm`), or leave out --scheduler and the options of Slurm',
    );
  }
  const { partition, account, qos, constraint, time, memory } = settings;
  if (scheduler === 'cores' && [partition, account, qos, constraint, time, memory].some((value) => value !== null)) {
    throw new SshError(
      'no_scheduler',
      `${host} has no Slurm for a partition, an account, a time or memory: its cores train`,
      'leave these options out, or name a login node of a cluster',
    );
  }
  if (!found.hasProgram) await bringProgram(asked, found.base, sha256, files);
  const place: HostPlace = {
    destination: asked.destination,
    port: asked.port,
    base: found.base,
    program: programBelow(found.base, sha256),
    scheduler,
  };
  const { cores } = await askHost(place, settings.setup, 'accept', found.base, {
    request: { settings, scheduler },
    answer: object({ type: oneOf('accepted'), cores: count }),
  });
  return { place, cores };
}

interface Looked {
  /** Absolute. */
  readonly base: string;
  readonly hasSlurm: boolean;
  readonly hasProgram: boolean;
}

/** @throws SshError */
async function look(asked: AskedHost, setup: readonly string[], sha256: string): Promise<Looked> {
  const script = [
    ...setupLines(setup),
    'cd || exit 1',
    `echo ${beginning}`,
    // A complaint of the last mkdir is the reason.
    `mkdir -p -- ${quoted(asked.folder)} && cd -- ${quoted(asked.folder)} && mkdir -p programs data sweeps && [ -w . ] || exit 77`,
    'printf "base=%s\\n" "$(pwd -P)"',
    'printf "system=%s\\n" "$(uname -sm)"',
    'printf "node=%s\\n" "$(node --version 2>/dev/null)"',
    'for program in tar gzip sbatch; do command -v "$program" >/dev/null 2>&1 && echo "has=$program"; done',
    `[ -e programs/${sha256}/complete ] && echo has=aedsl`,
    'exit 0',
  ].join('\n');
  const said = (await outputOf(asked, { script })).split('\n');
  const of = (name: string) => said.flatMap((line) => (line.startsWith(`${name}=`) ? line.slice(name.length + 1) : []));
  const host = hostText(asked);
  const [[base = ''], [system = ''], [node = ''], has] = [of('base'), of('system'), of('node'), of('has')];
  if (!base.startsWith('/'))
    throw new SshError('failed', `${host} says nothing of its folders`, 'is it a Unix system?');
  requireNode(node, `${host} (${system})`);
  const hasProgram = has.includes('aedsl');
  if (!hasProgram && !(has.includes('tar') && has.includes('gzip'))) {
    throw new SshError(
      'no_tar',
      `${host} has no tar and gzip, which unpack aedsl there`,
      'install them, or bring them by --setup',
    );
  }
  return { base, hasSlurm: has.includes('sbatch'), hasProgram };
}

function requireNode(version: string, host: string): void {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [least, leastMinor] = oldestNode;
  if (major > least || (major === least && minor >= leastMinor)) return;
  const needed = `aedsl needs Node ${oldestNode.join('.')} or newer there`;
  throw new SshError(
    'no_node',
    version === '' ? `${host} has no Node: ${needed}` : `${host} has Node ${version}: ${needed}`,
    "a shell without a terminal must find it: --setup 'module load node/22', or --setup '. ~/.nvm/nvm.sh'",
  );
}

/** @throws SshError */
async function bringProgram(
  asked: AskedHost,
  base: string,
  sha256: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const place = quoted(`${base}/programs/${sha256}`);
  const script = [
    `d=${quoted(`${base}/programs/.${sha256}`)}.$$`,
    `trap 'rm -rf -- "$d"' EXIT`,
    `echo ${beginning}`,
    'mkdir -- "$d" && tar -xzf - -C "$d" && : > "$d/complete" || exit 77',
    `[ -e ${place} ] || mv -- "$d" ${place}`,
    `[ -e ${place}/complete ]`,
  ].join('\n');
  await onHost(asked, { script, input: [packArchive(files)], compress: true });
}

/** Lines that run first, whose output is a banner. */
function setupLines(setup: readonly string[]): readonly string[] {
  return setup.length === 0 ? [] : ['{', ...setup, '} </dev/null'];
}

async function outputOf(host: SshHost, call: HostCall): Promise<string> {
  const parts: Uint8Array[] = [];
  await onHost(host, { ...call, take: (bytes) => void parts.push(bytes) });
  return Buffer.concat(parts).toString('utf8');
}

/** What a host says in place of an answer. */
const refusal = object({
  type: oneOf('refused'),
  reason: nullable(text),
  message: text,
  hint: nullable(text),
});

interface Talk<T extends object> {
  readonly request: object;
  /** The line that answers it. */
  readonly answer: Schema<T>;
  /** What else is sent after the request. */
  readonly rest?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly line?: (line: string) => boolean;
  readonly file?: (path: string, from: number) => PieceSink;
}

/** Starts aedsl on a host, sends it a request, and reads its answer. @throws SshError, SlurmError, JsonError */
async function askHost<T extends object>(
  place: HostPlace,
  setup: readonly string[],
  action: 'accept' | 'begin' | 'report' | 'queue',
  folder: string,
  { request, answer, rest = [], line: other = () => false, file }: Talk<T>,
): Promise<T> {
  const script = [
    ...setupLines(setup),
    `cd -- ${quoted(place.base)} || exit 77`,
    `echo ${beginning}`,
    `exec node ${quoted(place.program)} host ${action} ${quoted(folder)}`,
  ].join('\n');
  let answered: T | null = null;
  const reader = new StreamReader({
    line(line) {
      const { type } = readJson(object({ type: text }), line, 'a line of the host');
      if (type === 'refused') throw refused(readJson(refusal, line, 'a line of the host'), hostText(place));
      if (type === 'end' || other(line)) return;
      answered = readJson(answer, line, 'a line of the host');
    },
    file({ path, from }) {
      if (file === undefined) throw new JsonError(`the host sends '${path}', which nobody asked for`);
      return file(path, from);
    },
  });
  try {
    const input = (async function* () {
      yield streamLine(request);
      yield* rest;
    })();
    await onHost(place, { script, input, take: (bytes) => reader.take(bytes) });
  } finally {
    reader.close();
  }
  if (answered === null) throw new SshError('failed', `${hostText(place)} did not answer`, 'try again');
  return answered;
}

const slurmReasons: ReadonlySet<string> = new Set<SlurmReason>([
  'not_installed',
  'not_configured',
  'unreachable',
  'unknown_partition',
  'account',
  'over_limit',
  'time_limit',
  'too_large',
  'refused',
  'odd_answer',
]);

function isSlurmReason(reason: string | null): reason is SlurmReason {
  return reason !== null && slurmReasons.has(reason);
}

function refused({ reason, message, hint }: v.InferOutput<typeof refusal>, host: string): SlurmError | SshError {
  const told = `${host}: ${message}`;
  const what = hint ?? 'the log of the sweep there may say more';
  if (isSlurmReason(reason)) return new SlurmError(reason, told, what);
  const lower = message.toLowerCase();
  const isFull = /no space|quota|disk is full/.test(lower);
  return new SshError(isFull ? 'no_space' : 'failed', told, what);
}

/** Folder of a sweep on its host. */
export function folderOnHost({ base }: HostPlace, folder: SweepFolder): string {
  const { sweep, token } = folder.readPlan();
  return `${base}/sweeps/${sweep}-${token}`;
}

/**
 * Brings jobs, and the data that the host lacks, and has them submitted there. What somebody trains by now is not
 * submitted again.
 *
 * @param published sets that the host gets if a recipe names them
 * @throws SshError, SlurmError, FileError
 */
export async function submitOnHost(
  folder: SweepFolder,
  place: HostPlace,
  asked: Pick<BeginRequest, 'settings' | 'perTask' | 'trials'>,
  published: readonly NamedSet[],
): Promise<Submitted> {
  const jobs = new Map(asked.trials.map((trial) => [trial, parsedJob(folder.jobFileOf(trial))]));
  const paths = new Set([...jobs.values()].flatMap(({ dataFiles }) => Object.values(dataFiles)));
  const recipes = [...new Set([...jobs.values()].map(({ recipe }) => JSON.stringify(recipe)))];
  // A name in a comment costs a copy that is not needed.
  const named = published.filter(({ name }) => recipes.some((recipe) => new RegExp(`\\b${name}\\b`).test(recipe)));
  const data = jobData(paths, named);
  const lacking = waited<readonly string[]>();
  const { sweep } = folder.readPlan();
  const request: BeginRequest = {
    ...asked,
    sweep,
    scheduler: place.scheduler,
    marks: data.sets.map(({ mark }) => mark),
  };
  const lacks = object({ type: oneOf('lacks'), marks: listOf(text, limits.files) });
  const moved = (path: string) => `${place.base}/data/${data.places.get(path) ?? ''}`;
  async function* rest(): AsyncIterable<Uint8Array> {
    const wanted = new Set(await lacking.value);
    for (const set of data.sets.filter(({ mark }) => wanted.has(mark))) yield* framedSet(set);
    for (const [trial, { job, dataFiles }] of jobs) {
      for (const entry of readdirSync(folder.jobOf(trial), { withFileTypes: true })) {
        const isJob = entry.name === 'job.json';
        if (entry.isFile() && !isJob && !entry.name.endsWith('.part')) {
          yield* framed(join(folder.jobOf(trial), entry.name), `trials/${trial}/${entry.name}`);
        }
      }
      const there = Object.fromEntries(Object.entries(dataFiles).map(([name, path]) => [name, moved(path)]));
      yield* framedBytes(streamLine({ ...job, dataFiles: there }), `trials/${trial}/job.json`);
    }
    yield streamLine({ type: 'end' });
  }
  const begun = await askHost(place, asked.settings.setup, 'begin', folderOnHost(place, folder), {
    request,
    answer: object({ type: oneOf('begun'), jobs: listOf(count, limits.files), tasks: count }),
    rest: rest(),
    line(line) {
      if (!v.is(object({ type: oneOf('lacks') }), parseJson(line))) return false;
      lacking.resolve(readJson(lacks, line, 'a line of the host').marks);
      return true;
    },
    file: ownSubmissions(folder),
  }).finally(() => lacking.resolve([]));
  return { jobs: begun.jobs, tasks: begun.tasks };
}

function* framedSet({ mark, files }: DataSetCopy): Iterable<Uint8Array> {
  for (const { from, to } of files) yield* framed(from, `data/${to}`);
  if (files.every(({ to }) => to !== mark)) yield* framedBytes(new Uint8Array(), `data/${mark}`);
}

const anyJob = object({ recipe: anyObject, dataFiles: recordOf(text, limits.files) });

interface ParsedJob {
  readonly job: object;
  readonly recipe: object;
  readonly dataFiles: Readonly<Record<string, string>>;
}

function parsedJob(path: string): ParsedJob {
  return { job: readJsonFile(anyObject, path, limits.job), ...readJsonFile(anyJob, path, limits.job) };
}

function waited<T>(): { readonly value: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const value = new Promise<T>((done) => {
    resolve = done;
  });
  return { value, resolve };
}

const hostTask: Schema<HostTask> = object({
  trial: count,
  submission: count,
  task: nullable(v.pipe(text, v.maxLength(100, 'is too long'))),
  state: nullable(v.pipe(text, v.maxLength(100, 'is too long'))),
  heldBack: nullable(v.pipe(text, v.maxLength(1000, 'is too long'))),
  loss: nullable(v.pipe(text, v.maxLength(2000, 'is too long'))),
});

export interface ReportAsked {
  /** Trials that the results lack. */
  readonly wanted: readonly number[];
  /** Trials that the results have. */
  readonly forget: readonly number[];
}

/**
 * Asks a host how the trials of a sweep are, and adds what has come of them to the folder of the sweep here. A connection
 * that ends meanwhile leaves what came so far, and the next one goes on from there.
 *
 * @throws SshError, SlurmError, JsonError for what no host of aedsl sends
 */
export async function reportFromHost(
  folder: SweepFolder,
  place: HostPlace,
  { wanted, forget }: ReportAsked,
): Promise<ReadonlyMap<number, HostTask>> {
  const { settings } = folder.readPlan();
  const request: ReportRequest = { scheduler: place.scheduler, have: filesHere(folder, wanted), wanted, forget };
  const asked = new Set(wanted.map(String));
  const submissions = ownSubmissions(folder);
  const { tasks } = await askHost(place, settings.setup, 'report', folderOnHost(place, folder), {
    request,
    answer: object({ type: oneOf('tasks'), tasks: listOf(hostTask, limits.files) }),
    file(path, from) {
      const [, trial, name] = /^trials\/(\d{1,7})\/attempt-\d{4,6}\/(\w[\w.-]{0,99})$/.exec(path) ?? [];
      if (trial === undefined || name === undefined) return submissions(path, from);
      if (!asked.has(trial) || name.endsWith('.part'))
        throw new JsonError(`the host sends '${path}', which nobody asked for`);
      return pieceBelow(folder.path, { path, from, bytes: 0 }, name === spoolName);
    },
  });
  return new Map(tasks.map((task) => [task.trial, task]));
}

/** Holds, releases, stops or prefers trials there. @throws SshError, SlurmError */
export async function queueOnHost(folder: SweepFolder, place: HostPlace, asked: QueueRequest): Promise<Queued> {
  const { settings } = folder.readPlan();
  const { trials, tasks, notes } = await askHost(place, settings.setup, 'queue', folderOnHost(place, folder), {
    request: { scheduler: place.scheduler, ...asked },
    answer: object({
      type: oneOf('queued'),
      trials: listOf(count, limits.files),
      tasks: count,
      notes: listOf(text, 10),
    }),
  });
  return { trials, tasks, notes };
}

function ownSubmissions(folder: SweepFolder) {
  return (path: string, from: number): PieceSink => {
    if (!/^submissions\/\d{4,6}\.(?:json|receipt|void)$/.test(path)) {
      throw new JsonError(`the host sends '${path}', which nobody asked for`);
    }
    return pieceBelow(folder.path, { path, from, bytes: 0 }, false);
  };
}

/** Bytes of the files of a sweep that are here. */
function filesHere(folder: SweepFolder, wanted: readonly number[]): Readonly<Record<string, number>> {
  const sizes: Record<string, number> = {};
  const add = (path: string) => {
    const place = join(folder.path, path);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return;
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      if (entry.isFile() && !entry.name.endsWith('.part'))
        sizes[`${path}/${entry.name}`] = statSync(join(place, entry.name)).size;
    }
  };
  add('submissions');
  for (const trial of wanted) {
    const path = `trials/${trial}`;
    const place = join(folder.path, path);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    for (const name of readdirSync(place)) if (/^attempt-\d{4,6}$/.test(name)) add(`${path}/${name}`);
  }
  return sizes;
}
