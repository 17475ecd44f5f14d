import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { type FileOperations, fileOperations, writeAtomically } from '../../files/write-file.js';
import { guarded, StoreError } from './store-error.js';
import {
  filesOf,
  isFolder,
  MOST_FILE_BYTES,
  makeOwnFolder,
  removeFile,
  type StoreFile,
  sessionToken,
} from './store-files.js';

export interface ObjectName {
  readonly sha256: string;
  /** Without the dot: `png`, `safetensors`. */
  readonly extension: string;
}

/** A file in the store, named by its content. */
export interface StoredObject extends ObjectName {
  readonly bytes: number;
  readonly path: string;
}

/** Weights and figures, in `results.db.objects/ab/abcd….png` beside the database `results.db`. */
export class ObjectFolder {
  readonly path: string;
  readonly #operations: FileOperations;

  constructor(databasePath: string, operations: FileOperations = fileOperations) {
    this.path = `${databasePath}.objects`;
    this.#operations = operations;
  }

  /** @throws StoreError `damaged` if the hash or extension can't form a file name */
  pathOf(sha256: string, extension: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256) || !/^[a-z][a-z0-9]{0,15}$/.test(extension)) {
      throw new StoreError(
        'damaged',
        this.path,
        `${this.path}: the database names a file that cannot be one of its own`,
        'do not trust where the database comes from, or restore it from a backup',
      );
    }
    return join(this.path, sha256.slice(0, 2), `${sha256}.${extension}`);
  }

  /**
   * Durably writes a file, unless an intact copy exists.
   *
   * @param token of the writing session
   * @throws StoreError `disk_full`, `read_only`, `foreign_file`, `io_error`
   */
  put(bytes: Uint8Array, extension: string, token: string): StoredObject {
    const sha256 = sha256Of(bytes);
    const path = this.pathOf(sha256, extension);
    const object = { sha256, extension, bytes: bytes.length, path };
    guarded(path, () => {
      if (this.#has(path, bytes.length, sha256)) return;
      for (const folder of [this.path, join(this.path, sha256.slice(0, 2)), this.#temporaryFolder])
        makeOwnFolder(folder);
      writeAtomically(path, join(this.#temporaryFolder, `${token}-${sha256}.${extension}`), bytes, this.#operations);
    });
    return object;
  }

  /** @throws StoreError `missing_object`, naming all missing files */
  require(objects: readonly ObjectName[]): void {
    const lost = objects
      .map(({ sha256, extension }) => this.pathOf(sha256, extension))
      .filter((path) => !existsSync(path));
    const [first, ...others] = lost;
    if (first !== undefined) throw missing(first, others);
  }

  /** @throws StoreError `missing_object`, `altered_object` */
  get(sha256: string, extension: string): Uint8Array {
    const path = this.pathOf(sha256, extension);
    const bytes = readObject(path);
    if (sha256Of(bytes) === sha256) return bytes;
    throw altered(path, 'the content is not what was stored (its SHA-256 differs)');
  }

  /** Removes partial files of sessions that were killed. */
  removeTemporaryFiles(deadTokens: ReadonlySet<string>): void {
    const folder = this.#temporaryFolder;
    if (!isFolder(this.path) || !isFolder(folder)) return;
    for (const name of guarded(folder, () => readdirSync(folder))) {
      if (deadTokens.has(sessionToken('temporary', name) ?? '')) removeFile('temporary', folder, name);
    }
  }

  /** All files, complete or not. */
  files(): readonly StoreFile[] {
    if (!isFolder(this.path)) return [];
    const folders = guarded(this.path, () => readdirSync(this.path)).filter((name) => /^[0-9a-f]{2}$/.test(name));
    const whole = folders.flatMap((folder) =>
      filesOf('object', join(this.path, folder)).filter(({ name }) => name.startsWith(folder)),
    );
    return [...whole, ...filesOf('temporary', this.#temporaryFolder)];
  }

  #has(path: string, length: number, sha256: string): boolean {
    try {
      return sha256Of(readRegularFile(path, length)) === sha256;
    } catch (error) {
      // Anything else at that path is replaced.
      if (error instanceof FileError) return false;
      throw error;
    }
  }

  get #temporaryFolder(): string {
    return join(this.path, 'temporary');
  }
}

export function objectFileName({ sha256, extension }: ObjectName): string {
  return `${sha256}.${extension}`;
}

function readObject(path: string): Uint8Array {
  try {
    return readRegularFile(path, MOST_FILE_BYTES);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.reason === 'not_found') throw missing(path);
    if (error.reason === 'unreadable') throw new StoreError('cannot_open', path, error.message, error.hint);
    throw altered(path, `this is not what was stored: ${error.problem}`);
  }
}

/** @param others that are also missing */
function missing(path: string, others: readonly string[] = []): StoreError {
  const folder = dirname(dirname(path));
  const lost = !existsSync(folder)
    ? `${folder}: this folder, which has the weights and pictures of all runs of the database, is not there`
    : others.length === 0
      ? `${path}: the database names this file, but it is not there`
      : `the database names these files, but they are not there: ${[path, ...others].join(', ')}`;
  return new StoreError(
    'missing_object',
    path,
    lost,
    'the folder of objects belongs to the database: copy or move both together; `aedsl rerun` trains a run again',
  );
}

function altered(path: string, problem: string): StoreError {
  return new StoreError(
    'altered_object',
    path,
    `${path}: ${problem}`,
    'restore it from a backup, or train the run again',
  );
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
