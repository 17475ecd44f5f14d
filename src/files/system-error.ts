/** An error that the operating system reported: a call it refused, with its code (`ENOENT`). */
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

/** The code of an error of the system or of Node (`ENOENT`, `Z_BUF_ERROR`); null for any other value. */
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
  EEXIST: 'there is a file of that name already',
  ENOTEMPTY: 'the folder is not empty',
  EXDEV: 'it is on another drive',
  EIO: 'the drive failed to read or write',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is in use',
  ENOMEM: 'out of memory',
  EAGAIN: 'the system has no resources left (processes, threads or memory)',
  EPIPE: 'the reader has gone',
};

/** Why the system refused, as the second half of a sentence: "cannot read 'x.csv': permission denied". */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  const reason = code === null ? undefined : reasons[code];
  if (reason !== undefined) return reason;
  return error instanceof Error ? error.message : String(error);
}
