import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Verdict, verifyAgainst, verifyRun } from '../../src/compare/verify/verify.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Float32Tensor,
  float32Tensors,
} from '../../src/runtime/formats/safetensors.js';
import { openStore } from '../../src/runtime/store/store.js';
import { decodeChain, encodeChain } from '../../src/runtime/training/chain-file.js';
import type { ChainState } from '../../src/runtime/training/hash-chain.js';
import { weightsSha256 } from '../../src/runtime/training/weights-sha256.js';
import { type ArchivedFiles, packArchive, unpackArchive } from '../../src/trial/bundle/archive.js';
import { bundleRun, openBundle } from '../../src/trial/bundle/bundle.js';
import { BundleError } from '../../src/trial/bundle/bundle-error.js';
import { decodeManifest, encodeManifest, type Manifest } from '../../src/trial/bundle/manifest.js';
import { program } from '../cli/command.js';
import { cpuEngine, recorded, small } from '../compare/verify/trained.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-hostile-bundle-'));
const names = new Set(
  ['bundle.json', 'experiment.ae', 'recipe.json', 'environment.json', 'chain.json', 'weights.safetensors'].concat([
    'checkpoint.safetensors',
    'history.json',
    'series.safetensors',
  ]),
);
let bundle: Uint8Array;
let files: ArchivedFiles;

beforeAll(async () => {
  const database = join(folder, 'results.db');
  await recorded(small, database);
  const store = await openStore(database, { mode: 'read' });
  bundle = bundleRun(store, 'r1');
  store.close();
  files = unpackArchive(bundle, names, 1 << 28);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (name: string) => new TextDecoder().decode(files.get(name));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A bundle whose hashes are right, by somebody who knows how they are made. */
function forged(changes: Readonly<Record<string, Uint8Array>>, manifest: Partial<Manifest> = {}): Uint8Array {
  const changed = new Map([...files, ...Object.entries(changes)]);
  changed.delete('bundle.json');
  if (manifest.complete === false)
    changed.set('history.json', bytesOf(textOf('history.json').replace('complete', 'interrupted')));
  const hashes = [...changed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, bytes]) => [name, sha256(bytes)]);
  const described = {
    ...decodeManifest(bytesOf(textOf('bundle.json'))),
    files: Object.fromEntries(hashes),
    ...manifest,
  };
  return packArchive(new Map([['bundle.json', encodeManifest(described)], ...changed]));
}

function verified(bytes: Uint8Array): Promise<Verdict> {
  return verifyRun(openBundle(bytes, 'run.tgz').run, cpuEngine());
}

const withRecipe = (change: (text: string) => string) =>
  forged({ 'recipe.json': bytesOf(change(textOf('recipe.json'))) });

function withChain(change: (chain: ChainState) => ChainState): Uint8Array {
  return forged({ 'chain.json': encodeChain(change(decodeChain(bytesOf(textOf('chain.json'))))) });
}

function withWeights(
  change: (tensors: readonly Float32Tensor[]) => readonly Float32Tensor[],
  metadata: Readonly<Record<string, string>> = {},
  manifest: Partial<Manifest> = {},
): Uint8Array {
  const file = decodeSafetensors(files.get('weights.safetensors') ?? new Uint8Array());
  const tensors = change(float32Tensors(file));
  return forged({ 'weights.safetensors': encodeSafetensors(tensors, { ...file.metadata, ...metadata }) }, manifest);
}

