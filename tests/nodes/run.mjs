// What other Nodes than this one do: npm run test:nodes
//
// - Results (results.mjs), in every Node that the project supports.
// - The tests of the backend, in Nodes whose V8 takes vectors two at a time (simd/wide-vectors.ts), with every kernel compiled by
//   V8's optimising compiler at once, which otherwise does so only with what runs long.
//
// The Nodes come from npm and are kept in .aedsl/nodes, which git ignores. Prints a line for each; exits 1 where a test fails.
// One that cannot be had is printed as skipped with the reason, and fails nothing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { node, versions } from '../matrix/nodes.mjs';
import { resultsIn } from './results.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Liftoff is V8's other compiler of WebAssembly. */
const OPTIMISED = '--no-liftoff';
const major = (version) => Number.parseInt(version, 10);

let status = 0;
const found = versions.flatMap((version) => {
  const at = process.arch === 'x64' ? node(version, 'x64') : { skipped: `the Nodes are for x64, not ${process.arch}` };
  if ('path' in at) return { version, path: at.path };
  console.log(`Node ${version}: skipped: ${at.skipped}`);
  return [];
});

// Older Nodes take a binary of SQLite that was built for them alone, which this clone has for its own line.
const withSqlite = found.filter(
  ({ version }) =>
    version !== process.versions.node && (major(version) >= 22 || major(version) === major(process.versions.node)),
);
if (withSqlite.some(({ version }) => major(version) >= 22)) {
  const { lines, failed } = resultsIn(withSqlite);
  for (const line of lines) console.log(line);
  if (failed) status = 1;
}

for (const { version, path } of found.filter(({ version }) => major(version) >= 24)) {
  // Not over the report of the tests that called this.
  const env = { ...process.env, NO_COLOR: '1', AEDSL_TEST_REPORT: '' };
  const run = (...args) => spawnSync(path, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const tests = run('node_modules/vitest/vitest.mjs', 'run', 'tests/runtime/backend', `--execArgv=${OPTIMISED}`);
  const conformance = run(OPTIMISED, 'tests/conformance/run.mjs');
  const [counted = 'no tests were run'] = tests.stdout.match(/Tests .*/) ?? [];
  console.log(`Node ${version}: ${counted}; TF.js's suite: ${conformance.stdout.trim().split('\n').at(-1)}`);
  for (const { status: code, stdout, stderr } of [tests, conformance]) {
    if (code === 0) continue;
    console.log(stdout, stderr);
    status = 1;
  }
}
process.exit(status);
