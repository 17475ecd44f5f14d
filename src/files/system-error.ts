/** An error reported by the operating system, with its code (`ENOENT`). */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  );
}

/** Returns the code of a system or Node error (`ENOENT`, `Z_BUF_ERROR`); null for any other value. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the drive is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the drive or a limit (`ulimit -f`) allows',
  EMFILE: 'too many open files (`ulimit -n`)',
  ENFILE: 'too many open files on this machine',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EEXIST: 'a file of that name already exists',
  ENOTEMPTY: 'the folder is not empty',
  EXDEV: 'it is on another drive',
  EIO: 'the drive failed to read or write',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is in use',
  ENOMEM: 'out of memory',
  EAGAIN: 'the system has no resources left (processes, threads or memory)',
  EPIPE: 'the reader has gone',
  EBADF: 'it is not open',
  EINVAL: 'the system cannot do that there',
  ENOTSUP: 'the drive cannot do that',
  ENOSYS: 'the system cannot do that',
  ENXIO: 'there is no such device',
  ENODEV: 'there is no such device',
  ESTALE: 'the network drive has lost it',
  ETIMEDOUT: 'the network drive or the other side does not answer',
  EADDRINUSE: 'the address is in use',
  ECONNREFUSED: 'the other side refuses the connection',
  ECONNRESET: 'the other side has closed the connection',
  ENOTFOUND: 'the name of the machine is unknown',
  EAI_AGAIN: 'the name of the machine cannot be looked up now',
  E2BIG: 'the command line or the environment is too long',
};

/** Says why the system refused, to complete a sentence: "cannot read 'x.csv': permission denied". */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  const reason = code === null ? undefined : reasons[code];
  if (reason !== undefined) return reason;
  return error instanceof Error ? error.message : String(error);
}

/** Phrases by system call; the path follows. */
const attempts: Readonly<Record<string, string>> = {
  open: 'open',
  read: 'read',
  write: 'write',
  stat: 'look at',
  lstat: 'look at',
  statfs: 'look at',
  access: 'use',
  scandir: 'list the folder',
  opendir: 'list the folder',
  mkdir: 'make the folder',
  mkdtemp: 'make the temporary folder',
  rmdir: 'remove the folder',
  unlink: 'remove',
  rm: 'remove',
  rename: 'move',
  copyfile: 'copy',
  link: 'link',
  symlink: 'link',
  realpath: 'follow',
  readlink: 'follow',
  chmod: 'change',
  fchmod: 'change',
  fsync: 'sync',
  ftruncate: 'write',
  utime: 'change',
};

/** Node's own codes for resources the machine cannot provide. */
const nodeReasons: Readonly<Record<string, string>> = {
  ERR_WORKER_INIT_FAILED: 'a thread could not start',
  ERR_WORKER_OUT_OF_MEMORY: 'a thread ran out of memory',
  ERR_DLOPEN_FAILED: 'a native module does not load',
  ERR_SYSTEM_ERROR: 'the system refused a call',
  ERR_FS_FILE_TOO_LARGE: 'a file is too large to be read at once',
};

/** SQLite codes that blame the drive, the file or the machine, rather than a statement of ours. */
const sqliteReasons: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk (or the quota) is full',
  SQLITE_IOERR: 'the drive failed to read or write',
  SQLITE_CANTOPEN: 'the database cannot be opened',
  SQLITE_READONLY: 'the database cannot be written',
  SQLITE_PERM: 'permission denied',
  SQLITE_AUTH: 'permission denied',
  SQLITE_NOMEM: 'out of memory',
  SQLITE_BUSY: 'another process is using the database',
  SQLITE_LOCKED: 'another process is using the database',
  SQLITE_PROTOCOL: 'the drive has no locks that work',
  SQLITE_NOLFS: 'the drive cannot hold a file of this size',
  SQLITE_TOOBIG: 'a value is too large for the database',
  SQLITE_CORRUPT: 'the database is damaged',
  SQLITE_NOTADB: 'the file is not a database',
};

/** Describes any error, with system errors in plain words: "the current folder is gone". */
export function errorText(error: unknown): string {
  return systemSentence(error)?.message ?? (error instanceof Error ? error.message : String(error));
}

/** Turns a system error into a sentence and a hint; null for any other error. */
export function systemSentence(error: unknown): { readonly message: string; readonly hint: string } | null {
  const code = systemCode(error);
  if (!(error instanceof Error) || code === null) return null;
  if (isSystemError(error)) return sentenceOfCall(error);
  const node = nodeReasons[code];
  if (node !== undefined) {
    return { message: `${node} (${error.message})`, hint: 'aedsl doctor says what this machine has' };
  }
  const [, sqlite] = Object.entries(sqliteReasons).find(([key]) => code === key || code.startsWith(`${key}_`)) ?? [];
  if (sqlite !== undefined) {
    return {
      message: `${sqlite} (${error.message})`,
      hint: 'check the drive of the results (--db); what was committed is kept',
    };
  }
  const known = reasons[code];
  return known === undefined ? null : { message: `${known} (${error.message})`, hint: hintOf(code) };
}

function sentenceOfCall(error: SystemError): { readonly message: string; readonly hint: string } {
  const { code, syscall } = error;
  if (syscall === 'uv_cwd') {
    return { message: 'the current folder is gone', hint: 'change to a folder that exists' };
  }
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  if (syscall.startsWith('spawn')) {
    const program = path ?? syscall.replace(/^spawn ?/, '');
    return { message: `cannot start '${program}': ${systemReason(error)}`, hint: hintOf(code) };
  }
  const attempt = attempts[syscall] ?? `do '${syscall}' on`;
  const to = 'dest' in error && typeof error.dest === 'string' ? ` to '${error.dest}'` : '';
  const message = `cannot ${attempt}${path === null ? '' : ` '${path}'`}${to}: ${systemReason(error)}`;
  const temporary = syscall === 'mkdtemp';
  return { message, hint: temporary ? 'TMPDIR must name a folder that exists and can be written' : hintOf(code) };
}

function hintOf(code: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'free some space, or write elsewhere';
    case 'EMFILE':
    case 'ENFILE':
      return 'raise the limit of open files: ulimit -n 1024';
    case 'ENOMEM':
    case 'EAGAIN':
      return 'close other programs, or raise the limits (`ulimit -a`)';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'check the permissions, or use another place';
    default:
      return 'check the path; aedsl doctor says what this machine has';
  }
}

/** Returns whether an error reports that memory ran out for an array, a string or a WebAssembly module. */
export function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = systemCode(error);
  if (code === 'ENOMEM' || code === 'ERR_MEMORY_ALLOCATION_FAILED' || code === 'ERR_WORKER_OUT_OF_MEMORY') return true;
  return (
    error instanceof RangeError &&
    // A negative length is a bug, not a lack of memory.
    /^(Invalid typed array length: \d|Array buffer allocation failed|Invalid string length|Out of memory|WebAssembly\.(Memory|instantiate|Instance)\b.*(allocate|memory))/i.test(
      error.message,
    )
  );
}