describe('a bundle with right hashes', () => {
  it('is made of what it was, where nothing was changed', async () => {
    expect(Buffer.from(forged({})).equals(bundle)).toBe(true);
    expect(await verified(bundle)).toMatchObject({
      identical: true,
      notes: [],
      notChecked: [
        'environment.json',
        'checkpoint.safetensors',
        'history.json',
        'series.safetensors',
        'run, data.name and package in bundle.json',
      ],
    });
  });

  it.each([
    [
      'another text to read',
      () => forged({ 'experiment.ae': bytesOf('experiment better {}') }),
      /experiment\.ae is not/,
    ],
    ['another name', () => forged({}, { experiment: 'better' }), /of different runs/],
    ['fewer steps in its manifest', () => forged({}, { maxSteps: 3 }), /identity|different runs/],
    [
      'fewer steps in its recipe',
      () => withRecipe((text) => text.replace('"maxSteps":null', '"maxSteps":3')),
      /different/,
    ],
    [
      'more in its recipe',
      () => withRecipe((text) => text.replace('{', '{"accuracy":"99 %",')),
      /recipe\.json is not as/,
    ],
    [
      'a recipe with a key twice',
      () => withRecipe((text) => text.replace('{', '{"epochs":1,')),
      /recipe\.json is not as/,
    ],
    ['a recipe that is no text', () => forged({ 'recipe.json': Uint8Array.of(0xff) }), /recipe\.json/],
    [
      'more in its chain',
      () => forged({ 'chain.json': bytesOf(textOf('chain.json').replace('{', '{"a":1,')) }),
      /chain\.json/,
    ],
    [
      'a digest of its own',
      () => withChain((chain) => ({ ...chain, digest: '0'.repeat(64) })),
      /chain\.json is not as/,
    ],
    [
      'a name of a line of its own',
      () => forged({}, { run: 'r1\nrun.tgz: bit-identical' }),
      /"r1\\nrun\.tgz: bit-identical", and no name of a run/,
    ],
    ['a number that no run has', () => forged({}, { run: 'r01' }), /bundle\.json\.run is "r01", and no name of a run/],
    ['other weights', () => withWeights((tensors) => tensors.map(negated)), /weights are not those/],
  ])('is refused with %s', (_what, make, message) => {
    expect(() => openBundle(make(), 'x')).toThrow(BundleError);
    expect(() => openBundle(make(), 'x')).toThrow(message);
  });

  it('is refused with more in its manifest, or a key twice', () => {
    for (const more of ['"accuracy": "99 %",', '"seed": 2,', ' ']) {
      const manifest = bytesOf(textOf('bundle.json').replace('{', `{${more}`));
      expect(() => openBundle(packArchive(new Map([...files, ['bundle.json', manifest]])), 'x')).toThrow(/altered/);
    }
  });

  it.each([
    [
      'names',
      () => withWeights(([first, second, ...rest]) => (first && second ? [renamed(first), second, ...rest] : [])),
    ],
    ['shapes', () => withWeights((tensors) => tensors.map((t) => ({ ...t, shape: [...t.shape].reverse() })))],
    ['metadata', () => withWeights((tensors) => tensors, { accuracy: '99 %' })],
    [
      'data statistics',
      () => withWeights((tensors) => [...tensors, { name: 'data.mean', shape: [], values: Float32Array.of(1) }]),
    ],
  ])('is not bit-identical with other %s of weights', async (_what, make) => {
    const { run } = openBundle(make(), 'run.tgz');
    for (const verdict of [await verifyRun(run, cpuEngine()), await verifyAgainst(run, cpuEngine(), cpuEngine())]) {
      expect(verdict.identical).toBe(false);
      expect(verdict.notes.join()).toMatch(/names, shapes or statistics/);
    }
  });

  it('is not bit-identical with links that no training gives', async () => {
    const link = { stage: 'train', step: 512, sha256: 'f'.repeat(64) };
    const longer = withChain((chain) => ({ ...chain, digest: link.sha256, links: [...chain.links, link] }));
    const { run } = openBundle(longer, 'run.tgz');
    for (const verdict of [await verifyRun(run, cpuEngine()), await verifyAgainst(run, cpuEngine(), cpuEngine())]) {
      expect(verdict.identical).toBe(false);
      expect(verdict.notes.join()).toMatch(/ended after step 30 of train \(complete\), earlier than run\.tgz/);
    }
  });

  it('names what was compared with nothing', async () => {
    const invented = { name: 'output of my own', elements: 1, sha256: '0'.repeat(16) };
    const chain = withChain((state) => ({
      ...state,
      witnesses: state.witnesses.map((witness, i) =>
        i === 0 ? { ...witness, tensors: [...witness.tensors, invented] } : witness,
      ),
    }));
    expect((await verified(chain)).notChecked).toContain('tensors of one step');
    const lock = forged({ 'experiment.ae.lock': bytesOf('# aedsl lock 1\n'), 'environment.json': bytesOf('{}') });
    expect(await verified(lock)).toMatchObject({
      identical: true,
      notChecked: expect.arrayContaining(['environment.json', 'experiment.ae.lock']),
    });
    const incomplete = withWeights((tensors) => tensors.map(negated), {}, { complete: false, weightsSha256: null });
    expect((await verified(incomplete)).notChecked).toContain('the weights it ended with');
  });

  it('has the weights that its hash is of, complete or not', () => {
    const incomplete = withWeights((tensors) => tensors.map(negated), {}, { complete: false });
    expect(() => openBundle(incomplete, 'x')).toThrow(/weights are not those/);
    const without = new Map([...files].filter(([name]) => name !== 'weights.safetensors'));
    const { 'weights.safetensors': _, ...hashes } = decodeManifest(bytesOf(textOf('bundle.json'))).files;
    without.set('bundle.json', encodeManifest({ ...decodeManifest(bytesOf(textOf('bundle.json'))), files: hashes }));
    expect(() => openBundle(packArchive(without), 'x')).toThrow(/complete, and its weights are missing/);
    const weights = new Map([['a', Float32Array.of(1)]]);
    expect(weightsSha256(weights)).not.toBe(decodeManifest(bytesOf(textOf('bundle.json'))).weightsSha256);
  });
});

function negated(tensor: Float32Tensor): Float32Tensor {
  return { ...tensor, values: tensor.values.map((x) => -x) };
}

function renamed(tensor: Float32Tensor): Float32Tensor {
  return { ...tensor, name: 'encoder.7.weight' };
}

