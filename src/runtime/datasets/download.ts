import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import { byteText } from '../../files/read-file.js';
import { systemReason } from '../../files/system-error.js';
import { writeFile } from '../../files/write-file.js';
import { mostPublishedBytes } from './data-limits.js';
import { DatasetError, systemErrorCode } from './dataset-error.js';
import { decompressed } from './file-bytes.js';

export interface DownloadProgress {
  readonly file: string;
  /** Bytes so far. */
  readonly received: number;
  /** Null if the server doesn't say. */
  readonly total: number | null;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Ends the download; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Milliseconds without data after which a server is given up. */
const PATIENCE = 30000;

/** So is one that isn't done after this long, in milliseconds: 64 MiB at 40 kB/s. */
const LONGEST = 30 * 60000;

/**
 * Downloads a gzipped file to `path` from the first mirror that has it. The file stays in memory until it is complete
 * and its decompressed content matches the SHA-256 checksum, so that an interrupted or altered download leaves nothing
 * behind. The checksum covers the content because mirrors compress differently; neither the file nor its content may
 * exceed the size limit of published files.
 *
 * @param mirrors URLs to which `<file>.gz` is appended
 * @returns the decompressed content
 * @throws DatasetError download_failed if no mirror has the file, listing each with its answer; cache_not_writable
 */
export async function download(
  mirrors: readonly string[],
  file: string,
  sha256: string,
  path: string,
  options: DownloadOptions,
): Promise<Uint8Array> {
  const failures: string[] = [];
  // Known before anything is downloaded.
  writing(path, () => makeFolder(dirname(path)));
  for (const mirror of mirrors) {
    const url = `${mirror}${file}.gz`;
    try {
      const bytes = await receive(url, file, options);
      const content = decompressed(bytes, url, mostPublishedBytes);
      const actual = createHash('sha256').update(content).digest('hex');
      if (actual === sha256) {
        cacheFile(path, bytes);
        return content;
      }
      failures.push(`${url} sent another file (SHA-256 ${actual})`);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof DatasetError && error.reason === 'cache_not_writable') throw error;
      failures.push(failureText(url, error));
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

/** Downloads the body of `url`. */
async function receive(url: string, file: string, options: DownloadOptions): Promise<Uint8Array> {
  const ended = new AbortController();
  const endAfter = (time: number, reason: string) => setTimeout(() => ended.abort(new Error(reason)), time);
  const deadline = endAfter(LONGEST, 'the download took too long');
  let silence = endAfter(PATIENCE, 'no answer');
  const signals = options.signal === undefined ? [ended.signal] : [ended.signal, options.signal];
  try {
    const response = await fetch(url, { signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
    if (url.startsWith('https:') && !response.url.startsWith('https:')) {
      throw new Error('led to an address without encryption');
    }
    const encoded = response.headers.has('content-encoding');
    const length = encoded ? null : response.headers.get('content-length');
    const total = length === null ? null : Number(length);
    if (total !== null && total > mostPublishedBytes) throw tooLarge(`${total} bytes`);
    const chunks: Uint8Array[] = [];
    let received = 0;
    for await (const chunk of response.body) {
      clearTimeout(silence);
      silence = endAfter(PATIENCE, 'the connection stalled');
      received += chunk.byteLength;
      if (received > mostPublishedBytes) throw tooLarge('more');
      chunks.push(chunk);
      options.onProgress?.({ file, received, total });
    }
    if (total !== null && received !== total) throw new Error(`sent ${received} of ${total} bytes`);
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(silence);
    clearTimeout(deadline);
  }
}

function tooLarge(sent: string): Error {
  return new Error(`sends ${sent} where the limit for a published file is ${byteText(mostPublishedBytes)}`);
}

/**
 * Puts a file into the cache, whole or not at all.
 * @throws DatasetError cache_not_writable
 */
export function cacheFile(path: string, bytes: Uint8Array): void {
  writing(path, () => {
    makeFolder(dirname(path));
    writeFile(path, bytes);
  });
}

function writing(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const problem = `the folder of downloaded files cannot be written: ${systemReason(error)}`;
    const hint = 'make room, set XDG_CACHE_HOME to a folder that can be written, or AEDSL_DATA to one with the files';
    throw new DatasetError('cache_not_writable', dirname(path), problem, hint, { cause: error });
  }
}
