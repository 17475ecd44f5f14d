import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a person names a bundle, where a run is expected. */
export function namesBundle(what: string): boolean {
  return /\.(tgz|tar\.gz)$/i.test(what);
}

/** A run, and the database that it is in. */
export interface NamedRun {
  readonly store: string;
  readonly id: string;
  /** The database or the bundle that a person named: its data are looked for near it. */
  readonly container: string;
}

/**
 * Finds a run wherever a person may name one: as the database knows it, or a bundle, which is a database of its own for as long
 * as it is used. What reads bundles is loaded for one alone.
 *
 * @throws BundleError, UsageError, StoreError, and what `use` throws
 */
export async function withNamedRun<T>(
  what: string,
  database: string,
  use: (run: NamedRun) => T | Promise<T>,
): Promise<T> {
  if (!namesBundle(what)) return use({ store: database, id: what, container: database });
  const { unpackRun } = await import('./bundle/take-in.js');
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-bundle-'));
  try {
    return await use({ ...(await unpackRun(what, folder)), container: what });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
