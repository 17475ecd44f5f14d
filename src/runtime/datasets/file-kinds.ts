/** The first bytes of formats that people have, and their names. */
const BEGINNINGS: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0x89, ...ascii('PNG')], 'a PNG picture'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [ascii('GIF8'), 'a GIF picture'],
  [[0x93, ...ascii('NUMPY')], 'a NumPy array (.npy)'],
  [[0x89, ...ascii('HDF')], 'an HDF5 file'],
  [ascii('PAR1'), 'a Parquet file'],
  [ascii('ARROW1'), 'an Arrow file'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook (.xls)'],
  [ascii('SQLite format 3'), 'an SQLite database'],
  [ascii('%PDF'), 'a PDF document'],
  [ascii('MATLAB 5.0 MAT-file'), 'a MATLAB file (.mat)'],
  [[0x49, 0x49, 0x2a, 0x00], 'a TIFF picture'],
  [[0x4d, 0x4d, 0x00, 0x2a], 'a TIFF picture'],
  [[0x00, 0x00, 0x00, 0x0c, ...ascii('jP  ')], 'a JPEG 2000 picture'],
  [[0xff, 0x0a], 'a JPEG XL picture'],
  [[0x80, 0x02], 'a pickle of Python'],
  [[0x80, 0x03], 'a pickle of Python'],
  [[0x80, 0x04], 'a pickle of Python'],
  [[0x80, 0x05], 'a pickle of Python'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a file compressed with zstd'],
  [[0xfd, ...ascii('7zXZ')], 'a file compressed with xz'],
  [ascii('BZh'), 'a file compressed with bzip2'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive'],
  [ascii('Rar!'), 'a RAR archive'],
];

/**
 * Guesses a file's type from its first bytes, as a phrase for messages ("a JPEG picture"); null if unknown. File names
 * are unreliable: pictures get renamed, and archives have many extensions.
 */
export function fileKind(head: Uint8Array): string | null {
  for (const [bytes, name] of BEGINNINGS) if (bytes.every((byte, i) => head[i] === byte)) return name;
  const text = (start: number, end: number): string => String.fromCharCode(...head.subarray(start, end));
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'a WebP picture';
  if (text(4, 8) === 'ftyp') return /^(?:avi[fs])$/.test(text(8, 12)) ? 'an AVIF picture' : 'a HEIC picture or a film';
  if (text(0, 2) === 'BM' && head.length >= 26) return 'a BMP picture';
  if (text(257, 262) === 'ustar') return 'a tar archive';
  return text(0, 4) === 'PK\u0003\u0004' ? zipKind(text(0, 4096)) : textKind(text(0, 200));
}

const LFS_POINTER = 'a pointer of Git LFS to a file that is not here';
const JSON_TEXT = 'JSON';
const MARKUP = 'a page of HTML or XML';

/** Texts that nobody has as a table. @param head the first letters */
function textKind(head: string): string | null {
  const start = head.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (start.startsWith('version https://git-lfs.github.com/')) return LFS_POINTER;
  if (/^(?:\[\s*\{|\{)\s*(?:"|\}|\])/.test(start)) return JSON_TEXT;
  return /^<(?:!doctype|html|\?xml)/i.test(start) ? MARKUP : null;
}

/** How to come to data of a file of this kind: mostly the word that reads it; null if none does. @param kind from `fileKind` */
export function readerOf(kind: string | null, path: string): string | null {
  if (kind === LFS_POINTER) return '`git lfs pull` fetches the file';
  if (kind === JSON_TEXT) return 'pandas.read_json("data.json").to_csv("data.csv", index=False) makes a table of it';
  if (kind === MARKUP) return 'a download that failed often leaves one: fetch the file again';
  if (kind === 'a NumPy array (.npy)' || kind === 'an archive of NumPy arrays (.npz)') return 'npy("…") reads it';
  if (kind === 'a PNG picture' || kind === 'a JPEG picture') return 'images("…") reads pictures and folders of them';
  if (kind !== null) return null;
  if (/\.(csv|tsv|tab|txt)(\.gz)?$/i.test(path)) return 'csv("…") reads tables';
  return /\.safetensors$/i.test(path) ? 'safetensors("…") reads it' : null;
}

/** By the names of the first files in a ZIP archive, which many formats are. */
function zipKind(head: string): string {
  if (head.includes('[Content_Types].xml') || head.includes('xl/')) return 'an Excel workbook (.xlsx)';
  if (head.includes('opendocument.spreadsheet')) return 'a LibreOffice spreadsheet (.ods)';
  if (head.includes('data.pkl')) return "a checkpoint of PyTorch's (.pt)";
  if (head.includes('.npy')) return 'an archive of NumPy arrays (.npz)';
  return 'a ZIP archive';
}

function ascii(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
