import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { FileError, OpenedFile } from '../files/read-file.js';
import { fileKind, readerOf } from '../runtime/datasets/file-kinds.js';
import { UsageError } from './usage-error.js';

/** Bytes at the beginning of a file by which its kind is told. */
const headBytes = 4096;

/**
 * The error for a word that names a file or folder that can't hold experiments: data, results, another tool's files.
 * Null for what may hold some, and for what can't be read.
 */
export function otherFile(path: string): UsageError | null {
  if (path.endsWith('.ae')) return null;
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory()) {
    const hint = `name an .ae file; pictures of a folder are read by an experiment with ${readIn('a PNG picture', path)}`;
    return new UsageError(`'${path}' is a folder, not an experiment`, hint);
  }
  const found = status?.isFile() ? kindOf(path) : null;
  return found && new UsageError(`'${path}' is ${found.what}, not an experiment`, found.hint);
}

interface Kind {
  readonly what: string;
  readonly hint: string;
}

function kindOf(path: string): Kind | null {
  const head = headOf(path);
  if (head === null) return null;
  // Some keep experiments in files of any name.
  if (/\.txt$/i.test(path) && Buffer.from(head).includes('experiment')) return null;
  for (const [names, what, hint] of byName) if (names.test(path)) return { what, hint: hint(path) };
  const kind = fileKind(head);
  if (kind === 'an SQLite database') return { what: kind, hint: `aedsl ls --db ${path} lists what results it has` };
  const reader = readIn(kind, path);
  const what = kind ?? (/\.safetensors$/i.test(path) ? 'a file of arrays' : 'a table');
  if (reader !== null) return { what, hint: `write an experiment with ${reader}; ${begins}` };
  return kind === null ? null : { what: kind, hint: otherData };
}

const begins = '`aedsl new` begins one';
const otherData = `experiments are in .ae files, which read tables (CSV), arrays of NumPy and pictures; ${begins}`;

/** Kinds that are told by their name; what they have inside is text, or says less. */
const byName: readonly (readonly [names: RegExp, what: string, hint: (path: string) => string])[] = [
  [
    /\.(tgz|tar\.gz)$/i,
    'a bundle or another archive',
    (path) => `a bundle is named like a run: aedsl show ${path}, aedsl rerun ${path}, aedsl verify ${path}`,
  ],
  [
    /\.(pt|pth|ckpt|onnx|h5|hdf5|keras|pb|tflite)$/i,
    'a model or a file of another library',
    () => `name an .ae file (${begins}); weights to start from are read as safetensors: --init`,
  ],
  [/\.ipynb$/i, 'a notebook', () => `experiments are in .ae files (${begins}); docs/notebook.md runs one in a cell`],
  [
    /\.py$/i,
    'a Python program',
    () => `experiments are in .ae files (${begins}); docs/from-pytorch.md has PyTorch's modules word by word`,
  ],
  [/\.ae\.lock$/i, 'a lock file', (path) => `name its experiments: ${path.slice(0, -'.lock'.length)}`],
  [/\.(parquet|feather|arrow)$/i, 'a table of a kind that is not read', () => `save it as CSV; ${otherData}`],
  [
    /\.(ya?ml|toml|json|jsonl|ini|cfg|md)$/i,
    'a text for other programs',
    () => `experiments are in .ae files (${begins})`,
  ],
];

/** `data npy("x.npy")` */
function readIn(kind: string | null, path: string): string | null {
  const word = /^(\w+)\("/.exec(readerOf(kind, path) ?? '')?.[1];
  return word === undefined ? null : `data ${word}("${basename(path)}")`;
}

function headOf(path: string): Uint8Array | null {
  try {
    const file = new OpenedFile(path, Number.MAX_SAFE_INTEGER);
    try {
      const head = new Uint8Array(headBytes);
      return head.subarray(0, file.read(head, 0));
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}
