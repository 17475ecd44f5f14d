// Builds dist/: TypeScript, then the files that tsc does not copy: node tools/build.mjs [--if-changed]
//
// "prepare" passes --if-changed: npm runs it after `npm ci`, and once more for the first `npx aedsl` in a clone, which would
// wait for a build of what is built already. So does "test", which follows `npm ci` in CI.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeThirdParty } from './third-party.mjs';

/** What the build depends on; the lock file stands for the packages. */
const folders = ['src', 'grammar', 'tools', 'tests/oracle'];
const files = ['tsconfig.json', 'package.json', 'package-lock.json', 'LICENSE'];
const builtFrom = 'dist/built-from.sha256';
/** What Node keeps there of the code that it compiled. */
const compiled = join('dist', 'compiled');

if (!process.argv.includes('--if-changed') || !isUpToDate()) build();

function build() {
  rmSync('dist', { recursive: true, force: true });
  run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
  run(process.execPath, 'tools/build-gradients.mjs');
  run(process.execPath, 'tools/build-kernels.mjs');
  run(process.execPath, 'tools/build-parser-library.mjs');
  run(process.execPath, 'tools/build-programs.mjs');
  writeThirdParty(process.cwd());
  chmodSync('dist/src/cli/main.js', 0o755);
  writeFileSync(builtFrom, checksum());
}

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function isUpToDate() {
  return existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === checksum();
}

/** Of all that the build depends on and all that it writes, there too (the kernels). */
function checksum() {
  const hash = createHash('sha256');
  const built = filesIn('dist').filter((file) => file !== builtFrom && !file.startsWith(compiled));
  for (const file of [...files, ...folders.flatMap(filesIn), ...built])
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
}
