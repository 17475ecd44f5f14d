import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../src/files/folders.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder is made with those above it, and one that is there is left alone', () => {
  for (let time = 0; time < 2; time++) makeFolder(join(folder, 'a', 'b', 'c'));
  expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true);
});

test('where none can be made the system says so, and does so at once', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file'))).toThrow('EEXIST');
  expect(() => makeFolder(join(folder, 'file', 'x'))).toThrow('ENOTDIR');
  if (process.platform === 'linux') expect(() => makeFolder('/proc/x/y')).toThrow('ENOENT');
});
