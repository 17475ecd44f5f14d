// The columns of the determinism matrix: each is a way to compute the hashes of all rows, or a reason why not here.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandColumns } from './command-columns.mjs';
import { arm64Version, node, versions } from './nodes.mjs';

const measure = fileURLToPath(new URL('measure.mjs', import.meta.url));
const arm64Libraries = '/usr/aarch64-linux-gnu';

/**
 * @typedef {object} Outcome hashes by row; or why there are none
 * @property {Map<string, string>} [hashes]
 * @property {string} [skipped]
 * @property {Map<string, string>} [missing] rows that this way cannot compute, with the reason
 */

/** The lines that measure.mjs prints in another process. */
function measuredBy(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`${command} ended with ${signal ?? code}`));
      const lines = text.split('\n').filter((line) => line !== '');
      resolve({ hashes: new Map(lines.map((line) => JSON.parse(line)).map(({ name, sha256 }) => [name, sha256])) });
    });
  });
}

const threadColumn = (threads) => ({
  title: `${threads} thread${threads > 1 ? 's' : ''}`,
  measure: (rows) => measuredBy(process.execPath, [measure, '--threads', String(threads), ...rows]),
});

/** Every operation a kernel of its own. */
const unfusedColumn = {
  title: 'unfused',
  measure: (rows) =>
    measuredBy(process.execPath, [measure, '--trials', '--threads', '2', ...rows], { AEDSL_FUSE: '0' }),
};

const resumedColumn = {
  title: 'resumed',
  measure: (rows) => measuredBy(process.execPath, [measure, '--trials', '--resumed', '--threads', '2', ...rows]),
};

/** With every kernel compiled by V8's optimising compiler at once, which few steps would not make it do. */
const nodeColumn = (version) => ({
  title: `Node ${version}`,
  async measure(rows) {
    if (process.arch !== 'x64') return { skipped: `npm's Node for x64 does not run on ${process.arch}` };
    const found = node(version, 'x64');
    return 'path' in found ? measuredBy(found.path, ['--no-liftoff', measure, '--threads', '2', ...rows]) : found;
  },
});

/** An arm64 Node in qemu's user mode: the kernels, the threads and V8's compiler for that processor. */
const arm64Column = {
  title: 'arm64',
  async measure(rows) {
    const native = process.arch === 'arm64' && process.platform === 'linux';
    if (native) return { skipped: 'this is an arm64 machine: the first column shows it' };
    if (spawnSync('qemu-aarch64', ['--version']).status !== 0) {
      return { skipped: 'qemu-aarch64 is not installed (Debian: apt install qemu-user)' };
    }
    if (!existsSync(`${arm64Libraries}/lib/libc.so.6`) || !existsSync(`${arm64Libraries}/lib/libstdc++.so.6`)) {
      return { skipped: `no arm64 C library (Debian: apt install libc6-arm64-cross libstdc++6-arm64-cross)` };
    }
    const found = node(arm64Version, 'arm64');
    if (!('path' in found)) return found;
    return measuredBy('qemu-aarch64', ['-L', arm64Libraries, found.path, measure, '--threads', '2', ...rows]);
  },
};

/** All columns; the first is the one that `--write` takes over. */
export function columns(committed) {
  return [
    ...[1, 2, 4].map(threadColumn),
    unfusedColumn,
    resumedColumn,
    ...versions.map(nodeColumn),
    arm64Column,
    ...commandColumns(committed),
  ];
}
