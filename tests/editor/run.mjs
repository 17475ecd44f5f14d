// Ten thousand random edits of experiments, after which the server's diagnostics must be those of `aedsl check`:
//   npm run test:editor [-- EDITS [SEED]]
import { spawnSync } from 'node:child_process';

const [edits = '10000', seed = '1'] = process.argv.slice(2);
const { status } = spawnSync('npx', ['vitest', 'run', 'tests/editor/random-edits.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, AEDSL_EDITS: edits, AEDSL_EDIT_SEED: seed },
});
process.exitCode = status ?? 1;
