import { crc32, inflateRawSync } from 'node:zlib';
import { byteText } from '../../files/read-file.js';
import { type ByteSource, bytesAt, bytesInMemory, bytesWithin } from './byte-source.js';
import { leastUnpackedBytes, mostUnpackedInMemory, mostUnpackedRatio } from './data-limits.js';
import { DatasetError, someOf } from './dataset-error.js';
import { checkedSource, unpackedSource } from './unpacked-source.js';

/** Names that are listed; an archive of NumPy has a handful. */
const mostNames = 10_000;

/** A file in a ZIP archive, as the central directory states it. */
interface Member {
  readonly name: string;
  /** 0 for stored, 8 for deflated. */
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Offset of the local header from the start of the archive. */
  readonly offset: number;
}

/**
 * Opens the `.npy` file of one array in an archive by `numpy.savez`, without reading the others. A stored one is read where
 * it lies, and a large deflated one is unpacked as it is read; their checksum is compared once they are read to their end.
 *
 * @param name of the array; null if the archive holds only one
 * @param mostInMemory bytes up to which a deflated array is unpacked at once
 * @throws DatasetError wrong_format, wrong_type, too_large, here or as it is read; unknown_name if the array is missing, or
 *   must be named
 */
export function arrayInNpz(
  archive: ByteSource,
  name: string | null,
  path: string,
  mostInMemory: number = mostUnpackedInMemory,
): ByteSource {
  const arrays = new Map(
    membersOf(archive, path)
      .filter((member) => member.name.endsWith('.npy'))
      .map((member) => [member.name.slice(0, -4), member]),
  );
  const names = [...arrays.keys()];
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    const problem = `has ${names.length} arrays: ${someOf(names)}`;
    throw new DatasetError('unknown_name', path, problem, 'name one, as in array="x_train"');
  }
  const member = arrays.get(wanted);
  if (member === undefined) {
    throw new DatasetError(
      'unknown_name',
      path,
      `has no array '${wanted.slice(0, 40)}'`,
      `its arrays are ${someOf(names)}`,
    );
  }
  const most = Math.max(leastUnpackedBytes, archive.length * mostUnpackedRatio);
  if (member.size > most) {
    const unpacked = byteText(member.size);
    const problem = `unpacks to ${unpacked}, more than the limit of ${byteText(most)} for an archive of its size`;
    throw new DatasetError('too_large', path, problem, 'save it with numpy.save');
  }
  const packed = packedBytes(member, archive, path);
  const wrongSum = () => damaged(path, 'its checksum (CRC-32) is wrong');
  if (member.method === 0 && member.size !== member.packedSize) throw damaged(path);
  if (member.method === 0) return checkedSource(packed, member.crc, wrongSum);
  if (member.size > mostInMemory) {
    const errors = {
      cut: () => damaged(path),
      damaged: () => damaged(path),
      tooFar: (size: number) => tooLarge(path, size),
    };
    return checkedSource(unpackedSource(packed, 'raw', member.size, errors), member.crc, wrongSum);
  }
  const file = unpacked(member, packed, path);
  if (file.length !== member.size) throw damaged(path);
  if (crc32(file) !== member.crc) throw wrongSum();
  return bytesInMemory(file);
}

/** Sizes of the records of a ZIP archive without what varies (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14 to 4.3.16). */
const localHeaderBytes = 30;
const entryBytes = 46;
const end64Bytes = 56;
const locator64Bytes = 20;
const endBytes = 22;

const localHeaderSignature = 0x04034b50;
const entrySignature = 0x02014b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const endSignature = 0x06054b50;

/** Stands for a number that is among the extra fields (4.5.3). */
const inExtraField = 0xffffffff;
const zip64Field = 0x0001;

/** The last record, its longest comment, and what is before it in an archive of more than 4 GiB. */
const tailBytes = locator64Bytes + endBytes + 0xffff;

