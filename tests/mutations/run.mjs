// Makes small mistakes in the sources, one at a time, and says which of them no test notices:
// npm run test:mutations -- [--count N] [--seed S] [--minutes M] [--near] [PATH…]
//
//   PATH             files or folders to make them in; by default the floors between the runtime and the terminal
//   --count N        mistakes in all, divided evenly among the paths (default 60)
//   --seed S         which ones are drawn (default 1)
//   --minutes M      no further mistake is made after that
//   --near           mistakes that no test of their floor notices count as not noticed: a lower bound, in a fraction of
//                    the time
//
// The mistakes are made in a copy of the working tree, in .aedsl/mutations. The six tests that import the file most
// directly and don't start the built program are run first. Where none of them fails, the program is built, which a type
// may refuse; then the tests of the file's floor are run, then all others that import it or start the program. Prints a
// line for each mistake and a last line `N of M noticed`; exits 1 where fewer than four of five are. Most mistakes take
// some seconds, and one that nothing notices as long as all tests.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import ts from 'typescript';
import { mutantsOf } from './mutants.mjs';

const { values: options, positionals } = parseArgs({
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
    near: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const floors = ['project', 'trial', 'execute', 'sweep', 'models', 'results', 'compare', 'cli'];
const paths = positionals.length > 0 ? positionals : floors.map((floor) => `src/${floor}`);

const root = fileURLToPath(new URL('../..', import.meta.url));
const place = join(root, '.aedsl', 'mutations');
const tracked = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(existsIn(root));
copyTree();

const random = seedrandom(options.seed);
const importers = importersOf(tracked.filter((path) => /\.tsx?$/.test(path)));
const ends = Date.now() + Number(options.minutes) * 60_000;
let [made, noticed] = [0, 0];
for (const mutant of drawn(Number(options.count))) {
  if (Date.now() > ends) break;
  made++;
  const by = whoNotices(mutant);
  if (by !== null) noticed++;
  const change = `${mutant.path}:${mutant.line}  ${onOneLine(mutant.was)} → ${onOneLine(mutant.text)}`;
  console.log(`${by === null ? 'NOT NOTICED' : 'noticed    '}  ${change}${by === null ? '' : `  (${by})`}`);
}
console.log(`${noticed} of ${made} noticed`);
process.exitCode = made > 0 && noticed / made >= 0.8 ? 0 : 1;

/** Mutants from each path in turn. */
function drawn(count) {
  const pools = paths.map((path) => {
    const inside = tracked.filter((file) => (file === path || file.startsWith(`${path}/`)) && /\.tsx?$/.test(file));
    if (inside.length === 0) throw new Error(`${path}: no TypeScript file`);
    return inside.flatMap((file) => mutantsOf(file, read(file)).map((mutant) => ({ ...mutant, path: file })));
  });
  const chosen = [];
  for (let turn = 0; chosen.length < count && pools.some((pool) => pool.length > 0); turn++) {
    const pool = pools[turn % pools.length];
    if (pool.length > 0) chosen.push(...pool.splice(Math.floor(random() * pool.length), 1));
  }
  return chosen;
}

/** The test file, or `types`, that notices the mutant; null where nothing does. */
function whoNotices(mutant) {
  const original = read(mutant.path);
  const source = original.slice(0, mutant.start) + mutant.text + original.slice(mutant.end);
  writeFileSync(join(place, mutant.path), source);
  try {
    const tests = [...distancesFrom(mutant.path)]
      .filter(([path]) => isTest(path))
      .sort(([, a], [, b]) => a - b)
      .map(([path]) => path);
    const nearest = tests.filter((path) => !startsProgram(path)).slice(0, 6);
    const rest = new Set([...tests, ...tracked.filter((path) => isTest(path) && startsProgram(path))]);
    for (const path of nearest) rest.delete(path);
    const isOfFloor = (path) => path.startsWith(mutant.path.replace(/^src\/([^/]+)\/.*/, 'tests/$1/'));
    const [near, far] = [[...rest].filter(isOfFloor), [...rest].filter((path) => !isOfFloor(path))];
    const first = failing(nearest);
    if (first !== null) return first;
    if (!built()) return 'types';
    return failing(near) ?? (options.near ? null : failing(far));
  } finally {
    writeFileSync(join(place, mutant.path), original);
  }
}

/** Builds the program with the mutant in it. @returns whether the types agree */
function built() {
  const run = (...args) => spawnSync(process.execPath, args, { cwd: place, encoding: 'utf8' });
  // Not incrementally: bundling replaces the programs that tsc wrote.
  const compiled = run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
  if (compiled.status !== 0) return false;
  const bundled = run('tools/build-programs.mjs');
  if (bundled.status !== 0) throw new Error(bundled.stderr);
  return true;
}

function isTest(path) {
  return /\.test\.tsx?$/.test(path);
}

/** Whether a test starts the built program. */
function startsProgram(path) {
  return /dist\/|command\.js/.test(read(path));
}

/** The first of the tests that fails. */
function failing(tests) {
  if (tests.length === 0) return null;
  const report = join(place, 'report.json');
  rmSync(report, { force: true });
  const env = { ...process.env, AEDSL_TEST_REPORT: report, NO_COLOR: '1' };
  // A loaded machine must not look like a test that notices.
  const patience = ['--testTimeout=300000', '--hookTimeout=400000'];
  const run = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', ...patience, ...tests],
    {
      cwd: place,
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      timeout: 7_200_000,
    },
  );
  if (run.status === 0) return null;
  if (!existsSync(report)) return 'tests that do not end';
  const results = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const failed = results.find(({ status }) => status === 'failed');
  if (failed === undefined) return 'a test that could not be run';
  const assertion = failed.assertionResults.find(({ status }) => status === 'failed');
  const [message = failed.message] = assertion?.failureMessages ?? [];
  return `${relative(place, failed.name)}: ${assertion?.title ?? 'the whole file'}: ${onOneLine(message).slice(0, 100)}`;
}

/** Files that import each file, directly. */
function importersOf(files) {
  const known = new Set(files);
  const found = new Map();
  for (const file of files) {
    for (const { fileName } of ts.preProcessFile(read(file)).importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const target = join(dirname(file), fileName);
      for (const candidate of [target.replace(/\.js$/, '.ts'), target.replace(/\.js$/, '.tsx')]) {
        if (known.has(candidate)) found.set(candidate, [...(found.get(candidate) ?? []), file]);
      }
    }
  }
  return found;
}

function distancesFrom(path) {
  const distances = new Map([[path, 0]]);
  // A Map is gone through in the order of insertion, with what is added meanwhile.
  for (const [file, distance] of distances) {
    for (const importer of importers.get(file) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1);
    }
  }
  return distances;
}

function copyTree() {
  rmSync(place, { recursive: true, force: true });
  for (const path of tracked) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    cpSync(join(root, path), join(place, path));
  }
  for (const path of git('ls-files', '-z', '--others', '--ignored', '--exclude-standard', 'src')
    .split('\0')
    .filter(existsIn(root))) {
    cpSync(join(root, path), join(place, path));
  }
  if (!existsSync(join(root, 'dist'))) throw new Error('npm run build first');
  cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true });
  symlinkSync(resolve(root, 'node_modules'), join(place, 'node_modules'));
  // Tests look for the project that they are in, and for the commit.
  const author = ['-c', 'user.name=mutations', '-c', 'user.email=mutations@localhost'];
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    [...author, 'commit', '-q', '-m', 'Unchanged'],
  ]) {
    spawnSync('git', args, { cwd: place });
  }
}

function existsIn(folder) {
  return (path) => path !== '' && existsSync(join(folder, path));
}

/** From the copy: the working tree may change meanwhile. */
function read(path) {
  return readFileSync(join(place, path), 'utf8');
}

function git(...args) {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }).stdout;
}

function onOneLine(text) {
  return text.replaceAll(/\s+/g, ' ');
}
