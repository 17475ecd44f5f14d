import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { DownloadProgress } from '../../../src/runtime/datasets/download.js';
import { fetchNamedSet, loadNamedSet } from '../../../src/runtime/datasets/load-named-set.js';
import type { NamedSet } from '../../../src/runtime/datasets/named-set.js';
import { idxBytes } from './idx-file.js';
import { inMemory } from './in-memory.js';
import { scratchFolder } from './scratch-folder.js';
import { errorOf } from './thrown.js';

const CONTENT = new Map([
  ['train-images', idxBytes([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])],
  ['train-labels', idxBytes([3], [0, 1, 1])],
  ['test-images', idxBytes([1, 2, 2], [9, 9, 9, 9])],
  ['test-labels', idxBytes([1], [1])],
]);
const content = (file: string): Uint8Array => CONTENT.get(file) ?? new Uint8Array();
const published = (file: string) => ({ file, sha256: createHash('sha256').update(content(file)).digest('hex') });

const setAt = (...mirrors: string[]): NamedSet => ({
  name: 'tiny',
  shape: [1, 2, 2],
  classes: 2,
  classNames: null,
  examples: { train: [], test: [] },
  mirrors,
  trainImages: published('train-images'),
  trainLabels: published('train-labels'),
  testImages: published('test-images'),
  testLabels: published('test-labels'),
});

const servers: Server[] = [];

