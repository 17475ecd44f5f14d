import { tmpdir } from 'node:os';
import { dirname, resolve as resolvePath, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandExecutor } from '../../execute/command/command-executor.js';
import { InProcessExecutor } from '../../execute/in-process.js';
import { findProject } from '../../project/project.js';
import { UsageError } from '../../project/usage-error.js';
import { type BackendName, backendNames } from '../../runtime/backend/backend.js';
import { withoutRepositoryVariables } from '../../runtime/provenance/git.js';
import type { RecordedRun } from '../../trial/bundle/recorded-run.js';
import { SharedData } from '../../trial/shared-data.js';
import { modulesOf } from '../../words/outside.js';
import type { Words } from '../../words/word.js';
import type { Engine } from './replay.js';
import { type BuiltRevision, buildRevision, type RevisionOptions } from './revision.js';

/** Settings to retrain a run with; null keeps the recorded one. */
export interface EngineChoice {
  readonly library: Words;
  readonly backend: BackendName | null;
  readonly threads: number | null;
  /** Another Node's executable. */
  readonly node: string | null;
}

/** Reference to compare with. */
export type Against =
  | { readonly kind: 'recorded'; readonly values: 'none' | 'weights' | 'checkpoint' }
  | { readonly kind: 'engine'; readonly choice: Partial<EngineChoice> }
  | { readonly kind: 'revision'; readonly revision: string };

/**
 * `weights`, `checkpoint`, `threads=2`, `backend=cpu`, `node=PATH`, or a revision of aedsl.
 * @throws UsageError
 */
export function parseAgainst(text: string | null): Against {
  if (text === null) return { kind: 'recorded', values: 'none' };
  if (text === 'weights' || text === 'checkpoint') return { kind: 'recorded', values: text };
  const [, name, value = ''] = /^(threads|backend|node)=(.*)$/s.exec(text) ?? [];
  switch (name) {
    case undefined:
      return { kind: 'revision', revision: text };
    case 'threads': {
      const threads = Number(value);
      if (Number.isSafeInteger(threads) && threads >= 1) return { kind: 'engine', choice: { threads } };
      throw new UsageError(`'${value}' is no number of threads`, 'such as: --against threads=2');
    }
    case 'backend': {
      const backend = backendNames.find((known) => known === value);
      if (backend) return { kind: 'engine', choice: { backend } };
      throw new UsageError(`there is no backend '${value}'`, `there are ${backendNames.join(' and ')}`);
    }
    default:
      return { kind: 'engine', choice: { node: value } };
  }
}

type EnginesRun = Pick<RecordedRun, 'name' | 'backend' | 'recordedIn'>;

/** The engine that trains a run again. @throws UsageError for a run of a backend that is not known any more */
export function engineFor(run: EnginesRun, choice: EngineChoice): Engine {
  return choice.node === null ? ownEngine(run, choice) : processEngine(run, choice, { node: choice.node });
}

/**
 * Starts the engine to compare with, in its own process, so that it can have a different number of threads.
 * @throws UsageError, VerifyError, VerifyInterrupted
 */
export async function otherEngine(
  run: EnginesRun,
  against: Exclude<Against, { kind: 'recorded' }>,
  choice: EngineChoice,
  { agrees, onProgress, signal }: Pick<RevisionOptions, 'agrees' | 'onProgress' | 'signal'>,
): Promise<Engine> {
  switch (against.kind) {
    case 'revision': {
      const revision = await buildRevision({ revision: against.revision, agrees, onProgress, signal });
      return processEngine(run, choice, { revision });
    }
    case 'engine': {
      const other = { ...choice, ...against.choice };
      return processEngine(run, other, { node: other.node ?? process.execPath });
    }
  }
}

/** The engine of this process. */
function ownEngine(run: EnginesRun, choice: EngineChoice): Engine {
  const backend = backendOf(run, choice);
  return inProcessEngine({ ...choice, backend, data: dataOf(run) });
}

/** An engine of this process, whatever run it trains. */
export function inProcessEngine(chosen: Pick<Engine, 'backend' | 'threads' | 'library' | 'data'>): Engine {
  const { library, data, backend, threads } = chosen;
  let thrown: unknown = null;
  const executor = new InProcessExecutor({
    library,
    load: (request, files) => data.load(request, files),
    onThrown: (error) => {
      thrown = error;
    },
  });
  return {
    ...{ backend, threads, library, data, executor },
    name: nameOf({ backend, threads, node: null }),
    thrown: () => thrown,
    dispose: () => executor.close(),
  };
}

/** Seen from `dist/src/compare/verify/`. */
const ownProgram = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** An engine with a process for each training: `aedsl work` with another Node, or of another revision. */
function processEngine(
  run: EnginesRun,
  choice: EngineChoice,
  built: { readonly node: string } | { readonly revision: BuiltRevision },
): Engine {
  const backend = backendOf(run, choice);
  const { library, threads } = choice;
  const { dataFolder, path } = run.recordedIn;
  const node = 'node' in built ? built.node : process.execPath;
  const program = 'node' in built ? ownProgram : built.revision.program;
  const words = modulesOf(library).flatMap((module) => ['--words', module.path]);
  const folder = dataFolder === null ? [] : ['--data-folder', dataFolder];
  const { AEDSL_DATA: data = '' } = process.env;
  const executor = new CommandExecutor({
    command: [node.includes(sep) ? resolvePath(node) : node, program, ...words, 'work', ...folder, '{job}'],
    folder: tmpdir(),
    // Data within the project of the results may be read.
    cwd: findProject(dirname(path)).folder,
    env: { ...withoutRepositoryVariables(process.env), ...(data === '' ? {} : { AEDSL_DATA: resolvePath(data) }) },
  });
  return {
    ...{ backend, threads, library, executor, data: dataOf(run) },
    name: 'node' in built ? nameOf({ backend, threads, node: choice.node }) : built.revision.name,
    async dispose() {
      await executor.close();
      if ('revision' in built) built.revision.remove();
    },
  };
}

function dataOf({ recordedIn: { dataFolder } }: EnginesRun): SharedData {
  return new SharedData({ dataFolder });
}

function backendOf(run: EnginesRun, { backend }: EngineChoice): BackendName {
  const found = backend ?? backendNames.find((known) => known === run.backend);
  if (found) return found;
  throw new UsageError(
    `${run.name} was trained with the backend '${run.backend}', which is not known here`,
    `name one of ${backendNames.join(', ')}: --backend`,
  );
}

function nameOf({
  backend,
  threads,
  node,
}: Pick<Engine, 'backend' | 'threads'> & { readonly node: string | null }): string {
  const threadsText = threads === 1 ? '1 thread' : `${threads} threads`;
  return [backend, ...(threads === null ? [] : [threadsText]), ...(node === null ? [] : [node])].join(', ');
}
