import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

// A clone of sources in which the last commit changed the last bit of one constant of the kernels. Its build copies dist/,
// which takes less time than compiling it.

// Ten seconds of computing; a busy machine takes its time.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let folder: string;
const kernels = 'dist/src/runtime/backend/simd/kernels.wasm';
const build = `import { cpSync, readFileSync, writeFileSync } from 'node:fs';
cpSync(${JSON.stringify(resolve('dist'))}, 'dist', { recursive: true });
const kernels = readFileSync('${kernels}');
const at = kernels.indexOf(Buffer.from(new Float32Array([0.16666521, 0.041668266]).buffer));
if (at < 0) throw new Error('the kernels have no such constants');
if (readFileSync('constant.txt', 'utf8') === 'wrong') kernels[at] ^= 1;
writeFileSync('${kernels}', kernels);
`;

function commit(constant: 'right' | 'wrong'): void {
  writeFileSync(join(folder, 'constant.txt'), constant);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args]);
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', `--message=${constant}`);
  execFileSync(process.execPath, ['tools/build.mjs'], { cwd: folder });
}

function aedsl(...args: readonly string[]) {
  return spawnSync(process.execPath, ['dist/src/cli/main.js', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
  });
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-one-ulp-')));
  for (const name of ['tools', 'node_modules', 'experiments']) mkdirSync(join(folder, name));
  for (const name of readdirSync('node_modules')) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of ['first.ae', 'first.ae.lock'])
    cpSync(join('experiments', name), join(folder, 'experiments', name));
  for (const name of ['package.json', 'package-lock.json']) cpSync(name, join(folder, name));
  writeFileSync(join(folder, '.gitignore'), 'dist\nnode_modules\nresults.db*\n');
  writeFileSync(join(folder, 'tools/build.mjs'), build);
  commit('right');
  const run = aedsl('run', 'experiments/first.ae', '--data', 'digits(take=128, test=16)', '--epochs', '2');
  if (run.status !== 0) throw new Error(run.stderr);
  commit('wrong');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('one ULP in a kernel moves what is locked', () => {
  const checked = aedsl('lock', '--check', '--quick');
  expect(checked.status).toBe(1);
  expect(checked.stdout).toMatch(/^first \(experiments\/first\.ae\): \d of \d moved$/m);
  expect(checked.stdout).toContain('the kernels have changed since it was locked');
});

it('and beside the commit before it, the tensor and its ULPs are named', () => {
  const before = readFileSync(join(folder, 'node_modules/typescript/package.json'), 'utf8');
  const refused = aedsl('verify', 'r1', '--against', 'HEAD~1');
  expect(refused.stderr).toContain('this runs its code');
  expect(refused.status).toBe(2);
  const verified = aedsl('verify', 'r1', '--against', 'HEAD~1', '--yes');
  expect(verified.status).toBe(1);
  expect(verified.stdout).toMatch(
    /r1: this aedsl \(simd\) and HEAD~1 \([0-9a-f]{7}\) first differ in step \d+ of train/,
  );
  expect(verified.stdout).toMatch(/the first tensor that differs: 'output \w+\[\d\]' \(sigmoid.*\) of step \d/);
  expect(verified.stdout).toMatch(/ [\d,]+ of [\d,]+ values differ, by at most [1-4] ULP; the first is \[\d+\]: /);
  expect(readFileSync(join(folder, 'node_modules/typescript/package.json'), 'utf8')).toBe(before);
  expect(execFileSync('git', ['-C', folder, 'worktree', 'list'], { encoding: 'utf8' }).trim().split('\n')).toHaveLength(
    1,
  );
});
