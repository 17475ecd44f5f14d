import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { builtinWords } from '../../api/compiler.js';
import {
  addressSpace,
  BackendUnavailable,
  chooseBackend,
  commitProblem,
  gitVersion,
  installedVersion,
  mostMemory,
} from '../../api/machine.js';
import { describeProject, findProject, resultsPlace } from '../../api/project.js';
import { checkDrive, type DriveReport, openStore, sqliteBinding } from '../../api/results.js';
import { countText } from '../../api/text.js';
import { backendNames, localDataSets } from '../../api/training.js';
import { byteText } from '../../files/read-file.js';
import { systemReason } from '../../files/system-error.js';
import { defineCommand } from '../command.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption, jsonOption } from '../options.js';
import { table } from '../table.js';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** Whether aedsl needs it. */
  readonly needed: boolean;
  readonly detail: string;
  /** Suggested fix, if it is not ok. */
  readonly hint: string | null;
}

/** Checks this machine. Exit 4 if something essential is missing. */
export const command = defineCommand({
  about: 'Check this machine: Node, memory, backends, the drive, git and the data sets.',
  examples: ['aedsl doctor'],
  usage: (command) =>
    command.addOption(databaseOption('where the results would go')).addOption(jsonOption('as one object')),
  async run({ console }, _, options) {
    const findings: Finding[] = [
      fact('aedsl', installedVersion()),
      fact('node', `${process.version} on ${process.platform} ${process.arch}`),
      fact(
        'cores',
        `${availableParallelism()}; ${countText(Math.min(8, availableParallelism()), 'thread')} by default`,
      ),
      fact('memory', memoryText()),
      temporaryFolder(),
      git(),
      projectFinding(),
      ...(await results(options.db)),
      ...(await backends()),
      ...(await localDataSets(builtinWords))
        .filter(({ isMade }) => !isMade)
        .map(({ name, state, problem }) => ({
          what: `data ${name}`,
          ok: state === 'here',
          needed: false,
          detail: state === 'not here' ? state : (problem ?? state),
          hint: state === 'not here' ? `it is downloaded when it is asked for, or by: aedsl data fetch ${name}` : null,
        })),
    ];
    const missing = findings.filter(({ ok, needed }) => needed && !ok);
    if (options.json) console.out(jsonLine(findings));
    else {
      const text = ({ detail, hint }: Finding) => (hint === null ? detail : `${detail}; ${hint}`);
      console.out(
        table(
          ['', 'what', 'detail'],
          findings.map((finding) => [finding.ok ? 'ok' : finding.needed ? 'NO' : '-', finding.what, text(finding)]),
        ),
      );
    }
    if (missing.length === 0) return exitCodes.ok;
    console.err(`aedsl: this machine is not ready: ${missing.map(({ what }) => what).join(', ')}\n`);
    return exitCodes.environment;
  },
});

function projectFinding(): Finding {
  const project = findProject(process.cwd());
  const hint = project.isPersonal ? 'keep experiments in a folder of their own' : null;
  return { what: 'project', ok: hint === null, needed: false, detail: describeProject(project), hint };
}

/** The database that commands use here, and why. */
function chosenDatabase(path: string): Finding {
  const place = resultsPlace();
  const reason = path === place.path ? place.reason : '--db names it';
  const state = existsSync(path) ? '' : ', created by the first run';
  return fact('results', `${resolve(path)}${state}; ${reason}`);
}

function fact(what: string, detail: string): Finding {
  return { what, ok: true, needed: false, detail, hint: null };
}

/** The nearest existing folder of those a run would create. */
function existingFolder(path: string): string {
  return existsSync(path) ? path : existingFolder(dirname(path));
}

/** Memory of the machine, and the process's limits. */
function memoryText(): string {
  const limits: string[] = [];
  // 0 without a limit; nearly 2^64 in a control group without one.
  const constrained = process.constrainedMemory();
  if (constrained > 0 && constrained < totalmem()) limits.push(`a container's limit of ${byteText(constrained)}`);
  const space = addressSpace();
  if (space !== null) limits.push(`\`ulimit -v\` of ${byteText(space.limit)}`);
  return [`${byteText(totalmem())}, ${byteText(freemem())} free`, ...limits].join('; ');
}

