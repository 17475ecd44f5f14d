// Compiles the AssemblyScript kernels to kernels.wasm beside the TypeScript that loads it, and into dist when that exists.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordPackages } from './third-party.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join('src', 'runtime', 'backend', 'simd');
const wasm = join(source, 'kernels.wasm');

const options = [
  join(source, 'assembly', 'index.ts'),
  '--outFile',
  wasm,
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--enable',
  'threads',
  '--enable',
  'bulk-memory',
  // The limits admit every memory that linear-memory.ts creates.
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '16',
  '--maximumMemory',
  '65536',
  // Bytes 0 to 8191 are the control block (assembly/job.ts); static data lies above, the heap from 16384 on.
  '--memoryBase',
  '8192',
  ...(process.argv.includes('--text') ? ['--textFile', join(source, 'kernels.wat')] : []),
];
const { status } = spawnSync(process.execPath, [join('node_modules', 'assemblyscript', 'bin', 'asc.js'), ...options], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

const dist = join(root, 'dist', source);
if (existsSync(join(root, 'dist'))) {
  mkdirSync(dist, { recursive: true });
  for (const file of ['kernels.wasm', 'thread.mjs']) copyFileSync(join(root, source, file), join(dist, file));
  // Its runtime and standard library are compiled in.
  recordPackages(root, [join(root, 'node_modules', 'assemblyscript', 'package.json')]);
}
process.stdout.write(`kernels.wasm: ${Math.round(statSync(join(root, wasm)).size / 1024)} KiB\n`);
