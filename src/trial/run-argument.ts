import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../project/usage-error.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { RunReader } from '../runtime/store/run-reader.js';
import { StoreError } from '../runtime/store/store-error.js';
import type { Words } from '../words/word.js';

/** Whether a run argument names a bundle. */
export function namesBundle(what: string): boolean {
  return /\.(tgz|tar\.gz)$/i.test(what);
}

/** A run and its database. */
export interface NamedRun {
  readonly store: string;
  readonly id: string;
  /** The database or bundle named by the user; its data are searched near it. */
  readonly container: string;
}

/**
 * Finds a run by id, by an experiment (its latest complete run), or in a bundle, which becomes a temporary database.
 * Loads the bundle reader only for a bundle.
 *
 * @param words for a bundle's run
 * @throws BundleError, UsageError, StoreError, and what `use` throws
 */
export async function withNamedRun<T>(
  what: string,
  database: string,
  words: Words,
  use: (run: NamedRun) => T | Promise<T>,
): Promise<T> {
  return withResultsNamed(what, database, words, async (named) => use({ ...named, id: await idIn(named) }));
}

/** Like {@link withNamedRun}, for arguments that may not name a run: only bundles are opened. */
export async function withResultsNamed<T>(
  what: string,
  database: string,
  words: Words,
  use: (named: NamedRun) => T | Promise<T>,
): Promise<T> {
  if (!namesBundle(what)) return use({ store: database, id: what, container: database });
  const { unpackRun } = await import('./bundle/take-in.js');
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-bundle-'));
  try {
    return await use({ ...(await unpackRun(what, folder, words)), container: what });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function idIn({ store: path, id }: NamedRun): Promise<string> {
  const { readStore } = await import('../runtime/store/store.js');
  return readStore(path, async (store) => (await runNamed(store, id)).id);
}

/**
 * Resolves an id, `last`, a prefix of an identity, or an experiment's latest complete run.
 *
 * @throws StoreError; UsageError for an experiment without a complete run
 */
export async function runNamed(store: RunReader, word: string): Promise<RunRecord> {
  try {
    return store.findRun(word);
  } catch (error) {
    if (!(error instanceof StoreError) || error.reason !== 'unknown_run' || namesBundle(word)) throw error;
    const [run] = store.listRuns({ experiment: word, complete: true, limit: 1 });
    if (run) return store.findRun(run.id);
    const { nameOfExperiment } = await import('../project/experiments.js');
    const name = nameOfExperiment(word);
    if (name === null) throw error;
    const [other] = store.listRuns({ experiment: name, complete: true, limit: 1 });
    if (other) return store.findRun(other.id);
    const [incomplete] = store.listRuns({ experiment: name, limit: 1 });
    throw new UsageError(
      `the experiment '${name}' has no complete run${incomplete ? `; the newest, ${incomplete.id}, is ${incomplete.status}` : ''}`,
      `\`aedsl run ${word}\` trains one`,
    );
  }
}
