import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { realPath } from '../../files/paths.js';
import { readRegularFile } from '../../files/read-file.js';
import { guarded, StoreError } from './store-error.js';

/** Most links that Linux follows in one path. */
const MOST_LINKS = 40;

/**
 * Resolves all links in the path of a database. Its lock and folders are named after the result, so there is one set
 * whatever path was given. A dangling link leads to the place the file will have.
 *
 * @throws StoreError `cannot_open`
 */
export function databasePlace(path: string): string {
  return guarded(path, () => {
    let place = resolve(path);
    for (let links = 0; links < MOST_LINKS; links++) {
      const folder = realPath(dirname(place));
      place = join(folder, basename(place));
      if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return realPath(place);
      place = resolve(folder, readlinkSync(place));
    }
    return realpathSync(path);
  });
}

/**
 * SQLite would keep a separate log for each hard link, and lose what was written through the other.
 *
 * @param path as returned by {@link databasePlace}
 * @throws StoreError `several_names`
 */
export function requireOneName(path: string): void {
  const status = guarded(path, () => statSync(path, { throwIfNoEntry: false }));
  if (status === undefined || !status.isFile()) return;
  const { nlink: names } = status;
  if (names > 1) {
    throw new StoreError(
      'several_names',
      path,
      `${path}: this file has ${names} names (hard links); what is written through one would be lost through the others`,
      'make it a file of its own: copy it, remove it and give the copy its name; or remove the other names (`find / -samefile`)',
    );
  }
  if (isMountPoint(path)) {
    throw new StoreError(
      'several_names',
      path,
      `${path}: this file is mounted by itself, without the log that SQLite keeps beside it`,
      'mount the folder that contains it',
    );
  }
}

/** Returns false if the system doesn't say. */
function isMountPoint(path: string): boolean {
  if (process.platform !== 'linux') return false;
  const mounts = new TextDecoder().decode(readRegularFile('/proc/self/mountinfo', 2 ** 26));
  const escaped = path.replace(/[\\ \t\n]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return mounts.split('\n').some((line) => line.split(' ', 5)[4] === escaped);
}

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** The database file, the objects folder and the session's lock, as first found at their paths. */
export class PlaceWatch {
  readonly #database: string;
  readonly #folder: string;
  readonly #lock: string;
  readonly #found = new Map<string, Identity>();

  /**
   * @param folder of objects; need not exist yet
   * @param lock the file that tells others this session is alive
   */
  constructor(database: string, folder: string, lock: string) {
    this.#database = database;
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Checks that the paths still lead to the same files. A process is not told when a file it has open is moved or
   * deleted.
   *
   * @throws StoreError `moved`
   */
  check(): void {
    for (const path of [this.#database, this.#folder, this.#lock]) {
      const found = guarded(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
      const known = this.#found.get(path);
      if (known === undefined) {
        if (found !== undefined) this.#found.set(path, { dev: found.dev, ino: found.ino });
      } else if (found === undefined || known.ino !== found.ino || known.dev !== found.dev) {
        throw path === this.#database
          ? this.#databaseGone(known)
          : path === this.#folder
            ? this.#folderGone()
            : this.#lockGone();
      }
    }
  }

  #databaseGone(known: Identity): StoreError {
    const path = this.#database;
    const now = openFilesPath(known);
    const another = guarded(path, () => statSync(path, { throwIfNoEntry: false }))
      ? ' Another file has its name now.'
      : '';
    const happened = (what: string) => `${path}: the database was ${what} while this command wrote to it.${another}`;
    if (now === null) return moved(path, happened('deleted, moved or replaced'), 'look for it, and run again');
    if (now === '') return moved(path, happened('deleted'), 'its results are lost; run again');
    return moved(
      path,
      happened(`moved to ${now}`),
      `all that was recorded until then is there: \`aedsl resume --db ${now}\` goes on`,
    );
  }

  #lockGone(): StoreError {
    return moved(
      this.#lock,
      `${this.#lock}: this lock was deleted, moved or replaced, so that others no longer see that this command writes`,
      'what it recorded until then is there: `aedsl resume` goes on',
    );
  }

  #folderGone(): StoreError {
    return moved(
      this.#folder,
      `${this.#folder}: this folder was deleted, moved or replaced while this command wrote to it`,
      'weights and figures that were saved before went with it: bring it back, or run again',
    );
  }
}

function moved(path: string, message: string, hint: string): StoreError {
  return new StoreError('moved', path, message, hint);
}

/** Current path of a file that this process has open; empty if it was deleted, null if the system doesn't say. */
function openFilesPath({ dev, ino }: Identity): string | null {
  if (process.platform !== 'linux') return null;
  const files = '/proc/self/fd';
  for (const name of readdirSync(files)) {
    // Don't open anything here: closing another descriptor of the database would drop SQLite's locks.
    const file = statSync(join(files, name), { bigint: true, throwIfNoEntry: false });
    if (file?.dev !== dev || file.ino !== ino) continue;
    return file.nlink === 0n ? '' : readlinkSync(join(files, name));
  }
  return null;
}
