import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { recordedIn } from '../../src/project/recorded-place.js';
import { fileWorld } from '../../src/project/world.js';
import { loadRecorded } from '../../src/trial/recorded-data.js';
import { builtinWords } from '../../src/words/words.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-recorded-')));
const provided = join(folder, 'data');
const project = join(folder, 'project');
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('missing data are said to be in none of the places where they may be read, and no others are named', async () => {
  mkdirSync(provided);
  mkdirSync(join(project, '.git'), { recursive: true });
  writeFileSync(join(provided, 'rows.csv'), 'a,b\n1,2\n3,4\n5,6\n');
  const text = `experiment e {
    data csv("../data/rows.csv")
    encoder { code: dense(1) }
    decoder { dense(input.size) }
    loss mse()
    train adam() { epochs = 1  batch = 2 }
  }`;
  vi.stubEnv('AEDSL_DATA', provided);
  const source = { path: join(project, 'e.ae'), text };
  const { value: experiment, diagnostics } = compile(source, null, { library: builtinWords, world: fileWorld() });
  if (experiment === null) throw new Error(diagnostics[0]?.message);
  rmSync(join(provided, 'rows.csv'));
  const refused = () =>
    loadRecorded(
      { ...experiment, library: builtinWords },
      { run: 'r1', isIt: () => true },
      recordedIn(join(project, 'results.db')),
    );
  await expect(refused()).rejects.toThrow(`${join(provided, 'rows.csv')} (not there)`);
  vi.stubEnv('AEDSL_DATA', '');
  const message = await refused().then(String, String);
  expect(message).toContain(`${join(project, 'rows.csv')} (not there)`);
  expect(message).not.toContain(join('data', 'rows.csv (not there)'));
});
