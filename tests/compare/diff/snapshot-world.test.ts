import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SnapshotWorld } from '../../../src/compare/diff/snapshot-world.js';
import { compile } from '../../../src/compiler/compile.js';
import { builtinWords } from '../../../src/words/words.js';

const experiment = (table: string) => `experiment e {
  data csv("${table}")
  encoder { code: dense(1) }
  decoder { dense(input.size) }
  loss mse()
  train adam() { epochs = 1  batch = 2 }
}`;

/** What a commit's data file is known by, of which these are the bytes. */
function hashIn(bytes: Uint8Array): string | undefined {
  const world = new SnapshotWorld({
    title: 'HEAD~1',
    commit: '1234567',
    root: '/project',
    paths: () => ['e.ae', 'rows.csv'],
    leftOut: () => [],
    read: (path) => (path === 'rows.csv' ? bytes : Buffer.from(experiment('rows.csv'))),
  });
  try {
    const source = world.source('e.ae');
    if (source === null) throw new Error('the experiment is in the snapshot');
    compile(source, null, { library: builtinWords, world });
    return world.dataOf({ path: 'rows.csv' }, source)?.sha256;
  } finally {
    world.close();
  }
}

it('carriage returns make another file of data only where it is no text, as for git', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const unix = hashIn(Buffer.from('a,b\n1,2\n'));
  expect(unix).toBe(sha256('a,b\n1,2\n'));
  expect(hashIn(Buffer.from('a,b\r\n1,2\r\n'))).toBe(unix);
  expect(hashIn(Buffer.from('a\0b\r\n'))).toBe(sha256('a\0b\r\n'));
  expect(hashIn(Buffer.from('\0,b\r\n'))).toBe(sha256('\0,b\r\n'));
  const [long, longer] = ['z'.repeat(7999), 'z'.repeat(8000)];
  expect(hashIn(Buffer.from(`${long}\0\r\n`))).toBe(sha256(`${long}\0\r\n`));
  expect(hashIn(Buffer.from(`${longer}\0\r\n`))).toBe(sha256(`${longer}\0\n`));
});

it("an error in a commit's data file names the file as git does, and no temporary folder", () => {
  const files: Readonly<Record<string, string>> = {
    'exps/e.ae': experiment('../data/rows.csv'),
    'data/rows.csv': 'a,b\n1,2\n3,four\n',
  };
  const world = new SnapshotWorld({
    title: 'HEAD~1',
    commit: '1234567',
    root: '/project',
    paths: () => Object.keys(files),
    leftOut: () => [],
    read: (path) => Buffer.from(files[path] ?? ''),
  });
  try {
    const source = world.source('exps/e.ae');
    if (source === null) throw new Error('the experiment is in the snapshot');
    const { diagnostics } = compile(source, null, { library: builtinWords, world });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "HEAD~1:data/rows.csv: row 3, column 'b': 'four' is no number",
    ]);
  } finally {
    world.close();
  }
});
