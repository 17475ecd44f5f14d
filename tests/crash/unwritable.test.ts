import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Finished, program, type Workplace, workplace } from '../cli/command.js';
import { sweepRows } from './sweep-rows.js';

/** Anyone but root, who may write everywhere; undefined when the tests don't run as root. */
const ordinaryUser = process.getuid?.() === 0 ? 65534 : undefined;

let place: Workplace;
beforeAll(() => {
  place = workplace();
});
afterAll(() => {
  chmodSync(place.folder, 0o755);
  place.leave();
});

function aedsl(...args: readonly string[]): Finished {
  return spawnSync(process.execPath, [program, ...args], {
    cwd: place.folder,
    encoding: 'utf8',
    env: { ...process.env, CI: '1', NO_COLOR: '1', HOME: place.folder, XDG_CACHE_HOME: join(place.folder, 'cache') },
    ...(ordinaryUser === undefined ? {} : { uid: ordinaryUser, gid: ordinaryUser }),
  });
}

/** The folder and all in it belong to the one who runs the command, and may be read or also written. */
function allow(what: 'reading' | 'writing'): void {
  const all = readdirSync(place.folder, { recursive: true, encoding: 'utf8' }).map((name) => join(place.folder, name));
  for (const path of [...all, place.folder]) {
    if (ordinaryUser !== undefined) chownSync(path, ordinaryUser, ordinaryUser);
    const isFolder = statSync(path).isDirectory();
    const readable = isFolder ? 0o555 : 0o444;
    chmodSync(path, what === 'reading' ? readable : readable | 0o200);
  }
}

it('a sweep that cannot be kept says so before it trains; what is kept can be looked at, and goes on where it can', () => {
  const text = `experiment little {
    data digits(take=120, test=40) { center_crop(10) }
    encoder { code: dense(6, activation=sigmoid) }
    decoder { dense(input.size, activation=sigmoid) }
    loss mse()
    train adam(lr=0.01) { epochs = 2  batch = 20 }
  }`;
  writeFileSync(join(place.folder, 'little.ae'), text);
  const sweep = ['sweep', 'little.ae', '--seeds', '2', '--reporter', 'plain'];
  allow('reading');
  const refused = aedsl(...sweep);
  expect(refused.status).toBe(4);
  expect(refused.stderr).toMatch(/may not be written|read-only|permission/i);
  expect(refused.stderr).not.toContain('complete');
  allow('writing');
  expect(aedsl(...sweep).status).toBe(0);
  allow('reading');
  const rows = sweepRows(join(place.folder, 'results.db'));
  expect(aedsl('ls').stdout).toContain('2 complete');
  for (const command of [
    [...sweep, '--force'],
    ['resume', 's1'],
  ]) {
    const ended = aedsl(...command);
    expect(ended.status).toBe(4);
    expect(ended.stderr).toMatch(/may not be written|read-only|permission/i);
  }
  chmodSync(join(place.folder, 'results.db'), 0o000);
  const unreadable = aedsl('ls');
  expect([unreadable.status, unreadable.stderr]).toEqual([
    4,
    expect.stringMatching(/results\.db: it cannot be read: permission denied\n.*chmod u\+rw/),
  ]);
  allow('writing');
  expect(sweepRows(join(place.folder, 'results.db'))).toEqual(rows);
});
