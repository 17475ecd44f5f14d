// The tests of the backend in the Nodes whose V8 takes vectors two at a time (simd/wide-vectors.ts), with every kernel
// compiled by V8's optimising compiler at once, which otherwise does so only with what runs long: npm run test:nodes
//
// The Nodes come from npm and are kept in .aedsl/nodes, which git ignores. Prints a line for each; exits 1 where a test fails.
// One that cannot be had is printed as skipped with the reason, and fails nothing.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { node, versions } from '../matrix/nodes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Liftoff is V8's other compiler of WebAssembly. */
const OPTIMISED = '--no-liftoff';

let status = 0;
for (const version of versions.filter((version) => Number.parseInt(version, 10) >= 24)) {
  const found =
    process.arch === 'x64' ? node(version, 'x64') : { skipped: `wide vectors are for x64, not ${process.arch}` };
  if ('skipped' in found) {
    console.log(`Node ${version}: skipped: ${found.skipped}`);
    continue;
  }
  // Not over the report of the tests that called this.
  const env = { ...process.env, NO_COLOR: '1', AEDSL_TEST_REPORT: '' };
  const run = (...args) => spawnSync(found.path, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
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
