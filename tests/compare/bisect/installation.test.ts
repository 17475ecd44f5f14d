import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bisect } from '../../../src/compare/bisect/bisect.js';
import { readCondition } from '../../../src/compare/bisect/condition.js';
import { lockExperiments } from '../../../src/compare/lock/lock.js';
import { projectAround } from '../../../src/project/versioned-project.js';
import { formatLock, parseLock } from '../../../src/runtime/provenance/lock-file.js';
import { builtinWords } from '../../../src/words/words.js';
import { ScriptedHistory, smallExperiment, table } from '../diff/scripted-history.js';

const history = new ScriptedHistory();
beforeAll(() => {
  history.write('.gitignore', 'cache\nresults.db*\n');
  vi.stubEnv('XDG_CACHE_HOME', join(history.folder, 'cache'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  history.remove();
});

const common = {
  backend: 'auto',
  threads: null,
  store: null,
  listener: () => {},
  library: builtinWords,
  signal: new AbortController().signal,
  commandLine: [],
} as const;

/** A package of the name whose `work` gives one result, for any job of a text that is where the commit has it. */
function engine(loss: number): void {
  const nothing = { weightsSha256: '', pictures: [], failures: [], unfinished: false };
  const end = { status: 'complete', metrics: { 'test.loss': loss }, ...nothing };
  const file = { file: 'job.json', sha256: '', bytes: 0 };
  const files = { weights: file, chain: file, curves: [], divergence: null, seconds: 1 };
  const trained = { status: 'complete', metrics: {}, weightsSha256: '', ...files };
  const program = `const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const [, , command, path] = process.argv;
const { recipe, expected, seed } = JSON.parse(readFileSync(path, 'utf8'));
const [{ path: file, text }] = recipe.sources;
const isWhole = command === 'work' && expected === null && seed === 1 && readFileSync(file, 'utf8') === text;
if (!isWhole || !file.startsWith(process.cwd())) throw new Error('another job');
const job = readFileSync(path);
const result = ${JSON.stringify(trained)};
for (const file of [result.weights, result.chain]) {
  file.sha256 = createHash('sha256').update(job).digest('hex');
  file.bytes = job.length;
}
console.log(JSON.stringify({ type: 'trained', result }));
console.log('${JSON.stringify({ type: 'ended', end })}');
`;
  history.write('dist/src/cli/main.js', program);
  history.write('src/engine.ts', `export const loss = ${loss};\n`);
}

/** A lock file of the experiment, with a loss that the made-up engine would give. */
async function lockWith(loss: number): Promise<void> {
  const options = { project: projectAround(history.folder), experiments: ['small'], seeds: 1, sweep: false } as const;
  await lockExperiments({ ...options, ...common, backend: 'cpu' });
  const path = 'experiments/small.ae.lock';
  const sections = parseLock(history.read(path), path).sections.map((section) => ({
    ...section,
    metrics: { 'test.loss': [loss] },
  }));
  history.write(path, formatLock({ sections }));
}

it('trains each commit with its own installation where the engine differs within the range', async () => {
  const manifest = { name: 'aedsl', version: '0.0.1' };
  history.write('package.json', JSON.stringify(manifest));
  history.write('package-lock.json', JSON.stringify({ ...manifest, lockfileVersion: 3, packages: { '': manifest } }));
  history.write('experiments/small.ae', smallExperiment);
  history.write('experiments/data/table.csv', table('0.5'));
  engine(0.1);
  await lockWith(0.1);
  const good = history.commit('the first');
  history.write('notes.txt', 'nothing to do with it');
  history.commit('notes');
  history.write('dist/src/cli/main.js', 'process.exit(1);\n');
  history.write('src/engine.ts', 'it does not build');
  history.commit('broken');
  engine(0.3);
  history.commit('a faster kernel');
  history.edit('experiments/small.ae', 'h: dense', 'hidden: dense');
  history.commit('renamed');
  const options = {
    project: projectAround(history.folder),
    experiment: 'small',
    condition: readCondition('test.loss < 0.2'),
    range: `${good}..HEAD`,
    seeds: [1],
    install: null,
    ...common,
  };
  const said: string[] = [];
  const onProgress = (text: string) => said.push(text);
  const whose = 'code of up to 5 commits by A';
  // What the commits' code would do is theirs, so that somebody has to agree.
  await expect(bisect({ ...options, onProgress })).rejects.toThrow(whose);
  await expect(bisect({ ...options, onProgress, agrees: async () => false })).rejects.toThrow(whose);
  expect(said).toEqual([]);
  const found = await bisect({ ...options, onProgress, agrees: async (what) => what.includes(whose) });
  expect(said[0]).toContain(whose);
  expect(found).toMatchObject({ culprit: { subject: 'a faster kernel' }, installed: true });
  expect(found?.changes).toEqual(['engine: other sources of aedsl, or another lock file of packages']);
  expect(found?.suspects.map(({ subject }) => subject)).toEqual(['broken']);
  expect(found?.tried.map(({ value }) => value)).toEqual([0.1, 0.1, null, 0.3, 0.3]);
  // The lock file is still there after the kernel changed, and says nothing of what that gives.
  expect(found?.tried.map(({ from }) => from)).toEqual(['lock', 'lock', null, 'the same content', 'its own aedsl']);
  expect(found?.tried[2]?.reason).toBe('its command ended with code 1 before it reported the end of the trial');
  expect(history.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});
