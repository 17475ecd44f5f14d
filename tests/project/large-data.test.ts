import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FileFormat } from '../../src/compiler/library/data-file.js';
import { failed } from '../../src/compiler/library/word.js';
import { fileWorld } from '../../src/project/world.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const folder = scratchFolder();

test('a data file that takes seconds is announced before it is looked through, unless a part of it is read', () => {
  const made = (name: string, bytes: number) => {
    const path = folder.put(name, '');
    const file = openSync(path, 'r+');
    ftruncateSync(file, bytes);
    closeSync(file);
  };
  made('large.npy', 600 * 2 ** 20);
  made('small.npy', 100);
  const announced: unknown[] = [];
  const format: FileFormat = {
    areFolders: false,
    names: /\.npy$/,
    describe: () => failed('AE702', 'is not read here'),
  };
  const describe = fileWorld('auto', new Map(), (path, bytes) => announced.push([path, bytes])).describeFile({
    path: `${folder.path}/e.ae`,
    text: '',
  });
  const used = { take: null, validation: 0, test: null, shuffleSeed: null };
  for (const path of ['large.npy', 'small.npy', 'none.npy']) describe({ format: 'npy', path }, used, format);
  describe({ format: 'npy', path: 'large.npy' }, { ...used, take: 10 }, format);
  expect(announced).toEqual([['large.npy', 600 * 2 ** 20]]);
});
