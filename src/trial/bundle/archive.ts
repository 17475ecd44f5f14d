import { crc32, gunzipSync } from 'node:zlib';
import { Header } from 'tar';
import { shortened } from '../../files/quoted.js';
import { byteText } from '../../files/read-file.js';
import { BundleError } from './bundle-error.js';

/** Files by name, in the order of the archive. */
export type ArchivedFiles = ReadonlyMap<string, Uint8Array>;

const blockBytes = 512;
const storedBytes = 65_535;

/**
 * A `.tgz` of some files. The same files give the same bytes on every machine: sorted by name, without times or owners,
 * and stored rather than compressed, since compressors differ and weights hardly get smaller.
 */
export function packArchive(files: ArchivedFiles): Uint8Array {
  const blocks = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, bytes]) => [
      headerOf(path, bytes.length),
      bytes,
      new Uint8Array((blockBytes - (bytes.length % blockBytes)) % blockBytes),
    ]);
  return gzipStored(Buffer.concat([...blocks, new Uint8Array(2 * blockBytes)]));
}

/**
 * The files of a `.tgz`, in memory: nothing is written anywhere.
 *
 * @param names that it may have; any other, a folder, a link or a name that comes twice is refused
 * @param mostBytes of all files together, unpacked
 * @throws BundleError
 */
export function unpackArchive(archive: Uint8Array, names: ReadonlySet<string>, mostBytes: number): ArchivedFiles {
  const tar = gunzipped(archive, mostBytes);
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (;;) {
    if (at + blockBytes > tar.length) throw new BundleError('the bundle is cut off');
    const header = headerAt(tar, at);
    if (header.nullBlock) break;
    const { path = '', size = 0, type } = header;
    if (!header.cksumValid) throw new BundleError('the bundle is damaged: a checksum of its archive is wrong');
    if (type !== 'File' && type !== 'OldFile')
      throw new BundleError(`the bundle has a ${type} in it, and only files belong there`);
    if (!names.has(path))
      throw new BundleError(`the bundle has a file '${shortened(path)}' in it, which no bundle has`);
    if (files.has(path)) throw new BundleError(`the bundle has the file '${path}' twice`);
    const start = at + blockBytes;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > tar.length)
      throw new BundleError('the bundle is cut off');
    files.set(path, tar.subarray(start, start + size));
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  if (tar.subarray(at).some((byte) => byte !== 0)) throw new BundleError('the bundle has something after its end');
  return files;
}

/** True if a file begins as `packArchive` writes it: gzip's header and a stored block. */
export function isStored(archive: Uint8Array): boolean {
  // RFC 1951, 3.2.3: the two bits after the first are the kind of the block, and 0 is a stored one.
  return gzipHeader.every((byte, i) => archive[i] === byte) && ((archive[gzipHeader.length] ?? 0) & 0b110) === 0;
}

function headerOf(path: string, size: number): Uint8Array {
  const header = new Header({ path, size, mode: 0o644, uid: 0, gid: 0, type: 'File' });
  const needsMore = header.encode();
  if (needsMore || !header.block) throw new RangeError(`'${path}' is too long a name for a bundle`);
  return header.block;
}

function headerAt(tar: Buffer, at: number): Header {
  try {
    return new Header(tar, at);
  } catch (error) {
    throw new BundleError('the bundle is damaged: its archive cannot be read', { cause: error });
  }
}

function gunzipped(archive: Uint8Array, mostBytes: number): Buffer {
  try {
    return gunzipSync(archive, { maxOutputLength: mostBytes });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new BundleError(
      tooLarge
        ? `the bundle unpacks to more than ${byteText(mostBytes)}`
        : 'the file is no bundle, or it is damaged: it is not what gzip writes',
      { cause: error },
    );
  }
}

const gzipHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

/** The gzip format (RFC 1952) with stored blocks (RFC 1951, 3.2.4). */
function gzipStored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [gzipHeader];
  for (let at = 0; at < bytes.length; at += storedBytes) {
    const block = bytes.subarray(at, at + storedBytes);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + block.length >= bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(0xffff ^ block.length, 3);
    parts.push(head, block);
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(bytes), 0);
  end.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([...parts, end]);
}