function temporaryFolder(): Finding {
  const finding = { what: 'temporary folder', needed: true, detail: tmpdir() };
  try {
    rmSync(mkdtempSync(join(tmpdir(), 'aedsl-doctor-')), { recursive: true });
    return { ...finding, ok: true, hint: null };
  } catch (error) {
    const hint = 'TMPDIR must name a folder that exists and can be written';
    return { ...finding, ok: false, detail: `${tmpdir()}: ${systemReason(error)}`, hint };
  }
}

function git(): Finding {
  const version = gitVersion();
  const problem = version === null ? null : commitProblem(process.cwd());
  if (problem !== null) {
    return { what: 'git', ok: false, needed: false, detail: `${version}; no commit is kept with runs`, hint: problem };
  }
  if (version !== null) return fact('git', version);
  const hint = 'runs are stored without their commit; diff, log and bisect need it';
  return { what: 'git', ok: false, needed: false, detail: 'not found', hint };
}

/** SQLite, and the drive for results. */
async function results(path: string): Promise<readonly Finding[]> {
  const folder = existingFolder(dirname(resolve(path)));
  try {
    const { package: name, packageVersion, sqliteVersion } = await sqliteBinding();
    const drive = await checkDrive(folder);
    const loads = {
      ...fact(
        'results.db',
        `SQLite ${sqliteVersion} loads, by better-sqlite3 ${packageVersion} (node_modules/${name})`,
      ),
      needed: true,
    };
    return [chosenDatabase(path), loads, ...driveFindings(folder, drive), ...(await database(path))];
  } catch (error) {
    if (!(error instanceof Error && 'reason' in error && 'hint' in error)) throw error;
    return [{ what: 'results.db', ok: false, needed: true, detail: error.message, hint: String(error.hint) }];
  }
}

function driveFindings(folder: string, { write, locks, wal, folderSync, freeBytes }: DriveReport): readonly Finding[] {
  const elsewhere = 'keep the results on another drive: --db';
  const finding = (what: string, problem: string | null, good: string, needed: boolean): Finding => ({
    what: `drive: ${what}`,
    ok: problem === null,
    needed,
    detail: problem ?? good,
    hint: problem === null ? null : elsewhere,
  });
  return [
    finding('writes', write, `${folder}${freeBytes === null ? '' : `, ${byteText(freeBytes)} free`}`, true),
    finding('locks', locks, 'work', true),
    finding('write-ahead log', wal, 'works', true),
    finding('sync of folders', folderSync, 'works', false),
  ];
}

/** Checks that the results can be read; empty if there are none yet. */
async function database(path: string): Promise<readonly Finding[]> {
  if (!existsSync(path)) return [];
  const finding = { what: 'database', needed: true };
  try {
    (await openStore(path, { mode: 'read' })).close();
    return [{ ...finding, ok: true, detail: resolve(path), hint: null }];
  } catch (error) {
    if (!(error instanceof Error && 'reason' in error && 'hint' in error)) throw error;
    // A command that writes results initialises an empty database; any command on results migrates an older one.
    const isUsable = error.reason === 'missing' || error.reason === 'older_schema';
    return [{ ...finding, ok: isUsable, detail: error.message, hint: String(error.hint) }];
  }
}

/** Our kernels must load; the other backends are optional. */
async function backends(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const name of backendNames) {
    const needed = name === 'simd';
    try {
      const { version } = await chooseBackend(name);
      const room = name === 'simd' ? `, up to ${byteText(mostMemory(name))} of tensors` : '';
      findings.push({ ...fact(`backend ${name}`, `${version}${room}`), needed });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const hint = error instanceof BackendUnavailable ? error.hint : null;
      findings.push({ what: `backend ${name}`, ok: false, needed, detail, hint });
    }
  }
  return findings;
}
