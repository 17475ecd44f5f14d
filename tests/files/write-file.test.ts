import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  fileOperations,
  NotAFileError,
  PartlyWrittenError,
  ReadOnlyFileError,
  writeFile,
  writeFiles,
} from '../../src/files/write-file.js';
import { failingAt } from '../runtime/store/failing-operations.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the old content is whole, whichever operation fails, and nothing is left beside it', () => {
  const path = join(folder, 'report.html');
  for (let k = 1; k <= 4; k++) {
    writeFileSync(path, 'old');
    expect(() => writeFile(path, ['new ', 'content'], failingAt(k, fileOperations))).toThrow('ENOSPC');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['report.html']);
  }
  writeFile(path, ['new ', Uint8Array.of(0x21)]);
  expect(readFileSync(path, 'utf8')).toBe('new !');
});

test('an error names the file that was to be written, whichever operation it is of', () => {
  const path = join(folder, 'small.ae.lock');
  for (let k = 1; k <= 4; k++) {
    expect(() => writeFile(path, 'content', failingAt(k, fileOperations))).toThrow(expect.objectContaining({ path }));
  }
});

test('permissions are kept, whatever the umask, and a link stays a link', () => {
  const path = join(folder, 'a.ae');
  writeFileSync(path, 'old');
  chmodSync(path, 0o666);
  const link = join(folder, 'link.ae');
  symlinkSync('a.ae', link);
  const umask = process.umask(0o077);
  try {
    writeFile(link, 'new');
  } finally {
    process.umask(umask);
  }
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o666);
});

test('a link to a file that is not there yet makes that file', () => {
  const link = join(folder, 'link');
  symlinkSync('new', link);
  writeFile(link, 'content');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('content');
});

test('the name may be as long as a name can be', () => {
  const path = join(folder, 'a'.repeat(255));
  writeFile(path, 'content');
  expect(readFileSync(path, 'utf8')).toBe('content');
});

test.skipIf(process.getuid?.() !== 0)('the owner is kept', () => {
  const path = join(folder, 'a');
  writeFile(path, 'old');
  chownSync(path, 1234, 1234);
  writeFile(path, 'new');
  expect(statSync(path)).toMatchObject({ uid: 1234, gid: 1234 });
});

test('files that belong together are all replaced, or none is', () => {
  const files = ['a', 'b', 'c'].map((name) => ({ name, content: `new ${name}` }));
  const target = join(folder, 'made', 'export');
  for (let k = 1; k <= 9; k++) {
    expect(() => writeFiles(target, files, failingAt(k, fileOperations)), `${k}`).toThrow('ENOSPC');
    expect(readdirSync(folder)).toEqual([]);
  }
  writeFiles(target, files);
  writeFileSync(join(target, 'a'), 'old');
  expect(() => writeFiles(target, files, failingAt(3, fileOperations))).toThrow('ENOSPC');
  expect(readFileSync(join(target, 'a'), 'utf8')).toBe('old');
  expect(() => writeFiles(target, files, failingAt(11, fileOperations))).toThrow(PartlyWrittenError);
  expect(() => writeFiles(target, files, failingAt(11, fileOperations))).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('not written: b, c') }),
  );
  expect(readdirSync(target)).toEqual(['a', 'b', 'c']);
  expect(writeFiles(target, files)).toEqual(files.map(({ name }) => join(target, name)));
});

test.skipIf(process.platform === 'win32')('a pipe is refused without waiting for its reader', () => {
  const pipe = join(folder, 'o.npy');
  execFileSync('mkfifo', [pipe]);
  expect(() => writeFile(pipe, 'anything')).toThrow(NotAFileError);
  expect(() => writeFile(pipe, 'anything')).toThrow('it is a pipe');
});

test('a device is written and not replaced', () => {
  writeFile('/dev/null', 'anything');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('a file keeps its other names, and all of them mean what was written', () => {
  const [path, other] = [join(folder, 'a.ae'), join(folder, 'b.ae')];
  writeFileSync(path, 'old, and longer than what comes');
  linkSync(path, other);
  writeFile(path, 'new');
  writeFiles(folder, [{ name: 'b.ae', content: 'newer' }]);
  expect([path, other].map((file) => readFileSync(file, 'utf8'))).toEqual(['newer', 'newer']);
  expect(statSync(path)).toMatchObject({ nlink: 2, ino: statSync(other).ino });
  expect(readdirSync(folder)).toEqual(['a.ae', 'b.ae']);
  expect(() => writeFile(path, 'x', failingAt(2, fileOperations))).toThrow('ENOSPC');
  expect(readFileSync(other, 'utf8')).toBe('newer');
  expect(readdirSync(folder)).toEqual(['a.ae', 'b.ae']);
});

test.skipIf(process.platform === 'win32')('a file that is read-only is refused, by the superuser too', () => {
  const path = join(folder, 'kept.ae');
  writeFileSync(path, 'old');
  chmodSync(path, 0o444);
  const refused = expect.objectContaining({
    message: `cannot write '${path}': it is read-only`,
    hint: `make it writable: chmod u+w ${path}`,
  });
  expect(() => writeFile(path, 'new')).toThrow(refused);
  expect(() =>
    writeFiles(folder, [
      { name: 'first', content: '' },
      { name: 'kept.ae', content: 'new' },
    ]),
  ).toThrow(refused);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['kept.ae']);
  symlinkSync('kept.ae', join(folder, 'link.ae'));
  expect(() => writeFile(join(folder, 'link.ae'), 'new')).toThrow(ReadOnlyFileError);
});