/** @throws DatasetError wrong_format for a central directory that is not whole */
function membersOf(archive: ByteSource, path: string): readonly Member[] {
  try {
    const members: Member[] = [];
    const tailStart = Math.max(0, archive.length - tailBytes);
    const tail = viewOf(bytesAt(archive, tailStart, tailBytes));
    const endInTail = endOf(tail);
    if (endInTail === null) throw damaged(path);
    const start = directoryStart(archive, tail, tailStart, endInTail);
    const end = tailStart + endInTail - start;
    const directory = bytesAt(archive, start, end);
    const view = viewOf(directory);
    let at = 0;
    while (members.length < mostNames && at + entryBytes <= end && view.getUint32(at, true) === entrySignature) {
      const [nameBytes, extraBytes] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
      const extra = at + entryBytes + nameBytes;
      const long = longNumbers(view, extra, extra + extraBytes);
      const numberAt = (place: number) => {
        const short = view.getUint32(place, true);
        return short === inExtraField ? (long.shift() ?? short) : short;
      };
      // The order of the long numbers is this one.
      const size = numberAt(at + 24);
      const packedSize = numberAt(at + 20);
      const offset = numberAt(at + 42);
      members.push({
        name: new TextDecoder().decode(directory.subarray(at + entryBytes, extra)),
        method: view.getUint16(at + 10, true),
        crc: view.getUint32(at + 16, true),
        packedSize,
        size,
        offset,
      });
      at = extra + extraBytes + view.getUint16(at + 32, true);
    }
    return members;
  } catch (error) {
    if (error instanceof RangeError) throw damaged(path, null, error);
    throw error;
  }
}

/** Offset of the end-of-central-directory record, which a comment may follow; null if there is none. */
function endOf(view: DataView): number | null {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  return null;
}

/** @param tail the end of the archive, from `tailStart` on, and where its last record is in it */
function directoryStart(archive: ByteSource, tail: DataView, tailStart: number, end: number): number {
  const start = tail.getUint32(end + 16, true);
  const locator = end - locator64Bytes;
  if (start !== inExtraField || locator < 0 || tail.getUint32(locator, true) !== locator64Signature) return start;
  const end64 = Number(tail.getBigUint64(locator + 8, true));
  if (end64 + end64Bytes > tailStart + locator) return start;
  const record = viewOf(bytesAt(archive, end64, end64Bytes));
  return record.getUint32(0, true) === end64Signature ? Number(record.getBigUint64(48, true)) : start;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function longNumbers(view: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== zip64Field) continue;
    const count = Math.min(3, Math.floor(view.getUint16(at + 2, true) / 8));
    return Array.from({ length: count }, (_, i) => Number(view.getBigUint64(at + 4 + 8 * i, true)));
  }
  return [];
}

/** @throws DatasetError wrong_format; wrong_type for a compression that NumPy doesn't use */
function packedBytes({ method, packedSize, offset }: Member, archive: ByteSource, path: string): ByteSource {
  const header = viewOf(bytesAt(archive, offset, localHeaderBytes));
  if (header.byteLength < localHeaderBytes || header.getUint32(0, true) !== localHeaderSignature) throw damaged(path);
  const start = offset + localHeaderBytes + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + packedSize > archive.length) throw damaged(path);
  if (method !== 0 && method !== 8) {
    throw new DatasetError('wrong_type', path, 'is compressed in a rare way', 'save it with numpy.savez_compressed');
  }
  return bytesWithin(archive, start, packedSize);
}

/** Decompresses a member, stopping at the stated size. @throws DatasetError wrong_format; too_large beyond that size */
function unpacked({ size }: Member, packed: ByteSource, path: string): Uint8Array {
  try {
    return inflateRawSync(bytesAt(packed, 0, packed.length), { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw damaged(path, null, error);
    throw tooLarge(path, size, error);
  }
}

function tooLarge(path: string, size: number, cause?: unknown): DatasetError {
  const problem = `unpacks to more than the ${byteText(size)} that it states`;
  return new DatasetError('too_large', path, problem, 'save it with numpy.save', { cause });
}

function damaged(path: string, what: string | null = null, cause?: unknown): DatasetError {
  const problem = what === null ? 'is a damaged archive' : `is a damaged archive: ${what}`;
  return new DatasetError('wrong_format', path, problem, 'copy or save it again', { cause });
}
