// Results in other Nodes than this one: aedsl is packed and installed as npm does it for them, and trains, lists, shows and
// compares a small sweep with the SQLite that it takes there, while the garbage collector takes what statements it can.
// Weights and identities must be those of this Node. It reads and continues what the others wrote, and they what it wrote.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const collect = fileURLToPath(new URL('collect.cjs', import.meta.url));
const mainFile = join('dist', 'src', 'cli', 'main.js');

/**
 * @param {readonly { version: string; path: string }[]} nodes of which the last can run what is installed for all
 * @returns {{ lines: string[]; failed: boolean }} a line for each
 */
export function resultsIn(nodes) {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-nodes-'));
  try {
    const here = commands(folder, process.execPath, join(root, mainFile));
    here.train('here.db', '1,2');
    const expected = here.outcomes('here.db');
    const packed = install(folder, nodes.at(-1).path);
    const lines = [];
    let failed = false;
    for (const { version, path } of nodes) {
      try {
        // What is installed here has a binary for this line of Nodes alone.
        const isOurs = major(version) === major(process.versions.node);
        const there = commands(folder, path, isOurs ? join(root, mainFile) : packed);
        const sqlite = compareBothWays(folder, version, here, there, expected);
        lines.push(`Node ${version}: results are those of ${process.version}; ${sqlite}`);
      } catch (error) {
        failed = true;
        lines.push(`Node ${version}: results: ${error.message}`);
      }
    }
    return { lines, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns what `doctor` says of SQLite @throws Error where anything differs */
function compareBothWays(folder, version, here, there, expected) {
  const [mine, ours] = [`${version}.db`, `${version}-continued.db`];
  for (const part of ['', '.objects']) {
    cpSync(join(folder, `here.db${part}`), join(folder, `${ours}${part}`), { recursive: true });
  }
  there.train(mine, '1,2');
  there.look(mine);
  same('trained there', there.outcomes(mine), expected);
  same('trained there and read here', here.outcomes(mine), expected);
  same('trained here and read there', there.outcomes(ours), expected);
  here.train(mine, '2,3');
  there.train(ours, '2,3');
  same('continued by the other', here.outcomes(mine, 's2'), there.outcomes(ours, 's2'));
  return there.sqlite();
}

function same(what, found, expected) {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}

/** The command line in one Node. */
function commands(folder, node, main) {
  const run = (...args) =>
    output(node, ['--max-semi-space-size=1', '--require', collect, main, ...args], { cwd: folder });
  const lines = (...args) =>
    run(...args, '--json')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : JSON.parse(line)));
  return {
    train(db, seeds) {
      const small = ['--data', 'digits(take=100, test=20)', '--max-steps', '2', '--jobs', '1', '--threads', '1'];
      run('sweep', join(root, 'experiments', 'first.ae'), '--seeds', seeds, ...small, '--db', db);
    },
    look(db) {
      run('ls', '--db', db);
      run('show', 's1', '--db', db);
      run('show', 'r1', '--db', db);
      run('diff', 'r1', 'r2', '--db', db);
    },
    outcomes: (db, sweep = 's1') =>
      lines('ls', sweep, '--db', db).map(({ seed, state, trialId, weightsSha256, value, metrics }) => ({
        seed,
        state,
        trialId,
        weightsSha256,
        value,
        metrics,
      })),
    sqlite: () => lines('doctor').find(({ what }) => what === 'results.db').detail,
  };
}

/** Packs this clone, and installs it with another Node. Version 13 of better-sqlite3, which newer Nodes take, has no scripts. */
function install(folder, node) {
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(output('npm', packing, { cwd: root }));
  // A package of its own, so that npm looks at no folder above.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  output('npm', ['install', ...quietly, `./${filename}`], { cwd: folder, env });
  return join(folder, 'node_modules', 'aedsl', mainFile);
}

/** What a command prints. @throws Error unless it ends with 0 */
function output(command, args, options) {
  const done = spawnSync(command, args, { ...options, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (done.status === 0) return done.stdout;
  const end = done.error?.message ?? done.signal ?? done.status;
  throw new Error(`${[command, ...args].join(' ')} ended with ${end}\n${done.stdout}${done.stderr}`);
}

function major(version) {
  return Number.parseInt(version, 10);
}
