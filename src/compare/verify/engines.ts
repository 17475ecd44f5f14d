import { UsageError } from '../../project/params.js';
import { type BackendName, backendNames } from '../../runtime/backend/backend.js';
import type { RecordedRun } from '../../trial/bundle/recorded-run.js';
import { modulesOf } from '../../words/outside.js';
import type { Words } from '../../words/word.js';
import type { Engine } from './engine.js';
import { localEngine } from './local-engine.js';
import { remoteEngine } from './remote-engine.js';
import { type RevisionEngineOptions, revisionEngine } from './revision-engine.js';

/** What a run is to be trained with; null: as it was. */
export interface EngineChoice {
  readonly library: Words;
  readonly backend: BackendName | null;
  readonly threads: number | null;
  /** The program of another Node. */
  readonly node: string | null;
}

/** What to compare with. */
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

/** The engine that trains a run again. @throws UsageError for a run of a backend that is not known any more */
export function engineFor(run: Pick<RecordedRun, 'name' | 'backend'>, choice: EngineChoice): Engine {
  const backend = backendOf(run, choice);
  if (choice.node === null) return localEngine({ backend, threads: choice.threads, library: choice.library });
  return remoteEngine({
    name: nameOf({ ...choice, backend }),
    backend,
    threads: choice.threads,
    node: choice.node,
    words: modulesOf(choice.library),
  });
}

/**
 * The engine to compare with; it has a process of its own, so that it can have other threads.
 * @throws UsageError, VerifyError, VerifyInterrupted
 */
export async function otherEngine(
  run: Pick<RecordedRun, 'name' | 'backend'>,
  against: Exclude<Against, { kind: 'recorded' }>,
  choice: EngineChoice,
  { agrees, onProgress, signal }: Pick<RevisionEngineOptions, 'agrees' | 'onProgress' | 'signal'>,
): Promise<Engine> {
  switch (against.kind) {
    case 'revision': {
      const { revision } = against;
      return revisionEngine({
        revision,
        backend: backendOf(run, choice),
        threads: choice.threads,
        words: modulesOf(choice.library),
        agrees,
        onProgress,
        signal,
      });
    }
    case 'engine': {
      const other = { ...choice, ...against.choice };
      const backend = backendOf(run, other);
      const { threads, node } = other;
      return remoteEngine({
        name: nameOf({ ...other, backend }),
        backend,
        threads,
        node: node ?? process.execPath,
        words: modulesOf(choice.library),
      });
    }
  }
}

function backendOf(run: Pick<RecordedRun, 'name' | 'backend'>, { backend }: EngineChoice): BackendName {
  const found = backend ?? backendNames.find((known) => known === run.backend);
  if (found) return found;
  throw new UsageError(
    `${run.name} was trained with the backend '${run.backend}', which is not known here`,
    `name one of ${backendNames.join(', ')}: --backend`,
  );
}

function nameOf({ backend, threads, node }: EngineChoice & { readonly backend: BackendName }): string {
  return [backend, ...(threads === null ? [] : [threadsText(threads)]), ...(node === null ? [] : [node])].join(', ');
}

export function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}
