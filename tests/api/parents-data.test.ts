import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rerun } from '../../src/api/rerun.js';
import { run } from '../../src/api/run.js';
import { runSweep } from '../../src/api/sweep.js';
import { planSweep } from '../../src/api/sweep-plan.js';
import { readSourceFile } from '../../src/api/world.js';
import type { Source } from '../../src/compiler/syntax/source.js';
import { openStore } from '../../src/runtime/store/store.js';

let folder = '';
let child: Source;
const table = (value: number) => `a,b\n${Array.from({ length: 12 }, (_, i) => `${value},${(i % 4) / 4}`).join('\n')}\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-parent-'));
  for (const name of ['common', 'mine']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'common', 'x.csv'), table(0.25));
  // The one beside the child has other values.
  writeFileSync(join(folder, 'mine', 'x.csv'), table(0.75));
  writeFileSync(
    join(folder, 'common', 'base.ae'),
    `experiment base {
  param hidden = 2
  data csv("x.csv")
  encoder { code: dense(hidden, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.01) { epochs = 1  batch = 4 }
}\n`,
  );
  writeFileSync(
    join(folder, 'mine', 'child.ae'),
    'experiment child extends "../common/base.ae" { param hidden = 3 }\n',
  );
  const source = readSourceFile(join(folder, 'mine', 'child.ae'));
  if ('problem' in source) throw new Error(source.problem);
  child = source;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether a stored run comes out as it was. */
async function trainsAgain(runId: string | null, store: string): Promise<boolean | null> {
  const { identical } = await rerun(runId ?? '', {
    store,
    keep: false,
    backend: null,
    threads: null,
    listener: () => {},
    signal: new AbortController().signal,
    commandLine: [],
  });
  return identical;
}

test('the data of a parent are beside the parent: in a run, a sweep, and when the run is trained again', async () => {
  const store = join(folder, 'results.db');
  const base = readSourceFile(join(folder, 'common', 'base.ae'));
  if ('problem' in base) throw new Error(base.problem);
  const parent = await run({ source: base, store });
  const own = await run({ source: child, store });
  expect(await trainsAgain(own.runId, store)).toBe(true);
  const { value: plan, diagnostics } = planSweep({ source: child, axes: ['hidden=3,4'] });
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  await runSweep({
    plan,
    store,
    signal: new AbortController().signal,
    listener: () => {},
    jobs: 1,
  });
  const reader = await openStore(store, { mode: 'read' });
  try {
    const checksums = new Set(reader.listRuns().map(({ id }) => reader.findRun(id).dataSha256));
    expect(checksums.size).toBe(1);
    expect(parent.runId).not.toBe(own.runId);
  } finally {
    reader.close();
  }
});

test("a path that a child writes for its parent's data set is relative to the child", async () => {
  const text = (name: string, params: string, word: string) => `experiment ${name} { ${params}
    data ${word} encoder { code: dense(1) } decoder { dense(input.size) } loss mse() train adam() { epochs = 1 } }`;
  const put = (path: string, content: string) => writeFileSync(join(folder, path), content);
  put('common/named.ae', text('named', 'param f = "x.csv"', 'csv(f)'));
  put('common/two.ae', text('two', 'param f = "x.csv"  param g = "x.csv"', 'csv(f, test_file=g)'));
  put('mine/named.ae', 'experiment own extends "../common/named.ae" { param f = "x.csv" }\n');
  put('mine/two.ae', 'experiment both extends "../common/two.ae" { param f = "x.csv" }\n');
  const read = (path: string) => {
    const source = readSourceFile(join(folder, path));
    if ('problem' in source) throw new Error(source.problem);
    return source;
  };
  const store = join(folder, 'named.db');
  const options = { store, backend: 'cpu' } as const;
  const parent = await run({ source: read('common/named.ae'), ...options });
  const own = await run({ source: read('mine/named.ae'), ...options });
  const reader = await openStore(store, { mode: 'read' });
  const data = [parent, own].map(({ runId }) => reader.findRun(runId ?? '').dataSha256);
  reader.close();
  expect(data[0]).not.toBe(data[1]);
  expect(await trainsAgain(own.runId, store)).toBe(true);
  await expect(run({ source: read('mine/two.ae'), ...options })).rejects.toMatchObject({
    diagnostics: [expect.objectContaining({ code: 'AE701', message: expect.stringContaining('two.ae and in') })],
  });
});
