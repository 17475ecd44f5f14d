import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FileOperations, fileOperations, writeAtomically } from '../../files/write-file.js';
import { guarded, StoreError } from './store-error.js';

/** A file of the store, named by its content. */
export interface StoredObject {
  readonly sha256: string;
  /** Without the dot: `png`, `safetensors`. */
  readonly extension: string;
  readonly bytes: number;
  readonly path: string;
}

/** Files of weights and figures in `results.db.objects/ab/abcd….png`, beside the database `results.db`. */
export class ObjectFolder {
  readonly #root: string;
  readonly #operations: FileOperations;

  constructor(databasePath: string, operations: FileOperations = fileOperations) {
    this.#root = `${databasePath}.objects`;
    this.#operations = operations;
  }

  path(sha256: string, extension: string): string {
    return join(this.#root, sha256.slice(0, 2), `${sha256}.${extension}`);
  }

  /**
   * Durably writes a file, unless it is there unaltered.
   *
   * @throws StoreError `disk_full`, `read_only`, `io_error`
   */
  put(bytes: Uint8Array, extension: string): StoredObject {
    const sha256 = sha256Of(bytes);
    const path = this.path(sha256, extension);
    const object = { sha256, extension, bytes: bytes.length, path };
    guarded(path, () => {
      if (existsSync(path) && sha256Of(readFileSync(path)) === sha256) return;
      mkdirSync(join(this.#root, sha256.slice(0, 2)), { recursive: true });
      mkdirSync(this.#temporaryFolder, { recursive: true });
      writeAtomically(path, join(this.#temporaryFolder, `${sha256}.${extension}`), bytes, this.#operations);
    });
    return object;
  }

  /** @throws StoreError `missing_object`, `altered_object` */
  get(sha256: string, extension: string): Uint8Array {
    const path = this.path(sha256, extension);
    if (!existsSync(path)) {
      throw new StoreError(
        'missing_object',
        path,
        `${path}: the database names this file, but it is not there`,
        'the folder of objects belongs to the database: copy or move both together',
      );
    }
    const bytes = guarded(path, () => readFileSync(path));
    if (sha256Of(bytes) !== sha256) {
      throw new StoreError(
        'altered_object',
        path,
        `${path}: the content is not what was stored (its SHA-256 differs)`,
        'restore it from a backup, or train the run again',
      );
    }
    return bytes;
  }

  /** What a killed process left half written. Only the writer of the database may call it. */
  removeTemporaryFiles(): void {
    if (!existsSync(this.#temporaryFolder)) return;
    for (const name of readdirSync(this.#temporaryFolder)) rmSync(join(this.#temporaryFolder, name), { force: true });
  }

  get #temporaryFolder(): string {
    return join(this.#root, 'temporary');
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