describe('an archive', () => {
  const entry = (data: ConstructorParameters<typeof Header>[0], content = Buffer.alloc(0)) => {
    const header = new Header(data);
    header.encode();
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
    return Buffer.concat([header.block ?? Buffer.alloc(0), content, padding]);
  };
  /** The bundle behind some other entries. */
  const behind = (...entries: readonly Buffer[]) => stored(Buffer.concat([...entries, gunzipSync(bundle)]));
  const ahead = (...entries: readonly Buffer[]) => stored(Buffer.concat([gunzipSync(bundle), ...entries]));
  const plain = { mode: 0o644, uid: 0, gid: 0, size: 0, type: 'File' } as const;
  const raw = (change: (tar: Buffer) => void) => {
    const tar = gunzipSync(bundle);
    change(tar);
    return stored(tar);
  };

  it.each([
    [
      'an attribute header (pax)',
      () =>
        behind(entry({ ...plain, path: 'x', type: 'ExtendedHeader', size: 20 }, Buffer.from('20 path=/etc/passwd\n'))),
    ],
    [
      'attributes for all files',
      () =>
        behind(
          entry({ ...plain, path: 'x', type: 'GlobalExtendedHeader', size: 20 }, Buffer.from('20 path=/etc/passwd\n')),
        ),
    ],
    [
      'a long name (GNU)',
      () =>
        behind(
          entry({ ...plain, path: '././@LongLink', type: 'NextFileHasLongPath', size: 300 }, Buffer.alloc(300, 'a')),
        ),
    ],
    ['a name in another case', () => behind(entry({ ...plain, path: 'Bundle.json' }))],
    ['a name with a dot before it', () => behind(entry({ ...plain, path: './bundle.json' }))],
    ['a path that leads out', () => behind(entry({ ...plain, path: '../bundle.json' }))],
    [
      'a link',
      () => behind(entry({ ...plain, path: 'experiment.ae.lock', type: 'SymbolicLink', linkpath: '/etc/passwd' })),
    ],
    ['a device', () => behind(entry({ ...plain, path: 'experiment.ae.lock', type: 'BlockDevice' }))],
    ['a pipe', () => behind(entry({ ...plain, path: 'experiment.ae.lock', type: 'FIFO' }))],
    ['a sparse file', () => raw((tar) => tar.write('S', 156, 'latin1'))],
    ['a wrong checksum', () => raw((tar) => tar.write('7', 100, 'latin1'))],
    ['an endless size', () => raw((tar) => tar.fill(0xff, 124, 136))],
    ['a negative size', () => raw((tar) => tar.write('-0000000001', 124, 'latin1'))],
    ['a file twice', () => behind(entry({ ...plain, path: 'bundle.json' }))],
    ['a file after its end', () => ahead(entry({ ...plain, path: 'experiment.ae.lock' }), Buffer.alloc(1024))],
    ['more zeros at its end', () => ahead(Buffer.alloc(1024))],
    ['a second gzip member', () => Buffer.concat([bundle, stored(entry({ ...plain, path: 'experiment.ae.lock' }))])],
    ['compression', () => gzipSync(gunzipSync(bundle))],
  ])('with %s is refused with a sentence', (_what, make) => {
    const archive = make();
    expect(Buffer.from(archive).equals(bundle)).toBe(false);
    expect(() => openBundle(archive, 'x')).toThrow(BundleError);
    expect(() => openBundle(archive, 'x')).toThrow(/^the (bundle|file) /);
  });

  it('is never unpacked to more than its own size', () => {
    const bomb = gzipSync(Buffer.alloc(1 << 28));
    const memory = process.memoryUsage().rss;
    expect(() => openBundle(bomb, 'x')).toThrow(/packs without compression/);
    // A stored block first, and zeros compressed a thousandfold after it.
    const hidden = Buffer.concat([packArchive(new Map([['experiment.ae', new Uint8Array(600)]])), bomb]);
    expect(() => openBundle(hidden, 'x')).toThrow(/unpacks to more than/);
    expect(process.memoryUsage().rss - memory).toBeLessThan(1 << 27);
  });
});

/** As gzip without compression, with the header of a bundle. */
function stored(tar: Uint8Array): Buffer {
  const bytes = gzipSync(tar, { level: 0 });
  bytes[9] = 255;
  return bytes;
}

it('what is no bundle is refused at once by the command', () => {
  const pipe = join(folder, 'pipe.tgz');
  execFileSync('mkfifo', [pipe]);
  const bomb = join(folder, 'bomb.tgz');
  writeFileSync(bomb, gzipSync(Buffer.alloc(1 << 28)));
  for (const [path, message] of [
    [pipe, 'it is a pipe'],
    ['/dev/zero', 'it is a device or socket'],
    [folder, 'it is a folder'],
    [bomb, 'packs without compression'],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [program, 'verify', path], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('defect');
    expect(status).toBe(4);
  }
});
