import { expect, it } from 'vitest';
import { SnapshotWorld } from '../../../src/compare/diff/snapshot-world.js';
import { compile } from '../../../src/compiler/compile.js';
import { builtinWords } from '../../../src/words/words.js';

it("an error in a commit's data file names the file as git does, and no temporary folder", () => {
  const files: Readonly<Record<string, string>> = {
    'exps/e.ae': `experiment e {
      data csv("../data/rows.csv")
      encoder { code: dense(1) }
      decoder { dense(input.size) }
      loss mse()
      train adam() { epochs = 1  batch = 2 }
    }`,
    'data/rows.csv': 'a,b\n1,2\n3,four\n',
  };
  const world = new SnapshotWorld({
    title: 'HEAD~1',
    commit: '1234567',
    root: '/project',
    paths: () => Object.keys(files),
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
