import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReallyWithin, isSafeRelativePath, pathWithin } from '../../src/files/paths.js';
import { byteText, FileError, readRegularFile, readRegularFileBeside } from '../../src/files/read-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function refusal(action: () => unknown): FileError {
  try {
    action();
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error('it was read');
}

test('an ordinary file is read up to its limit', () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'hello');
  expect(new TextDecoder().decode(readRegularFile(path, 5))).toBe('hello');
  expect(refusal(() => readRegularFile(path, 4)).message).toBe(
    `cannot read '${path}': it has 5 bytes, more than the limit of 4 bytes`,
  );
  expect(readRegularFile('/proc/self/status', 1e6).length).toBeGreaterThan(100);
});

test('pipes, devices and folders are refused at once', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(refusal(() => readRegularFile(pipe, 10)).problem).toBe('it is a pipe');
  expect(refusal(() => readRegularFile('/dev/zero', 10)).problem).toBe('it is a device or socket');
  expect(refusal(() => readRegularFile(folder, 10)).problem).toBe('it is a folder');
  expect(refusal(() => readRegularFile(join(folder, 'none'), 10)).reason).toBe('not_found');
});

test('a path from elsewhere stays in its folder', () => {
  for (const path of ['..', '../a', 'a/../../b', '/etc/passwd', '', '.', 'a//b', 'a/./b', 'a\0b']) {
    expect(isSafeRelativePath(path)).toBe(false);
    expect(() => pathWithin(folder, path)).toThrow('leads out of its folder');
  }
  expect(pathWithin(folder, 'a/b..c')).toBe(join(folder, 'a/b..c'));
});

test('where a place really is decides, links followed', () => {
  symlinkSync('/etc', join(folder, 'out'));
  expect(isReallyWithin(folder, join(folder, 'out', 'hostname'))).toBe(false);
  expect(isReallyWithin(folder, join(folder, '..folder', 'new'))).toBe(true);
  expect(isReallyWithin(folder, join(folder, '..'))).toBe(false);
});

test('sizes read well', () => {
  expect([byteText(100), byteText(1536), byteText(5 * 2 ** 30)]).toEqual(['100 bytes', '1.5 KiB', '5 GiB']);
});

test('a file that states nothing and never ends is given up', () => {
  // 2⁴⁷ bytes of address space, 8 bytes for each page of it.
  const { reason, message } = refusal(() => readRegularFile('/proc/self/pagemap', 2 ** 33));
  // A kernel may forbid to read it, and reading on to the limit that was given would take eight gigabytes.
  expect(reason === 'unreadable' || message.includes('more than the limit of 64 MiB')).toBe(true);
});

test('a file is read beside what this thread does under the same rules', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'hello');
  expect(new TextDecoder().decode(await readRegularFileBeside(path, 5))).toBe('hello');
  await expect(readRegularFileBeside(path, 4)).rejects.toMatchObject({ reason: 'too_large' });
  await expect(readRegularFileBeside(folder, 4)).rejects.toMatchObject({ reason: 'not_a_file' });
  await expect(readRegularFileBeside(join(folder, 'b'), 4)).rejects.toMatchObject({ reason: 'not_found' });
});
