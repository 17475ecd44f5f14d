import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rerun } from '../../src/compare/rerun.js';
import type { Source } from '../../src/compiler/syntax/source.js';
import { readSourceFile } from '../../src/project/world.js';
import { openStore } from '../../src/runtime/store/store.js';
import { planSweep } from '../../src/sweep/plan/sweep-plan.js';
import { run } from '../../src/sweep/run.js';
import { runSweep } from '../../src/sweep/sweep.js';
import { loadExamples } from '../../src/trial/data.js';
import { prepare } from '../../src/trial/prepare.js';
import { builtinWords } from '../../src/words/words.js';
import { inMemory } from '../runtime/datasets/in-memory.js';

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
    library: builtinWords,
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
  const { value: plan, diagnostics } = planSweep({ library: builtinWords, source: child, axes: ['hidden=3,4'] });
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

test('a path in a sweep block or a table of trials is relative to the file that has it', async () => {
  const put = (path: string, content: string) => writeFileSync(join(folder, path), content);
  const rest = 'encoder { code: dense(1) } decoder { dense(input.size) } loss mse() train adam() { epochs = 1 }';
  put('common/swept.ae', `experiment swept { param f = "x.csv"  let file = f  data csv(file) ${rest} }`);
  put('common/sets.ae', `experiment sets { data digits() ${rest}  sweep { data = [csv("x.csv"), digits()] } }`);
  put('mine/swept.ae', 'experiment s extends "../common/swept.ae" { sweep { f = ["x.csv", "../common/x.csv"] } }');
  put('own.ae', 'experiment o extends "common/swept.ae" { param f = "gone.csv"  sweep { f = "mine/x.csv" } }');
  put('mine/chosen.ae', 'experiment c extends "../common/swept.ae" { sweep { f = choice("x.csv")  seeds = 1 } }');
  put('mine/tabled.ae', 'experiment t extends "../common/swept.ae" { sweep { table = "../mine/rows.csv" } }');
  put('mine/rows.csv', 'f\n"""x.csv"""\n"""../common/x.csv"""\n');
  put('mine/sets.ae', 'experiment sets extends "../common/sets.ae" {}');
  put('common/data.csv', 'data\n"csv(""x.csv"")"\n');
  put('mine/named.ae', 'experiment n extends "../common/swept.ae" { sweep { data = [csv(f)] } }');
  const read = (path: string) => {
    const source = readSourceFile(join(folder, path));
    if ('problem' in source) throw new Error(source.problem);
    return source;
  };
  /** First values of the files that the trials read, as planned and as stored. */
  const valuesRead = async (path: string, axes: readonly string[] = []) => {
    const { value: plan, diagnostics } = planSweep({ library: builtinWords, source: read(path), axes });
    if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    return Promise.all(
      plan.trials.map(async ({ compiled, recipe }) => {
        const [planned, stored] = await Promise.all(
          [compiled, prepare({ library: builtinWords, recipe, seed: 1, backend: 'auto' }).compiled].map((request) =>
            loadExamples({ ...request, library: builtinWords }, {}),
          ),
        );
        expect(stored?.dataset.checksum).toBe(planned?.dataset.checksum);
        return planned?.dataset.name === 'digits' ? 'digits' : planned && inMemory(planned.dataset.train)[0];
      }),
    );
  };
  const [mine, common] = [0.75, 0.25];
  expect(await valuesRead('mine/swept.ae')).toEqual([mine, common]);
  expect(await valuesRead('own.ae')).toEqual([mine]);
  expect(await valuesRead('mine/chosen.ae')).toEqual([mine]);
  expect(await valuesRead('mine/tabled.ae')).toEqual([mine, common]);
  expect(await valuesRead('mine/sets.ae')).toEqual([common, 'digits']);
  expect(await valuesRead('mine/named.ae')).toEqual([common]);
  const tables = ['mine/rows.csv', 'common/data.csv'].map((path) => `@${join(folder, path)}`);
  expect(await valuesRead('common/swept.ae', tables.slice(0, 1))).toEqual([mine, common]);
  expect(await valuesRead('mine/sets.ae', tables.slice(1))).toEqual([common]);
});
