// Makes small mistakes in the sources, one at a time, and says which of them no test notices:
// npm run test:mutations -- [--count N] [--seed S] [--minutes M] [--jobs N] [PATH…]
//
//   PATH             files or folders to make them in; by default the floors between the runtime and the terminal
//   --count N        mistakes in all, divided evenly among the paths (default 60)
//   --seed S         which ones are drawn (default 1)
//   --minutes M      no further mistake is made after that
//   --jobs N         runs of tests at one time while probes are in the sources (default 1)
//
// All is done in a copy of the working tree, in .aedsl/mutations. First the tests run once, with a probe at each place where
// a mistake could be made, which says what test files come to it. That is kept in .aedsl/reach.json: as long as all other
// sources stay as they are, only tests that have changed, or came to a file that has, run again for it. Then each mistake
// is made, and the test files that come to it run, those first that come to little else. A failure counts when it comes
// twice. What isn't noticed by the nearest tests the types may refuse; then the program is built for the tests that start
// it.
//
// Prints a line for each mistake and a last line `N of M noticed`; exits 1 where fewer than four of five are.
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import { bundle, onOneLine, read, runTests, tracked, typesAgree, write } from './copy.mjs';
import { mutantsOf } from './mutants.mjs';
import { placeOf, reachOfTests } from './reach.mjs';

const { values: options, positionals } = parseArgs({
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
    jobs: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const floors = ['project', 'trial', 'execute', 'sweep', 'models', 'results', 'compare', 'cli'];
const paths = positionals.length > 0 ? positionals : floors.map((floor) => `src/${floor}`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const pools = paths.map((path) => {
  const inside = tracked.filter((file) => (file === path || file.startsWith(`${path}/`)) && /\.tsx?$/.test(file));
  if (inside.length === 0) throw new Error(`${path}: no TypeScript file`);
  return inside.flatMap((file) => mutantsOf(file, read(file)).map((mutant) => ({ ...mutant, path: file })));
});
const tests = await reachOfTests(pools.flat(), Number(options.jobs));
const ends = Date.now() + Number(options.minutes) * 60_000;
let [made, noticed] = [0, 0];
for (const mutant of drawn(Number(options.count))) {
  if (Date.now() > ends) break;
  made++;
  const { isNoticed, by } = await judged(mutant);
  if (isNoticed) noticed++;
  const change = `${mutant.path}:${mutant.line}  ${onOneLine(mutant.was)} → ${onOneLine(mutant.text)}`;
  console.log(`${isNoticed ? 'noticed    ' : 'NOT NOTICED'}  ${change}  (${by})`);
}
console.log(`${noticed} of ${made} noticed`);
process.exitCode = made > 0 && noticed / made >= 0.8 ? 0 : 1;

/** Mutants from each path in turn. */
function drawn(count) {
  const random = seedrandom(options.seed);
  const chosen = [];
  for (let turn = 0; chosen.length < count && pools.some((pool) => pool.length > 0); turn++) {
    const pool = pools[turn % pools.length];
    if (pool.length > 0) chosen.push(...pool.splice(Math.floor(random() * pool.length), 1));
  }
  return chosen;
}

/** Whether anything notices a mutant, and what does. */
async function judged(mutant) {
  const original = read(mutant.path);
  write(mutant.path, original.slice(0, mutant.start) + mutant.text + original.slice(mutant.end));
  try {
    const here = placeOf(mutant);
    const coming = tests.filter(({ inside, started }) => inside.has(here) || started.has(here));
    coming.sort((a, b) => a.inside.size + a.started.size - b.inside.size - b.started.size);
    // The built program is that of an earlier mutant as yet.
    const nearest = coming.filter(({ started }) => started.size === 0).slice(0, 6);
    const rest = coming.filter((test) => !nearest.includes(test));
    const early = await failing(nearest);
    if (early !== null) return { isNoticed: true, by: early };
    if (!typesAgree()) return { isNoticed: true, by: 'types' };
    if (rest.some(({ started }) => started.size > 0)) bundle();
    for (const batch of [rest.slice(0, 8), rest.slice(8, 40), rest.slice(40)]) {
      const late = await failing(batch);
      if (late !== null) return { isNoticed: true, by: late };
    }
    return { isNoticed: false, by: `${coming.length} test files come to it` };
  } finally {
    write(mutant.path, original);
  }
}

/** The first failure of the tests that comes again; null where there is none. */
async function failing(tests) {
  if (tests.length === 0) return null;
  const results = await run(tests);
  const failed = results?.find(({ failure }) => failure !== null);
  if (results !== null && failed === undefined) return null;
  const [again] = failed === undefined ? [] : ((await run(tests.filter(({ path }) => path === failed.path))) ?? []);
  if (again === undefined) return 'tests that do not end';
  if (again.failure !== null) return `${again.path}: ${again.failure}`;
  console.error(`fails only once: ${failed.path}: ${failed.failure}`);
  return failing(tests.filter(({ path }) => path !== failed.path));
}

function run(tests) {
  const paths = tests.map(({ path }) => path);
  return runTests(paths, { seconds: tests.reduce((sum, { seconds }) => sum + 20 * seconds, 300) });
}
