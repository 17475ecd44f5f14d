import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileRecipe } from '../../src/project/recipe.js';
import { fileWorld } from '../../src/project/world.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { builtinWords } from '../../src/words/words.js';

let project = '';
beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-data-')));
  writeFileSync(join(project, 'package.json'), '{}');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function put(name: string, content: Uint8Array | string): void {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** The shape of what a statement gives, or what is said of it. */
function read(data: string): string {
  const text = `experiment e {
    data ${data}
    encoder { flatten()  code: dense(1) }
    decoder { dense(input.size) }
    loss mse()
    train sgd(lr=0.1) { epochs = 1  batch = 1 }
  }`;
  const source = { path: join(project, 'e.ae'), text };
  const recipe = {
    sources: [source],
    experiment: null,
    params: [],
    data: null,
    epochs: null,
    maxSteps: null,
    files: {},
  };
  const { value, diagnostics } = compileRecipe(recipe, fileWorld(), { library: builtinWords });
  const said = diagnostics.filter(({ severity }) => severity === 'error');
  if (said.length > 0) return said.map(({ message, hint }) => `${message} (${hint ?? ''})`).join('\n');
  const { train, test, storedShape } = value?.ir.data ?? {};
  return `${(train ?? 0) + (test ?? 0)} of [${storedShape?.join(', ')}]`;
}

/** Each gives what is read of a file, and what has to be in it. */
type Trial = () => readonly (readonly [said: string, expected: string])[];

const saved = JSON.parse(readFileSync('tests/runtime/datasets/arrays.json', 'utf8'));
const pictures = JSON.parse(readFileSync('tests/runtime/datasets/pictures.json', 'utf8'));
const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');
const table = (content: Uint8Array | string, more = ''): string => {
  put('t.csv', content);
  return read(`csv("t.csv"${more})`);
};
const array = (content: Uint8Array, more = ''): string => {
  put('a.npy', content);
  return read(`npy("a.npy"${more})`);
};
const named = (list: readonly { readonly name: string; readonly content: string }[], name: string): Uint8Array =>
  bytes(list.find((one) => one.name.includes(name))?.content ?? '');
let folders = 0;
const folder = (files: Readonly<Record<string, Uint8Array | string>>, more = ''): string => {
  const name = `pictures${++folders}`;
  for (const [file, content] of Object.entries(files)) put(`${name}/${file}`, content);
  return read(`images("${name}"${more})`);
};
const png = (height: number, width: number, channels = 1): Uint8Array =>
  encode({ height, width, channels, data: new Uint8Array(height * width * channels).fill(9) });

const TRIALS: Readonly<Record<string, Trial>> = {
  'semicolons, tabs or bars between columns': () =>
    [';', '\t', '|'].map((separator) => [table(`a${separator}b\n1${separator}2\n`), '1 of [2]']),
  "Excel's first line `sep=;`": () => [
    [table('sep=;\na;b\n1;2\n'), '1 of [2]'],
    [table('\uFEFF"sep=|"\r\na|b\r\n1|2\r\n'), '1 of [2]'],
    [table('sep=;\na;b\n1;x\n'), "row 3, column 'b'"],
  ],
  'blanks between columns': () => [[table(' a  b\n 1 2\n'), '1 of [2]']],
  'decimal commas': () => [
    [table('a;b\n1;2,5\n'), '1 of [2]'],
    [table('a,b\n1,"2,5"\n'), 'decimal=","'],
    [table('a,b\n1,"2,5"\n', ', decimal=","'), '1 of [2]'],
  ],
  'groups of digits, as in `1.234,5`': () => [
    [table('a;b\n1;1.234,5\n'), 'thousands="."'],
    [table('a;b\n1;1.234,5\n', ', decimal=",", thousands="."'), '1 of [2]'],
  ],
  'no header': () => [
    [table('5.1,3.5\n4.9,3\n'), 'header=false'],
    [table('5.1,3.5\n4.9,3\n', ', header=false, label="2", drop=["1"]'), 'no column of numbers left'],
    [table('5.1,3.5\n4.9,3\n', ', header=false'), '2 of [2]'],
  ],
  'an index, in a first column without a name': () => [
    [table(',a\n0,5\n1,6\n'), '2 of [1]'],
    [table('Unnamed: 0,a\n0,5\n1,6\n2,7\n3,8\n'), '4 of [2]'],
  ],
  'empty columns without a name, separators at the ends of rows': () => [
    [table('a,b,\n1,2,\n'), '1 of [2]'],
    [table('a,b\n1,2,\n'), '1 of [2]'],
  ],
  '`true`, `false`, `yes`, `no`': () => [[table('a,b\nTRUE,no\nfalse,Yes\n'), '2 of [2]']],
  'blank rows, at the end or between others': () => [
    [table('a,b\n1,2\n,\n\n\n'), '1 of [2]'],
    [table('a,b\n1,2\n\n  \n3,4\n'), '2 of [2]'],
  ],
  '`inf`, `Infinity`': () => [[table('a,b\n1,2\n3,inf\n'), "row 3, column 'b'"]],
  'gaps: nothing, `NA`, `NaN`, `?`, …': () => [
    ...['', 'NA', 'NaN', '?'].map((gap) => [table(`a,b\n1,${gap}\n`), "row 2, column 'b'"] as const),
    [table('a,b\n1,\n3,4\n', ', missing=drop'), '1 of [2]'],
    [table('a,b\n1,\n3,4\n', ', fill=0'), '2 of [2]'],
  ],
  'columns of texts': () => [
    [table('a,b,c\nx,1,y\n'), 'drop=["a", "c"]'],
    [table('a,b,c\nx,1,y\n', ', drop=["a", "c"]'), '1 of [1]'],
  ],
  'texts, or numbers that only name something, in the columns `categories=["city"]`': () => [
    [table('a,b,c\nx,1,y\nz,2,y\n', ', categories=["a", "c"]'), '2 of [4]'],
    [table('a,b\n7,1\n8,2\n9,3\n', ', categories=["a"]'), '3 of [4]'],
    [table('a,b,c\nx,1,y\n', ', categories=["a"]'), 'drop=["c"]'],
  ],
  'separators, quotes and line ends in quotes': () => [[table('"a,""\n""",b\n1,"2"\n'), '1 of [2]']],
  'two columns of one name': () => [
    [table('a,b,a\n1,2,3\n'), "both named 'a'"],
    [table('a,b,a\n1,2,3\n', ', drop=["a"]'), '1 of [1]'],
  ],
  'lines that begin with `#`': () => [[table('# made by hand\na,b\n#\n1,2\n', ', comment="#"'), '1 of [2]']],
  'UTF-16, UTF-8 with a byte order mark': () => [
    [table(Buffer.from('\ufeffä\tb\n1\t2\n', 'utf16le'), ', drop=["ä"]'), '1 of [1]'],
    [table('\ufeffä,b\n1,2\n', ', drop=["ä"]'), '1 of [1]'],
  ],
  'Windows-1252, as Excel writes it': () => [
    [table(Buffer.from('ä;b\n1;2\n', 'latin1')), 'encoding=windows_1252'],
    [table(Buffer.from('ä;b\n1;2\n', 'latin1'), ', encoding=windows_1252, drop=["ä"]'), '1 of [1]'],
  ],
  'a workbook (`.xlsx`, `.xls`, `.ods`)': () => [
    [table('PK\u0003\u0004  [Content_Types].xml'), 'is an Excel workbook (.xlsx)'],
    [table(Buffer.from([0xd0, 0xcf, 0x11, 0xe0])), 'is an old Excel workbook (.xls)'],
    [table('PK\u0003\u0004  application/vnd.oasis.opendocument.spreadsheet'), 'is a LibreOffice spreadsheet (.ods)'],
  ],
  gzip: () => [[table(gzipSync('a,b\n1,2\n')), '1 of [2]']],
  'a test table with other columns': () => {
    put('tested.csv', 'b,a\n3,4\n');
    const tested = ', test_file="tested.csv"';
    return [
      [table('a,b\n1,2\n', tested), '2 of [2]'],
      [table('a,c\n1,2\n', tested), "doesn't have the column c, and has b instead"],
      [table('a\n1\n', tested), "has columns that the training table doesn't have: b"],
    ];
  },
  'a table of more than 256 MiB': () => {
    put('large.csv', `a,b\n${'1,2\n'.repeat(1000)}`);
    truncateSync(join(project, 'large.csv'), 2 ** 28 + 1);
    return [
      [read('csv("large.csv", take=5)'), '5 of [2]'],
      [read('csv("large.csv", take=5, test=2)'), 'row 1002'],
    ];
  },

  bytes: () => [[array(encodeNpy([2, 3], Uint8Array.of(0, 1, 2, 3, 4, 255))), '2 of [3]']],
  'booleans, integers, float16, float32, float64': () =>
    ['booleans', 'i2', 'float16', 'version 2', 'float64'].map((name) => [array(named(saved.read, name)), ' of [']),
  'big-endian numbers, Fortran order': () => [
    [array(named(saved.read, 'two dimensions in Fortran order')), '3 of [4]'],
  ],
  'an archive (`.npz`)': () => {
    put('a.npz', bytes(saved.npz.stored));
    return [
      [read('npy("a.npz")'), 'name one, as in array="x_train"'],
      [read('npy("a.npz", array="x", labels_array="y", test_array="x", test_labels_array="y")'), '4 of [1, 3, 4]'],
    ];
  },
  'several files of one array, as a model\'s activations are often saved: `npy("acts/*.npy")`': () => {
    put('acts/a.npy', encodeNpy([3, 2], new Float32Array(6)));
    put('acts/b.npy', encodeNpy([4, 2], new Float32Array(8)));
    return [[read('npy("acts/*.npy")'), '7 of [2]']];
  },
  '`[n, height, width, channels]`': () => {
    const last = encodeNpy([1, 5, 6, 3], new Float32Array(90));
    return [
      [array(last), 'layout=nhwc'],
      [array(last, ', layout=nhwc'), '1 of [3, 5, 6]'],
    ];
  },
  'complex numbers, texts, dates': () =>
    ['complex', 'texts', 'dates'].map((name) => [array(named(saved.refused, name)), name]),
  'Python objects': () => [[array(named(saved.refused, 'objects')), 'only Python can read']],
  'tensors of other types beside the one that is read': () => {
    put('a.safetensors', bytes(saved.safetensors));
    return [
      [read('safetensors("a.safetensors", tensor="i16")'), '1 of [2]'],
      [read('safetensors("a.safetensors", tensor="f8")'), 'F8_E4M3'],
    ];
  },
  'NaN or infinity': () => [[array(encodeNpy([1, 2], Float32Array.of(1, Number.NaN))), 'element 1 is NaN']],
  'more than 256 MiB': () => {
    const head = encodeNpy([1, 512], new Uint8Array(512)).subarray(0, 128);
    put(
      'large.npy',
      Buffer.from(Buffer.from(head).toString('latin1').replace('(1, 512), }     ', '(600000, 512), }'), 'latin1'),
    );
    truncateSync(join(project, 'large.npy'), 128 + 600_000 * 512);
    return [[read('npy("large.npy", take=5, test=2)'), '7 of [512]']];
  },

  'PNG of any kind: palettes, 1 to 16 bits, interlaced': () =>
    [0, 20, 30, 40].map((i) => [folder({ 'a.png': bytes(pictures.png[i].content) }), ', 6, 9]']),
  'JPEG, baseline or progressive': () =>
    [0, 4].map((i) => [folder({ 'a.jpg': bytes(pictures.jpeg[i].content) }), ', 13, 20]']),
  'JPEG for printing (CMYK)': () => [[folder({ 'a.jpg': bytes(pictures.cmyk) }), 'CMYK']],
  'WebP, GIF, BMP, TIFF, HEIC': () =>
    ['webp', 'gif', 'bmp', 'tif', 'heic'].map((ending) => [folder({ [`a.${ending}`]: 'x' }), `png *.${ending}`]),
  'pictures of differing sizes': () => [
    [folder({ 'a.png': png(2, 2), 'b.png': png(3, 2) }), 'size=[2, 2]'],
    [folder({ 'a.png': png(2, 2), 'b.png': png(3, 2) }, ', size=[4, 4]'), '2 of [1, 4, 4]'],
  ],
  'grey pictures among coloured ones': () => [
    [folder({ 'a.png': png(2, 2), 'b.png': png(2, 2, 3) }), 'color=rgb'],
    [folder({ 'a.png': png(2, 2), 'b.png': png(2, 2, 3) }, ', color=rgb'), '2 of [3, 2, 2]'],
  ],
  'transparent pixels': () => [
    [folder({ 'a.png': png(1, 1, 4) }), 'background=1'],
    [folder({ 'a.png': png(1, 1, 4) }, ', background=1'), '1 of [3, 1, 1]'],
    [folder({ 'a.png': encode({ height: 1, width: 1, channels: 2, data: Uint8Array.of(9, 255) }) }), '1 of [1, 1, 1]'],
  ],
  'damaged pictures: cut off, empty, with a wrong sum, a JPEG of which libjpeg warns': () => [
    [folder({ 'a.png': png(9, 9).subarray(0, -20) }), 'a.png: is damaged'],
    [
      folder({ 'a.png': '', 'b.png': png(9, 9), 'c.png': png(9, 9).map((byte, i) => (i === 50 ? byte ^ 1 : byte)) }),
      "2 of 3 pictures can't be read: a.png is an empty file; c.png is damaged",
    ],
    [folder({ 'a.jpg': bytes(pictures.jpeg[0].content).subarray(0, -20) }), 'a.jpg: is cut off'],
    [
      folder({ 'a.jpg': bytes(pictures.jpeg[0].content).map((byte, i) => (i > 370 && i < 398 ? 0 : byte)) }),
      'a.jpg: is damaged: its pixels',
    ],
    [array(encodeNpy([2, 3], new Float32Array(6)).subarray(0, -1)), 'the file has 23 of them'],
  ],
  'folders of classes that are links': () => {
    put('elsewhere/cats/a.png', png(1, 1));
    put('links/dogs/b.png', png(1, 1));
    symlinkSync('../elsewhere/cats', join(project, 'links/cats'));
    put('outside/dogs/b.png', png(1, 1));
    symlinkSync(tmpdir(), join(project, 'outside/cats'));
    put('within/dogs/b.png', png(1, 1));
    mkdirSync(join(project, 'elsewhere/owls'));
    symlinkSync('/etc/hostname', join(project, 'elsewhere/owls/c.png'));
    symlinkSync('../elsewhere/owls', join(project, 'within/owls'));
    return [
      [read('images("links")'), '2 of [1, 1, 1]'],
      [read('images("outside")'), 'outside the project'],
      [read('images("within")'), 'outside the project'],
    ];
  },
  'folders called `train`, `test`, `val`, … and no others': () => [
    [folder({ 'train/a.png': png(1, 1), 'test/b.png': png(1, 1) }), 'test_folder='],
    [folder({ 'train/a.png': png(1, 1), 'car/b.png': png(1, 1) }), '2 of [1, 1, 1]'],
  ],
  'texts and tables beside pictures or folders of them: `README.txt`, `labels.csv`, …': () => {
    const texts = { 'README.txt': 'x', 'labels.csv': 'x', LICENSE: 'x' };
    return [
      [folder({ 'a.png': png(1, 1), ...texts }), '1 of [1, 1, 1]'],
      [folder({ 'cats/a.png': png(1, 1), 'cats/notes.txt': 'x', 'dogs/b.png': png(1, 1), ...texts }), '2 of [1, 1, 1]'],
      [folder(texts), 'is no PNG or JPEG file'],
    ];
  },
  '`.DS_Store`, `Thumbs.db`, hidden files': () => [
    [folder({ 'a.png': png(1, 1), '.DS_Store': 'x', 'Thumbs.db': 'x', '.hidden': 'x' }), '1 of [1, 1, 1]'],
  ],
  'more than 64 MiB of pixels, in the files or as `size` makes them': () => {
    const [large, cut] = [png(3800, 3800), png(3800, 3800).subarray(0, 40)];
    const files = { 'a.png': large, 'b.png': cut, 'c.png': cut, 'd.png': cut, 'e.png': large };
    return [
      [folder(files, ', take=1, test=1'), '2 of [1, 3800, 3800]'],
      [folder(files), 'b.png'],
    ];
  },
};

describe('docs/data.md', () => {
  const text = readFileSync('docs/data.md', 'utf8');
  const tables = [...text.matchAll(/^\| what the (?:file|folder) has \|.*\n\|[-|]+\n((?:\|.*\n)+)/gm)];
  const rows = tables.flatMap(([, body = '']) => [...body.matchAll(/^\| ([^|]+(?:\\\|[^|]+)*) \| /gm)]);
  const keys = rows.map(([, key = '']) => key);

  it('has a row for each trial, and a trial for each row', () => {
    expect(keys).toEqual(Object.keys(TRIALS));
  });

  it.each(Object.entries(TRIALS))('%s', (_, trial) => {
    for (const [said, expected] of trial()) expect(said).toContain(expected);
  });
});
