import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { descriptionKept, keptDescription } from '../../../src/runtime/datasets/array-description.js';
import { keptSurvey } from '../../../src/runtime/datasets/kept-survey.js';
import { anyNumber, JsonError, readJson } from '../../../src/runtime/formats/json.js';
import { scratchFolder } from './scratch-folder.js';

const folder = scratchFolder();

it('what was found in large files is kept until they are written to, or something else is asked', () => {
  const place = join(folder.path, 'surveys');
  let found = 0;
  const ask = ({ size = 2 ** 27, modified = '1', given = 'a', to = place } = {}) => {
    const version = { size, modified, changed: '1', inode: '1:1', isGone: false };
    const file = { path: 'x.npy', place: 'x.npy', version, start: 128, rows: 2 };
    return keptSurvey(
      { of: 'checksum', rows: { files: [file], shape: [4], type: 'float32', littleEndian: true }, given },
      anyNumber,
      (kept) => (kept < 0 ? null : kept),
      () => ++found,
      to,
    );
  };
  expect([ask(), ask(), ask()]).toEqual([1, 1, 1]);
  expect([ask({ modified: '2' }), ask({ given: 'b' }), ask({ size: 2 ** 28 })]).toEqual([2, 3, 4]);
  expect([ask(), ask({ given: 'b' })]).toEqual([1, 3]);
  // A small file is read in a moment, and one that was just written may be written to again in the same instant.
  expect([ask({ size: 2 ** 20 }), ask({ size: 2 ** 20 })]).toEqual([5, 6]);
  const now = String(BigInt(Date.now()) * 1_000_000n);
  expect([ask({ modified: now }), ask({ modified: now })]).toEqual([7, 8]);
  for (const content of ['', '{', '"1"', 'null', '-1']) {
    for (const name of readdirSync(place)) writeFileSync(join(place, name), content);
    const again = ask();
    expect(again).toBe(found);
    expect(ask()).toBe(again);
  }
  const unwritable = join(folder.put('file', ''), 'surveys');
  expect(ask({ to: unwritable })).toBe(found);
});

it('a description is kept as it is', () => {
  const whole = {
    count: 3,
    shape: [2],
    low: -1.5,
    high: 2,
    classes: null,
    contents: { numbers: 'reals', columns: null, classNames: null, featureRanges: { low: [-1.5, 0], high: [2, 1] } },
    constants: ['2'],
  };
  const again = (described: object) => descriptionKept(readJson(keptDescription, JSON.stringify(described), 'it'));
  expect(again(whole)).toEqual(whole);
  const bytes = { ...whole, mostByte: 16, contents: { ...whole.contents, numbers: 'bytes', featureRanges: null } };
  expect(again(bytes)).toEqual(bytes);
  for (const other of [{ shape: ['2'] }, { constants: [2] }, { contents: { numbers: 'texts' } }]) {
    expect(() => again({ ...whole, ...other })).toThrow(JsonError);
  }
});
