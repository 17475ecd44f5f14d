import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../files/write-file.js';
import { DatasetError, systemErrorCode } from './dataset_error.js';
import { decompressed, readBytes } from './file_bytes.js';

export interface DownloadProgress {
  readonly file: string;
  /** Bytes so far. */
  readonly received: number;
  /** Null where the server doesn't say. */
  readonly total: number | null;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Ends the download; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A server that sends nothing for this long, in milliseconds, is given up. */
const PATIENCE = 30000;

/**
 * Downloads a gzipped file to `path` from the first mirror that has it. The file gets its name only when all of it is
 * there and its unpacked content has the SHA-256 sum: a download that was interrupted or altered leaves nothing behind.
 *
 * @param mirrors addresses that `<file>.gz` is appended to
 * @returns the unpacked content
 * @throws DatasetError download_failed when no mirror has the file, naming each with its answer; cache_not_writable
 */
export async function download(
  mirrors: readonly string[],
  file: string,
  sha256: string,
  path: string,
  options: DownloadOptions,
): Promise<Uint8Array> {
  const failures: string[] = [];
  await writing(path, async () => makeFolder(dirname(path)));
  for (const mirror of mirrors) {
    const url = `${mirror}${file}.gz`;
    const part = `${path}.${randomUUID()}.part`;
    try {
      await receive(url, file, part, options);
      const content = decompressed(readBytes(part), url);
      const actual = createHash('sha256').update(content).digest('hex');
      if (actual === sha256) {
        await writing(path, () => rename(part, path));
        return content;
      }
      failures.push(`${url} sent another file (SHA-256 ${actual})`);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof DatasetError && error.reason === 'cache_not_writable') throw error;
      failures.push(failureText(url, error));
    } finally {
      if (existsSync(part)) await rm(part);
    }
  }
  const hint = `check the connection, or put ${file}.gz into a folder and set AEDSL_DATA to it`;
  throw new DatasetError('download_failed', file, `can't be downloaded: ${failures.join('; ')}`, hint);
}

function failureText(url: string, error: unknown): string {
  if (error instanceof DatasetError) return error.message;
  const cause = error instanceof Error ? error.cause : undefined;
  const reason =
    systemErrorCode(cause) ?? systemErrorCode(error) ?? (error instanceof Error ? error.message : `${error}`);
  return `${url}: ${reason}`;
}

/** Writes what `url` answers to `path`. */
async function receive(url: string, file: string, path: string, options: DownloadOptions): Promise<void> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(new Error('no answer')), PATIENCE);
  const signals = options.signal === undefined ? [stalled.signal] : [stalled.signal, options.signal];
  try {
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
    const encoded = response.headers.has('content-encoding');
    const length = encoded ? null : response.headers.get('content-length');
    const total = length === null ? null : Number(length);
    let received = 0;
    const handle = await writing(path, () => open(path, 'wx'));
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(new Error('the connection stalled')), PATIENCE);
        await writing(path, () => handle.appendFile(chunk));
        received += chunk.byteLength;
        options.onProgress?.({ file, received, total });
      }
      await writing(path, () => handle.sync());
    } finally {
      await handle.close();
    }
    if (total !== null && received !== total) throw new Error(`sent ${received} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = systemErrorCode(error) ?? String(error);
    const problem = code === 'ENOSPC' ? 'the disk is full' : `can't be written (${code})`;
    const hint = 'make room, set XDG_CACHE_HOME to a folder that can be written, or AEDSL_DATA to one with the files';
    throw new DatasetError('cache_not_writable', dirname(path), problem, hint, { cause: error });
  }
}
