import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Header } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyRun } from '../../../src/compare/verify/verify.js';
import { openStore } from '../../../src/runtime/store/store.js';
import { packArchive, unpackArchive } from '../../../src/trial/bundle/archive.js';
import { bundleRun, openBundle } from '../../../src/trial/bundle/bundle.js';
import { BundleError } from '../../../src/trial/bundle/bundle-error.js';
import { cpuEngine, recorded, small } from '../../compare/verify/trained.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-bundle-'));
const database = join(folder, 'results.db');
const names = new Set(['a', 'b', 'c.json']);
const most = 1 << 20;
let bundle: Uint8Array;

async function bundled(): Promise<Uint8Array> {
  const store = await openStore(database, { mode: 'read' });
  try {
    return bundleRun(store, 'r1');
  } finally {
    store.close();
  }
}

beforeAll(async () => {
  await recorded(small, database);
  bundle = await bundled();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundle of a run', () => {
  it('has the same bytes every time', async () => {
    expect(Buffer.from(await bundled()).equals(bundle)).toBe(true);
  });

  it('is verified without the database it is from', async () => {
    const { run, manifest } = openBundle(bundle, 'run.tgz');
    expect(manifest).toMatchObject({ experiment: 'small', run: 'r1', seed: 1, backend: 'cpu', complete: true });
    expect(await verifyRun(run, cpuEngine(), { values: 'weights' })).toMatchObject({ identical: true, steps: 30 });
  });

  it('is refused when any file in it was altered, added or taken out', () => {
    const files = unpackArchive(bundle, everyName(), 1 << 28);
    for (const [name, bytes] of files) {
      if (name === 'bundle.json') continue;
      const flipped = Uint8Array.from(bytes);
      flipped[0] = (flipped[0] ?? 0) ^ 1;
      expect(() => openBundle(packArchive(new Map([...files, [name, flipped]])), 'x'), name).toThrow(/altered/);
      const without = new Map([...files].filter(([other]) => other !== name));
      expect(() => openBundle(packArchive(without), 'x'), name).toThrow(BundleError);
    }
    expect(() => openBundle(packArchive(new Map([...files, ['more.txt', new Uint8Array(1)]])), 'x')).toThrow(
      BundleError,
    );
  });

  it.each([
    ['another seed', (text: string) => text.replace('"seed": 1', '"seed": 2'), /identity/],
    ['other data', (text: string) => text.replace(/("sha256": ")./, '$1x'), /identity/],
    ['another format', (text: string) => text.replace('"version": 1', '"version": 9'), /version 9/],
    ['no JSON', () => '{', /not JSON/],
    ['nothing', () => '{}', /version/],
  ])('is refused when it says %s of itself', (_what, change, message) => {
    const files = unpackArchive(bundle, everyName(), 1 << 28);
    const text = new TextDecoder().decode(files.get('bundle.json'));
    const changed = new TextEncoder().encode(change(text));
    expect(() => openBundle(packArchive(new Map([...files, ['bundle.json', changed]])), 'x')).toThrow(message);
  });

  it('is refused with a clear error whatever byte of it is damaged', () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bundle);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        expect(() => openBundle(damaged, 'x')).toThrow(BundleError);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused when something follows it, or it was compressed again', () => {
    expect(() => openBundle(Buffer.concat([bundle, Buffer.from('x')]), 'x')).toThrow(BundleError);
    expect(() => openBundle(Buffer.concat([bundle, Buffer.alloc(100)]), 'x')).toThrow(/altered/);
    expect(() => openBundle(gzipSync(gunzipSync(bundle)), 'x')).toThrow(/altered/);
  });

  it('is refused wherever it is cut off', () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), (length) => {
        expect(() => openBundle(bundle.subarray(0, length), 'x')).toThrow(BundleError);
      }),
      { numRuns: 40 },
    );
  });
});

describe('an archive', () => {
  it('gives back what was packed', () => {
    const file = fc.tuple(fc.constantFrom(...names), fc.uint8Array({ maxLength: 2000 }));
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ([name]) => name }), (files) => {
        const unpacked = unpackArchive(packArchive(new Map(files)), names, most);
        expect([...unpacked].map(([name, bytes]) => [name, Uint8Array.from(bytes)])).toEqual(
          files.sort(([a], [b]) => (a < b ? -1 : 1)),
        );
      }),
    );
  });

  it('is what gzip and tar say it is', () => {
    const content = new Uint8Array(70_000).fill(7);
    const tar = gunzipSync(packArchive(new Map([['a', content]])));
    expect(new Header(tar, 0)).toMatchObject({ path: 'a', size: 70_000, cksumValid: true, type: 'File', mode: 0o644 });
    expect(tar.length % 512).toBe(0);
  });

  it.each([
    ['a path outside', { path: '../../etc/passwd' }],
    ['an absolute path', { path: '/etc/passwd' }],
    ['a symbolic link', { path: 'a', type: 'SymbolicLink', linkpath: '/etc/passwd' }],
    ['a hard link', { path: 'a', type: 'Link', linkpath: 'b' }],
    ['a folder', { path: 'a', type: 'Directory' }],
    ['a device', { path: 'a', type: 'CharacterDevice' }],
    ['a name that no bundle has', { path: 'program.js' }],
  ] as const)('with %s is refused', (_what, data) => {
    expect(() => unpackArchive(gzipSync(archiveOf(data)), names, most)).toThrow(BundleError);
  });

  it('with a file twice is refused', () => {
    const twice = Buffer.concat([headerOf({ path: 'a' }), headerOf({ path: 'a' }), Buffer.alloc(1024)]);
    expect(() => unpackArchive(gzipSync(twice), names, most)).toThrow(/twice/);
  });

  it('that claims more than it has is refused', () => {
    const claims = headerOf({ path: 'a', size: 1e9 });
    expect(() => unpackArchive(gzipSync(Buffer.concat([claims, Buffer.alloc(1024)])), names, most)).toThrow(/cut off/);
  });

  it('that unpacks to more than it may is refused before it is unpacked', () => {
    const bomb = gzipSync(Buffer.alloc(8 << 20));
    expect(bomb.length).toBeLessThan(20_000);
    expect(() => unpackArchive(bomb, names, most)).toThrow(/more than 1 MiB/);
  });

  it('of any other bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(() => unpackArchive(bytes, names, most)).toThrow(BundleError);
        if (bytes.some((byte) => byte !== 0)) {
          expect(() => unpackArchive(gzipSync(bytes), names, most)).toThrow(BundleError);
        }
      }),
    );
  });
});

function everyName(): ReadonlySet<string> {
  const text = ['bundle.json', 'experiment.ae', 'recipe.json', 'environment.json', 'chain.json'];
  return new Set([...text, 'history.json', 'weights.safetensors', 'checkpoint.safetensors', 'series.safetensors']);
}

type HeaderData = ConstructorParameters<typeof Header>[0];

function headerOf(data: Exclude<HeaderData, Buffer | undefined>): Buffer {
  const header = new Header({ size: 0, mode: 0o644, type: 'File', ...data });
  header.encode();
  return header.block ?? Buffer.alloc(0);
}

function archiveOf(data: Exclude<HeaderData, Buffer | undefined>): Buffer {
  return Buffer.concat([headerOf(data), Buffer.alloc(1024)]);
}
