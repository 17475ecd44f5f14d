import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sqlitePackageFor } from '../../src/runtime/store/sqlite.js';
import { type Workplace, workplace } from './command.js';

let place: Workplace;
beforeAll(() => {
  place = workplace();
});
afterAll(() => place.leave());

it('doctor says what the machine, its drive and git can do, and leaves nothing behind', () => {
  const before = readdirSync(place.folder);
  const { status, stdout } = place.aedsl('doctor', '--json', '--db', 'new/folder/results.db');
  expect(status).toBe(0);
  const collector: readonly { what: string; ok: boolean }[] = JSON.parse(stdout);
  const fine = collector.filter(({ ok }) => ok).map(({ what }) => what);
  expect(fine).toEqual(
    expect.arrayContaining(['cores', 'memory', 'temporary folder', 'results.db', 'drive: writes', 'drive: locks']),
  );
  expect(fine).toEqual(expect.arrayContaining(['drive: write-ahead log', 'drive: sync of folders', 'backend simd']));
  expect(readdirSync(place.folder)).toEqual(before);
});

it('doctor fails, and says what to do, where something that is needed is missing', () => {
  mkdirSync(join(place.folder, 'bin'));
  const env = { TMPDIR: join(place.folder, 'nowhere'), PATH: join(place.folder, 'bin') };
  const { status, stdout, stderr } = place.aedslWith(env, 'doctor', '--db', '/proc/results.db');
  expect(status).toBe(4);
  expect(stdout).toMatch(/^NO +temporary folder .*no such file or folder; TMPDIR must name/m);
  expect(stdout).toMatch(/^- +git +not found; runs are stored without their commit/m);
  expect(stdout).toMatch(/^NO +drive: writes .*--db$/m);
  expect(stderr).toMatch(/not ready: temporary folder, drive: writes, /);
});

it('what is at the path of the results must be results', () => {
  writeFileSync(join(place.folder, 'no.db'), 'this is no database, but a text of some length that says so');
  for (const path of ['no.db', '.']) {
    const { status, stdout } = place.aedsl('doctor', '--db', path);
    expect([path, status]).toEqual([path, 4]);
    expect(stdout).toMatch(/^NO +database /m);
  }
});

it('doctor says which SQLite is in use', () => {
  const { stdout } = place.aedsl('doctor');
  const name = sqlitePackageFor(process.versions.napi);
  const version = name === 'better-sqlite3' ? '12' : '13';
  expect(stdout).toMatch(
    new RegExp(
      `^ok +results\\.db +SQLite 3\\.[\\d.]+ loads, by better-sqlite3 ${version}\\.[\\d.]+ \\(node_modules/${name}\\)$`,
      'm',
    ),
  );
});

it.each([
  ['9', 'better-sqlite3'],
  ['10', 'better-sqlite3-13'],
  ['11', 'better-sqlite3-13'],
  [undefined, 'better-sqlite3'],
])('with Node-API %s, SQLite is the package %s', (nodeApi, name) => {
  expect(sqlitePackageFor(nodeApi)).toBe(name);
});

const failingDlopen = (message: string, properties: string) =>
  `process.dlopen = () => { throw Object.assign(new Error('${message}'), ${properties}) }`;

it.each([
  [
    'was built for another Node',
    failingDlopen('The module\\nwas compiled against a different Node.js version', `{ code: 'ERR_DLOPEN_FAILED' }`),
    /install it again .*npm rebuild better-sqlite3$|install aedsl again with this Node .*build-release/m,
  ],
  [
    'was not built at all',
    failingDlopen('Could not locate the bindings file. Tried:\\n → /somewhere', `{ tries: ['/somewhere'] }`),
    /install it again .*npm rebuild better-sqlite3$|install aedsl again with this Node .*build-release/m,
  ],
  [
    'is not installed',
    `const modules = require('node:module');
    const resolve = modules._resolveFilename;
    modules._resolveFilename = (name, ...rest) => resolve(name.replace(/^better-sqlite3/, './not-here/$&'), ...rest);
    const load = modules._load;
    modules._load = (name, ...rest) => {
      try {
        return load(name, ...rest);
      } catch (error) {
        error.message = error.message.replace('./not-here/', '');
        throw error;
      }
    };`,
    /\(the package better-sqlite3(-13)? is not installed\)[\s;]+install aedsl again with this Node .* without --omit=optional/,
  ],
])('SQLite that %s is no defect', (_, preloaded, advice) => {
  const loader = join(place.folder, 'no-sqlite.cjs');
  writeFileSync(loader, preloaded);
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(loader)}` };
  const doctor = place.aedslWith(env, 'doctor');
  expect([doctor.status, doctor.stdout]).toEqual([
    4,
    expect.stringMatching(/^NO +results\.db +SQLite does not load \([^\n→]*\); install .*again/m),
  ]);
  expect(doctor.stdout).toMatch(advice);
  const run = place.aedslWith(env, 'run', 'experiments/first.ae', '--max-steps', '1');
  expect([run.status, run.stdout, run.stderr]).toEqual([
    4,
    '',
    expect.stringMatching(/^aedsl: SQLite does not load \([^\n→]*\)\n {2}install .*again/),
  ]);
  expect(run.stderr).toMatch(advice);
});
