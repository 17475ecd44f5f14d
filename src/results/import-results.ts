import { UsageError } from '../project/usage-error.js';
import type { ImportReport } from '../runtime/store/import-results.js';
import { type ImportSource, openImportSource } from '../runtime/store/import-source.js';
import type { Writer } from '../runtime/store/records.js';
import { openStore, type Store } from '../runtime/store/store.js';
import { StoreError } from '../runtime/store/store-error.js';

export interface ImportRequest {
  /** The database to import from. */
  readonly other: string;
  /** Its runs (`r3`, `last`) and sweeps (`s1`, or by name) to import; empty for all. */
  readonly subjects: readonly string[];
  /** The database to import into. */
  readonly store: string;
  readonly onWait?: (writer: Writer | null) => void;
  readonly commandLine: readonly string[];
}

export interface ImportOutcome extends ImportReport {
  /** Skipped, because it is running. */
  readonly running: readonly string[];
}

/**
 * Imports runs, sweeps and their files from another database under new ids, skipping what is already there. The other
 * database is only read.
 *
 * @throws UsageError for an unknown subject, StoreError; nothing is imported then
 */
export async function importFrom(request: ImportRequest): Promise<ImportOutcome> {
  const source = await openImportSource(request.other);
  try {
    const live = await runningIn(request.other);
    const { runs, sweeps } = chosen(source, request.subjects);
    const isAtRest = (id: string) => !live.has(id);
    const command = request.commandLine.join(' ');
    const store = await openStore(request.store, {
      mode: 'write',
      command,
      ...(request.onWait ? { onWait: request.onWait } : {}),
    });
    try {
      const report = store.importResults(source, { runs: runs.filter(isAtRest), sweeps: sweeps.filter(isAtRest) });
      return { ...report, running: [...runs, ...sweeps].filter((id) => live.has(id)) };
    } finally {
      store.close();
    }
  } finally {
    source.close();
  }
}

/** Ids, oldest first. */
function chosen(
  { path, runs, sweeps }: ImportSource,
  subjects: readonly string[],
): { readonly runs: readonly string[]; readonly sweeps: readonly string[] } {
  if (subjects.length === 0) return { runs: idsOf(runs.listRuns()), sweeps: idsOf(sweeps.sweeps()) };
  const found = { runs: new Set<string>(), sweeps: new Set<string>() };
  for (const subject of subjects) {
    const sweep = subject === 'last' ? null : sweeps.sweep(subject);
    if (sweep !== null) found.sweeps.add(sweep.id);
    else if (/^s\d+$/.test(subject)) throw new UsageError(`${path} has no sweep '${subject}'`, '`aedsl ls` lists them');
    else found.runs.add(runs.findRun(subject).id);
  }
  return { runs: [...found.runs], sweeps: [...found.sweeps] };
}

function idsOf(newestFirst: readonly { readonly id: string }[]): readonly string[] {
  return newestFirst.map(({ id }) => id).reverse();
}

/** Ids of runs and sweeps in progress; a running sweep's runs count as part of it. */
async function runningIn(path: string): Promise<ReadonlySet<string>> {
  const store = await openIfOurs(path);
  if (store === null) return new Set();
  try {
    const sweeps = store.sweeps().filter(({ status }) => status === 'running');
    const runs = store.listRuns().filter(({ status }) => status === 'running' || status === 'paused');
    return new Set([...sweeps, ...runs].map(({ id }) => id));
  } finally {
    store.close();
  }
}

/** Null for a database of an older version. */
async function openIfOurs(path: string): Promise<Store | null> {
  try {
    return await openStore(path, { mode: 'read' });
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'older_schema') return null;
    throw error;
  }
}