/** The address of a server on this machine, closed after the test. */
async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/`;
}

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map(
      (server) =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        }),
    ),
  );
});

const answering: RequestListener = (request, response) => {
  const file = (request.url ?? '').slice(1, -'.gz'.length);
  const body = gzipSync(content(file));
  response.writeHead(200, { 'content-length': body.length }).end(body);
};

const folder = scratchFolder();
let caches = 0;
const freshPlaces = () => ({ provided: null, cache: join(folder.path, `cache${caches++}`) });
const leftovers = (cache: string): string[] => (existsSync(cache) ? readdirSync(join(cache, 'tiny')).sort() : []);

describe('downloading a published data set', () => {
  it('stores the files, says how far it is, and does not ask again', async () => {
    const places = freshPlaces();
    const progress: DownloadProgress[] = [];
    const set = setAt(await serving(answering));
    const dataset = await loadNamedSet(set, places, { onProgress: (at) => progress.push(at) });
    expect(dataset).toMatchObject({ name: 'tiny', shape: [1, 2, 2], classes: 2 });
    expect([...inMemory(dataset.train)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(dataset.test).toMatchObject({ count: 1, labels: Uint8Array.of(1) });
    expect(leftovers(places.cache)).toEqual(['test-images.gz', 'test-labels.gz', 'train-images.gz', 'train-labels.gz']);
    expect(new Set(progress.map(({ file }) => file))).toEqual(new Set(CONTENT.keys()));
    expect(progress.every(({ received, total }) => received <= (total ?? 0))).toBe(true);
    expect(await loadNamedSet(setAt(), places)).toEqual(dataset);
    expect(await loadNamedSet(setAt(), { provided: join(places.cache, 'tiny'), cache: '' })).toEqual(dataset);
    expect(await loadNamedSet(setAt(), { provided: places.cache, cache: '' })).toEqual(dataset);
  });

  it('tries the next mirror, and keeps nothing that is wrong', async () => {
    const places = freshPlaces();
    const missing = await serving((_, response) => response.writeHead(404).end());
    const other = await serving((_, response) => response.end(gzipSync('another file')));
    const page = await serving((_, response) => response.end('<html>log in</html>'));
    await loadNamedSet(setAt(missing, other, page, await serving(answering)), places);
    expect(leftovers(places.cache)).toHaveLength(4);
  });

  it('says of every mirror why it failed, and leaves nothing half-written', async () => {
    const places = freshPlaces();
    const missing = await serving((_, response) => response.writeHead(404).end());
    const cut = await serving((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(new Uint8Array(100), () => response.destroy());
    });
    const damaged = await serving((_, response) => response.end(gzipSync(content('train-images')).subarray(0, 20)));
    const error = await errorOf(() => loadNamedSet(setAt(missing, cut, damaged, 'http://127.0.0.1:1/'), places));
    expect(error.reason).toBe('download_failed');
    expect(error.message).toContain('answered 404');
    expect(error.message).toContain(cut);
    expect(error.message).toContain('cut off');
    expect(error.message).toContain('127.0.0.1:1');
    expect(leftovers(places.cache)).toEqual([]);
  });

  it('takes no more than a published file has, as it comes and unpacked', async () => {
    const places = freshPlaces();
    const stated = await serving((_, response) => response.writeHead(200, { 'content-length': 2 ** 40 }).write('x'));
    let ended = false;
    const endless = await serving((_, response) => {
      response.on('close', () => {
        ended = true;
      });
      const more = () => {
        while (response.write(new Uint8Array(2 ** 20)));
      };
      response.on('drain', more);
      more();
    });
    const bomb = gzipSync(new Uint8Array(65 * 2 ** 20));
    const bombs = await serving((_, response) => response.end(bomb));
    const encoded = await serving((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const error = await errorOf(() => loadNamedSet(setAt(stated, endless, bombs, encoded), places));
    expect(error.reason).toBe('download_failed');
    expect(error.message).toContain('sends 1099511627776 bytes where the limit for a published file is 64 MiB');
    expect(error.message.match(/sends more where the limit for a published file is 64 MiB/g)).toHaveLength(2);
    expect(error.message).toContain('unpacks to more than the limit of 64 MiB');
    expect(ended).toBe(true);
    expect(leftovers(places.cache)).toEqual([]);
  });

  it('can be ended', async () => {
    const places = freshPlaces();
    const ending = new AbortController();
    const never = await serving((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(new Uint8Array(10));
    });
    const loading = loadNamedSet(setAt(never, never), places, {
      signal: ending.signal,
      onProgress: () => ending.abort(new Error('enough')),
    });
    await expect(loading).rejects.toThrow('enough');
    expect(leftovers(places.cache)).toEqual([]);
  });

  it('a cache that cannot be written is not the fault of the mirrors', async () => {
    const file = folder.put('a-file', 'x');
    const set = setAt(await serving(answering));
    const error = await errorOf(() => loadNamedSet(set, { provided: null, cache: file }));
    expect(error.reason).toBe('cache_not_writable');
    expect(error.message).toMatch(
      /cannot be written: (a part of the path is not a folder|a file of that name already exists)$/,
    );
  });

  it('is not done offline', async () => {
    const error = await errorOf(() => loadNamedSet(setAt(), freshPlaces(), { offline: true }));
    expect(error.reason).toBe('not_found');
    expect(error.hint).toContain('aedsl data fetch tiny');
  });
});

describe('files of a published data set that are there', () => {
  it('an altered or half-written one is an error, not data', async () => {
    const altered = content('train-images').slice();
    altered[20] = 0;
    const whole = gzipSync(content('train-images'));
    for (const [reason, bytes] of [
      ['wrong_checksum', gzipSync(altered)],
      ['wrong_checksum', altered],
      ['truncated', whole.subarray(0, whole.length - 9)],
      ['wrong_checksum', new Uint8Array()],
    ] as const) {
      const provided = join(folder.path, `provided${caches++}`);
      folder.put(join(provided.slice(folder.path.length + 1), 'train-images.gz'), bytes);
      const error = await errorOf(() => loadNamedSet(setAt(), { provided, cache: '' }));
      expect(error.reason).toBe(reason);
      expect(error.subject).toBe(join(provided, 'train-images.gz'));
    }
  });

  it('fetching replaces what is wrong in the cache and nothing else', async () => {
    const places = freshPlaces();
    const set = setAt(await serving(answering));
    expect((await fetchNamedSet(set, places)).map(({ downloaded }) => downloaded)).toEqual([true, true, true, true]);
    const path = folder.put(join(places.cache.slice(folder.path.length + 1), 'tiny', 'train-labels.gz'), 'half');
    expect((await errorOf(() => loadNamedSet(set, places))).reason).toBe('wrong_checksum');
    expect((await fetchNamedSet(set, places)).map(({ downloaded }) => downloaded)).toEqual([false, true, false, false]);
    expect(readFileSync(path)[0]).toBe(0x1f);
    expect((await loadNamedSet(set, places)).train.count).toBe(3);
  });
});
