import {
  chmodSync,
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
import { fileOperations, writeFile } from '../../src/files/write-file.js';
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

test('a device is written and not replaced', () => {
  writeFile('/dev/null', 'anything');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
