// Finds out which test files come to the places of mistakes: with a probe at each of them, the tests run once.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, importsOf, place, read, root, runTests, tracked, write } from './copy.mjs';
import { withProbes } from './mutants.mjs';

/** What was found, for the next start: only tests that have changed, or came to a file that has, run again. */
const recordPath = join(root, '.aedsl', 'reach.json');
/** Where processes say what they come to, in a file for each test file. */
const said = join(root, '.aedsl', 'reached');
/** As they are without probes. */
const hashes = new Map(
  tracked
    .filter((path) => /^(src|grammar|tests)\/.*\.tsx?$/.test(path))
    .map((path) => [path, createHash('sha256').update(read(path)).digest('hex')]),
);
/** After so many test files the record is written. */
const atOnce = 40;

/** What names the place of a mutant. */
export function placeOf({ path, reached }) {
  return `${path}:${reached.start}-${reached.end}`;
}

/**
 * @param mutants that could be made
 * @param jobs runs of tests at one time
 * @returns for each test file the seconds that it takes, and the places that it comes to in its own process (`inside`) and
 *   in built programs and the built library (`started`)
 */
export async function reachOfTests(mutants, jobs) {
  const files = new Set(mutants.map(({ path }) => path));
  const tests = tracked.filter((path) => /\.test\.tsx?$/.test(path) && mayCome(path, files));
  const others = hashOf(tracked.filter((path) => /^(src|grammar)\//.test(path) && !files.has(path)));
  const record = existsSync(recordPath) ? JSON.parse(readFileSync(recordPath, 'utf8')) : {};
  const known = record.others === others ? record.tests : {};
  const hashOfTest = (path, { inside, started }) =>
    hashOf([...withHelpers(path), ...Object.keys(inside), ...Object.keys(started)]);
  const changed = tests.filter((path) => !(path in known) || known[path].hash !== hashOfTest(path, known[path]));
  changed.sort((a, b) => read(a).length - read(b).length);
  if (changed.length > 0) console.error(`${changed.length} test files run with probes`);
  for (const path of changed) delete known[path];
  await probed(mutants, changed, jobs, (found) => {
    for (const [path, test] of found) known[path] = { hash: hashOfTest(path, test), ...test };
    writeFileSync(recordPath, JSON.stringify({ others, tests: known }));
  });
  const places = (byFile) =>
    new Set(Object.entries(byFile).flatMap(([path, ranges]) => ranges.map((range) => `${path}:${range}`)));
  return tests
    .filter((path) => path in known)
    .map((path) => {
      const { seconds, inside, started } = known[path];
      return { path, seconds, inside: places(inside), started: places(started) };
    });
}

/**
 * Runs tests with probes.
 * @param keep is handed what some of them came to: `inside` and `started` have the ranges of places by file
 */
async function probed(mutants, tests, jobs, keep) {
  if (tests.length === 0) return;
  rmSync(said, { recursive: true, force: true });
  mkdirSync(said, { recursive: true });
  // Numbers of places begin with 1, and are negative in what is built.
  const places = [...new Map(mutants.map((mutant) => [placeOf(mutant), mutant])).values()];
  const originals = new Map([...new Set(places.map(({ path }) => path))].map((path) => [path, read(path)]));
  for (const [path, original] of originals) {
    const inside = places.flatMap(({ path: its, reached }, i) => (its === path ? [{ number: i + 1, reached }] : []));
    const built = inside.map(({ number, reached }) => ({ number: -number, reached }));
    write(path, withProbe(original, inside), withProbe(original, built));
  }
  bundle();
  const named = ({ path, seconds, numbers }) => {
    const test = { seconds, inside: {}, started: {} };
    for (const number of numbers) {
      const { path, reached } = places[Math.abs(number) - 1];
      const byFile = number > 0 ? test.inside : test.started;
      byFile[path] ??= [];
      byFile[path].push(`${reached.start}-${reached.end}`);
    }
    return [path, test];
  };
  const left = [...tests];
  const runs = Array.from({ length: jobs }, async () => {
    while (left.length > 0) keep((await runWithProbes(left.splice(0, atOnce))).map(named));
  });
  await Promise.all(runs);
  for (const [path, original] of originals) write(path, original);
  bundle();
  if (existsSync(join(said, 'unknown'))) console.error('some processes did not know the test that started them');
}

/** @returns the tests that pass, with the numbers of the places that they came to */
async function runWithProbes(paths) {
  const run = (which) => runTests(which, { config: 'tests/mutations/vitest.config.ts', bail: 0, seconds: 7200 });
  const results = await run(paths);
  if (results === null) throw new Error('the tests with probes did not end');
  for (const result of results.filter(({ failure }) => failure !== null)) {
    const [again] = (await run([result.path])) ?? [];
    if (again !== undefined) Object.assign(result, again);
    if (result.failure !== null)
      console.error(`fails without a mistake, so it judges none: ${result.path}: ${result.failure}`);
  }
  const passed = results.filter(({ failure }) => failure === null);
  return passed.map(({ path, seconds }) => {
    const file = join(said, encodeURIComponent(join(place, path)));
    const numbers = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
    return { path, seconds, numbers: new Set(numbers) };
  });
}

/** What a file with probes begins with, on its first line: no import, which would be one more module to load. */
const probe = `globalThis.reached ??= (() => {
  const { appendFileSync } = process.getBuiltinModule('node:fs');
  const file = ${JSON.stringify(`${said}/`)} + encodeURIComponent(process.env.AEDSL_REACHED_BY ?? 'unknown');
  const known = new Set();
  return (number) => {
    if (known.has(number)) return;
    known.add(number);
    appendFileSync(file, number + '\\n');
  };
})();`.replaceAll(/\s+/g, ' ');

function withProbe(source, numbered) {
  const hashbang = /^(#!.*\n)?/.exec(source)[0];
  return `${hashbang}${probe}${withProbes(source, numbered).slice(hashbang.length)}`;
}

/** Whether a test file could come to one of the files: it imports it, or what is built, or starts something. */
function mayCome(test, files) {
  const helpers = withHelpers(test);
  if (helpers.some((path) => /\bdist\b|child_process|worker_threads/.test(read(path)))) return true;
  return withImports(helpers, () => true).some((path) => files.has(path));
}

/** A test file, and what it imports of `tests/`. */
function withHelpers(test) {
  return withImports([test], (path) => path.startsWith('tests/'));
}

/** Modules, what they import of those that are meant, and so on. */
function withImports(paths, isMeant) {
  const found = new Set(paths);
  // A set also visits what is added meanwhile.
  for (const path of found) for (const imported of importsOf(path)) if (isMeant(imported)) found.add(imported);
  return [...found];
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0${hashes.get(path)}\0`);
  return hash.digest('hex');
}
