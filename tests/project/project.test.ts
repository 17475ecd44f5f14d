import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findProject, resultsPlace } from '../../src/project/project.js';
import { outsideOfProject } from '../../src/project/project-folder.js';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-project-')));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function file(path: string, text = ''): string {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

function folder(path: string): string {
  mkdirSync(join(root, path), { recursive: true });
  return join(root, path);
}

/** `proj git`: the folder below the root, and its mark. */
function around(path: string): string {
  const project = findProject(join(root, path));
  return `${relative(root, project.folder) || '.'} ${project.mark ?? 'no mark'}`;
}

it('is found upwards by what marks it', () => {
  folder('a/.git');
  file('b/package.json');
  file('c/experiments/x.ae');
  file('d/results.db');
  for (const [name, mark] of [
    ['a', '.git'],
    ['b', 'package.json'],
    ['c', 'experiments'],
    ['d', 'results.db'],
  ] as const) {
    expect(around(folder(join(name, 'src/deep')).slice(root.length))).toBe(`${name} ${mark}`);
    expect(around(name)).toBe(`${name} ${mark}`);
  }
  expect(around('c/experiments')).toBe('c experiments');
  folder('e/deep');
  expect(around('e/deep')).toBe('e/deep no mark');
  symlinkSync(join(root, 'a/src'), join(root, 'link'));
  expect(around('link/deep')).toBe('a .git');
  // A folder that is yet to be made is in the project above it.
  expect(around('a/not/yet')).toBe('a .git');
});

it('is where results are already, so that no second ones are begun', () => {
  folder('repo/.git');
  file('repo/results.db');
  file('repo/part/experiments/x.ae');
  file('repo/part/package.json');
  expect(around('repo/part/experiments')).toBe('repo .git');
  rmSync(join(root, 'repo/results.db'));
  expect(around('repo/part/experiments')).toBe('repo/part package.json');
  file('repo/part/deeper/results.db');
  expect(around('repo/part/deeper')).toBe('repo/part/deeper results.db');
});

it('is not looked for above a repository', () => {
  file('outer/results.db');
  folder('outer/repo/.git');
  folder('outer/repo/deep/deeper');
  for (const path of ['outer/repo', 'outer/repo/deep', 'outer/repo/deep/deeper'])
    expect(around(path)).toBe('outer/repo .git');
  rmSync(join(root, 'outer/repo/.git'), { recursive: true });
  expect(around('outer/repo/deep')).toBe('outer results.db');
});

it('a file of another program named results.db is no mark, and a folder experiments without experiments none either', () => {
  file(
    'a/results.db',
    'SQLite format 3\0 of another program, and long enough to have all of a header in it: 0123456789',
  );
  file('a/experiments/notes.txt');
  folder('a/deep');
  expect(around('a/deep')).toBe('a/deep no mark');
  folder('a/results.db.sessions');
  expect(around('a/deep')).toBe('a results.db');
});

it('ends at a repository, at the home folder and at a shared one', () => {
  file('results.db');
  file('experiments/x.ae');
  folder('repo/sub/.git');
  folder('repo/.git');
  expect(around('repo/sub')).toBe('repo/sub .git');
  vi.stubEnv('HOME', root);
  folder('work');
  expect(around('work')).toBe('work no mark');
  expect(findProject(root)).toMatchObject({ folder: root, mark: null, isPersonal: true });
  expect(around('work/not/yet')).toBe('work/not/yet no mark');
  vi.stubEnv('HOME', '/nowhere');
  expect(around('work')).toBe('. experiments');
  chmodSync(root, 0o1777);
  expect(around('work')).toBe('work no mark');
});

it('a bare folder with experiments/ reads data beside it, and a repository around a project as well', () => {
  file('bare/experiments/x.ae');
  const table = file('bare/data/x.csv');
  const other = file('x.csv');
  const from = { path: join(root, 'bare/experiments/x.ae') };
  expect(outsideOfProject(table, from)).toBeNull();
  expect(outsideOfProject(other, from)).toContain(`outside the project (${join(root, 'bare')})`);
  folder('.git');
  expect(outsideOfProject(other, from)).toBeNull();
});

it('has its results in results.db, unless AEDSL_DB names others', () => {
  folder('repo/.git');
  const project = findProject(folder('repo/src'));
  vi.stubEnv('AEDSL_DB', '');
  const place = resultsPlace(project);
  expect(resolve(place.path)).toBe(join(root, 'repo/results.db'));
  expect(place.reason).toContain(join(root, 'repo'));
  vi.stubEnv('AEDSL_DB', 'other.db');
  expect(resultsPlace(project)).toEqual({ path: 'other.db', reason: 'AEDSL_DB names it' });
});
