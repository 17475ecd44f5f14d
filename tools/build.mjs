// Builds dist/: TypeScript, then the files that tsc does not copy. `npm ci` runs it through "prepare".
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

rmSync('dist', { recursive: true, force: true });
run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
run(process.execPath, 'tools/build-gradients.mjs');
run(process.execPath, 'tools/build-kernels.mjs');
run(process.execPath, 'tools/build-parser-library.mjs');
run(process.execPath, 'tools/build-programs.mjs');
chmodSync('dist/src/cli/main.js', 0o755);
