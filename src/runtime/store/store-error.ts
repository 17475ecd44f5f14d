/** Stable reasons for failures of `results.db` and the files beside it. */
export type StoreReason =
  | 'missing'
  | 'not_a_database'
  | 'foreign_database'
  | 'older_schema'
  | 'newer_schema'
  | 'altered_schema'
  | 'foreign_file'
  | 'several_names'
  | 'moved'
  | 'invalid_row'
  | 'in_use'
  | 'needed'
  | 'no_locks'
  | 'no_shared_memory'
  | 'locked'
  | 'read_only'
  | 'disk_full'
  | 'cannot_open'
  | 'damaged'
  | 'io_error'
  | 'not_loaded'
  | 'unknown_run'
  | 'ambiguous_run'
  | 'missing_object'
  | 'altered_object';

/** The store's only error: what happened, to which file, and what to do about it. Committed data is intact. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly reason: StoreReason,
    readonly path: string,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Runs `action`, converting errors of SQLite and the file system to {@link StoreError}. */
export function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asStoreError(path, error);
  }
}

/** Converts an error of SQLite or the file system to {@link StoreError}; returns any other error unchanged. */
export function asStoreError(path: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  // SQLite's errors carry codes like those of the system, so its own error class need not be loaded.
  const code = systemCode(error);
  const reason = code === null ? null : reasonOf(code);
  if (reason === null || !(error instanceof Error)) return error;
  const { what, hint } = explanations[reason];
  return new StoreError(reason, path, `${path}: ${what} (${printable(error.message)})`, hint, { cause: error });
}

/** Builds the error for a problem that was detected without a system code. */
export function explained(reason: TranslatedReason, path: string): StoreError {
  const { what, hint } = explanations[reason];
  return new StoreError(reason, path, `${path}: ${what}`, hint);
}

type TranslatedReason =
  | 'missing'
  | 'not_a_database'
  | 'locked'
  | 'no_locks'
  | 'no_shared_memory'
  | 'read_only'
  | 'disk_full'
  | 'cannot_open'
  | 'damaged'
  | 'io_error';

/** SQLite's messages quote the file, whose names may contain control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/**
 * Reasons by code; the first match wins. A prefix matches too, as in SQLite's extended codes (`SQLITE_IOERR_WRITE`).
 */
const codes: readonly (readonly [string, TranslatedReason])[] = [
  ['SQLITE_FULL', 'disk_full'],
  // The shared memory file of a WAL database is extended by mapping it, which fails like this on a full disk.
  ['SQLITE_IOERR_SHMSIZE', 'disk_full'],
  ['SQLITE_IOERR_SHMOPEN', 'no_shared_memory'],
  ['SQLITE_IOERR_SHMMAP', 'no_shared_memory'],
  ['SQLITE_IOERR_SHMLOCK', 'no_locks'],
  ['SQLITE_IOERR_LOCK', 'no_locks'],
  ['SQLITE_IOERR_RDLOCK', 'no_locks'],
  ['SQLITE_IOERR_CHECKRESERVEDLOCK', 'no_locks'],
  ['SQLITE_NOTADB', 'not_a_database'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_READONLY', 'read_only'],
  ['SQLITE_PERM', 'read_only'],
  ['SQLITE_CANTOPEN', 'cannot_open'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_IOERR', 'io_error'],
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EFBIG', 'disk_full'],
  ['EROFS', 'read_only'],
  ['EACCES', 'read_only'],
  ['EPERM', 'read_only'],
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'cannot_open'],
  ['EISDIR', 'cannot_open'],
  ['ELOOP', 'cannot_open'],
  ['ENAMETOOLONG', 'cannot_open'],
  ['EEXIST', 'cannot_open'],
  ['EMFILE', 'cannot_open'],
  ['ENFILE', 'cannot_open'],
  ['EIO', 'io_error'],
];

const explanations: Readonly<Record<TranslatedReason, { readonly what: string; readonly hint: string }>> = {
  missing: { what: 'there is no such file', hint: 'check the path; the first `aedsl run` creates a database' },
  not_a_database: {
    what: 'the file is not a results database',
    hint: 'choose another path, or move the file away; it was not touched',
  },
  locked: {
    what: 'another process is using the database',
    hint: 'wait until it has finished, or use another database',
  },
  no_locks: {
    what: 'the drive has no file locks, which keep processes from damaging a database that both write',
    hint: 'keep the database on a local disk (`--db FILE`); a network drive needs its lock service',
  },
  no_shared_memory: {
    what: 'the drive cannot share memory between processes, which a database that is written needs',
    hint: 'keep the database on a local disk (`--db FILE`)',
  },
  read_only: {
    what: 'it cannot be written',
    hint: 'make the folder and the database writable, or put the results elsewhere',
  },
  disk_full: {
    what: 'the disk (or the quota) is full',
    hint: 'free some space and run again; everything committed before is kept',
  },
  cannot_open: { what: 'it cannot be opened', hint: 'check that the path is a file in a folder you may use' },
  damaged: {
    what: 'the database is damaged',
    hint: 'copy it and try `sqlite3 results.db ".recover"`, or start a new one; files of weights and figures are unaffected',
  },
  io_error: { what: 'reading or writing failed', hint: 'check the disk or the network drive, then run again' },
};

function reasonOf(code: string): TranslatedReason | null {
  return codes.find(([prefix]) => code === prefix || code.startsWith(`${prefix}_`))?.[1] ?? null;
}

function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
