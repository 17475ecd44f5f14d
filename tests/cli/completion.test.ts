import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { type shells, wordsOfLine } from '../../src/cli/completion.js';
import { migrations } from '../../src/runtime/store/migrations.js';
import { openStore } from '../../src/runtime/store/store.js';
import { sweepDatabase, threeSettings } from '../sweep/sweep-database.js';
import { program } from './command.js';
import { aedsl } from './recorded-console.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-completion-')));
const home = mkdtempSync(join(tmpdir(), 'aedsl-home-'));
const before = process.cwd();
const network =
  'data digits()  encoder { code: dense(3) }  decoder { dense(input.size) }  loss mse()  train adam() { epochs = 1 }';
beforeAll(async () => {
  mkdirSync(join(folder, 'experiments'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(
    join(folder, 'experiments', 'sparse.ae'),
    `experiment sparse { param rho = 0.1  param beta = 3 ${network} }\nexperiment dense extends sparse { param hidden = 2 }\n`,
  );
  writeFileSync(join(folder, 'experiments', 'broken.ae'), 'experiment {');
  writeFileSync(join(folder, 'faces.npy'), '');
  writeFileSync(join(folder, 'bin', 'aedsl'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(folder, 'bin', 'aedsl'), 0o755);
  // Runs what it is told to, without asking the registry.
  mkdirSync(join(folder, 'npx'));
  const npx = `#!/bin/sh\nwhile [ "$1" != aedsl ]; do shift; done\nshift\nexec '${process.execPath}' '${program}' "$@"\n`;
  writeFileSync(join(folder, 'npx', 'npx'), npx);
  chmodSync(join(folder, 'npx', 'npx'), 0o755);
  (await sweepDatabase(folder, [{ trials: threeSettings() }])).close();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  for (const place of [folder, home]) rmSync(place, { recursive: true, force: true });
});

/** What may stand in the place of the last word; `:files` where files may. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await aedsl('completion', '--reply', '--', ...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').flatMap((line) => (line === '' ? [] : (line.split('\t')[0] ?? [])));
}

it('an older database offers nothing, and stays as it is', async () => {
  const older = join(folder, 'bin', 'older.db');
  (await openStore(older, { mode: 'write', command: 'test', migrations: migrations.slice(0, -1) })).close();
  const bytes = readFileSync(older);
  expect(await offered('show', '--db', 'bin/older.db', '')).toEqual([]);
  expect(readFileSync(older).equals(bytes)).toBe(true);
  // A command that shows results brings it up to date, and says so once.
  const said = 'bin/older.db was made by an older aedsl and is brought up to date; that aedsl can no longer read it\n';
  expect(await aedsl('ls', '--db', 'bin/older.db')).toMatchObject({ code: 0, err: said });
  expect(await aedsl('ls', '--db', 'bin/older.db')).toMatchObject({ code: 0, err: '' });
});

describe('what is offered', () => {
  it.each<[string, readonly string[]]>([
    ['che', ['check']],
    ['data f', ['fetch']],
    ['data fetch m', ['mnist']],
    ['help kl_s', ['kl_sparsity']],
    ['words kl', ['kl_sparsity', 'kl_gaussian']],
    ['words opt', ['optimizer']],
    ['examples va', ['vae']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['run --max-s', ['--max-steps']],
    ['run --backend ', ['simd', 'tensorflow', 'cpu']],
    ['run --backend=t', ['--backend=tensorflow']],
    ['run ex', ['experiments/sparse.ae', 'experiments/sparse.ae:dense', ':files']],
    ['run experiments/sparse.ae ', ['rho=', 'beta=']],
    ['run experiments/sparse.ae:dense h', ['hidden=']],
    ['run --backend simd experiments/sparse.ae b', ['beta=']],
    ['run --seed 3 --debug experiments/sparse.ae b', ['beta=']],
    ['run experiments/sparse.ae --init ', [':files']],
    ['sweep rh', ['rho=', ':files']],
    ['sweep experiments/sparse.ae ', ['rho=', 'beta=', 'seed=', 'data=']],
    ['check experiments/sparse.ae be', ['beta=', ':files']],
    ['show s', ['s1', ':files']],
    ['show r', ['r9', 'r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', ':files']],
    ['show la', ['last', ':files']],
    ['show s1 --metric test.s', ['test.sse']],
    ['show s1 --goal ', ['min', 'max']],
    ['log sparse test.s', ['test.sse']],
    ['apply last --data fash', ['fashion_mnist', ':files']],
    ['--words own.mjs chec', ['check']],
    ['--words ', [':files']],
    ['new ', [':files']],
    ['gc ', []],
    ['nothing ', []],
    ['constructor ', []],
    ['run experiments/none.ae ', []],
    ['run experiments/broken.ae ', []],
    ['show --db none.db ', []],
  ])('%s', async (line, expected) => {
    const words = wordsOfLine(`aedsl ${line}`).slice(1);
    const found = await offered(...words);
    expect(expected.every((value) => found.includes(value)) ? found.length : found).toEqual(
      line.startsWith('nothing') || line.startsWith('constructor') ? found.length : expected.length,
    );
  });

  it('is every command, with what it does, and every option', async () => {
    const { out } = await aedsl('completion', '--reply', '--', '');
    expect(out.trimEnd().split('\n')).toEqual(commands.map(({ name, summary }) => `${name}\t${summary}`));
    const { out: help } = await aedsl('sweep', '--help');
    const documented = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    const options = await offered('sweep', '--');
    expect(documented.length).toBeGreaterThan(15);
    for (const flag of documented) if (flag !== '--version') expect(options).toContain(flag);
    expect(await offered('completion', '--r')).toEqual([]);
  });

  it('is nothing that steers a terminal, and nothing at all instead of an error', async () => {
    writeFileSync(join(folder, 'experiments', 'odd\u001b[2J.ae'), `experiment odd { ${network} }`);
    const { out } = await aedsl('completion', '--reply', '--', 'run', '');
    expect(out).toContain('odd');
    expect(out).not.toContain('\u001b');
    rmSync(join(folder, 'experiments', 'odd\u001b[2J.ae'));
    writeFileSync(join(folder, 'other.db'), 'no database');
    expect(await offered('show', '--db', 'other.db', '')).toEqual([]);
  });

  it('takes the shell of the person, and refuses one that it does not know', async () => {
    const shell = process.env.SHELL;
    process.env.SHELL = '/usr/bin/fish';
    expect((await aedsl('completion')).out).toBe((await aedsl('completion', 'fish')).out);
    process.env.SHELL = '/bin/false';
    expect((await aedsl('completion')).err).toContain("'false' is none of the shells");
    if (shell === undefined) delete process.env.SHELL;
    else process.env.SHELL = shell;
    const { code, out, err } = await aedsl('completion', 'powershell');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('aedsl completion bash|zsh|fish');
  });
});

it('takes a line apart as a shell does', () => {
  expect(wordsOfLine(`aedsl sweep 'rho=[0.1, 0.2]' a\\ b "c d"  `)).toEqual([
    'aedsl',
    'sweep',
    'rho=[0.1, 0.2]',
    'a b',
    'c d',
    '',
  ]);
  expect(wordsOfLine('')).toEqual(['']);
  expect(wordsOfLine("aedsl 'open")).toEqual(['aedsl', 'open']);
});

const isHere = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const env = (programs: string) => ({
  ...process.env,
  PATH: `${join(folder, programs)}:${process.env.PATH}`,
  HOME: home,
  TERM: 'dumb',
  AEDSL_DB: '',
});

/** What a shell completes a line to, or offers for it. */
const asked: Readonly<
  Record<
    (typeof shells)[number],
    (lines: readonly string[], expected: readonly string[], isInstalled?: boolean) => readonly string[]
  >
> = {
  bash: (lines) => {
    const each = lines.map(
      (line) => `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; __aedsl_complete; echo "\${COMPREPLY[*]}"`,
    );
    return run('bash', [
      '--norc',
      '-c',
      `eval "$(aedsl completion bash)"; complete -p aedsl > /dev/null || exit 1; ${each.join('; ')}`,
    ]);
  },
  // A zsh that is typed into: Tab after the line, until it shows what is expected.
  zsh: (lines, expected, isInstalled = true) => {
    const each = lines.map(
      (line, i) =>
        `seen=; zpty -w -n z $'${line}\\t'; until_seen ${JSON.stringify(expected[i])}; print -r -- "\${\${seen//$'\\r'/}##*$'\\n'}"; zpty -w -n z $'\\C-u'`,
    );
    return run(
      'zsh',
      [
        '-f',
        '-c',
        `zmodload zsh/zpty; zpty z zsh -f -i
       until_seen() { local chunk; local -i waits=0; while [[ $seen != *$1* ]] && (( waits++ < 150 )); do if zpty -rt z chunk; then seen+=$chunk; else sleep 0.1; fi; done }
       zpty -w z "PROMPT=; unsetopt prompt_sp prompt_cr; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; eval \\"\\$(${isInstalled ? 'aedsl' : 'npx aedsl'} completion zsh)\\"; bindkey '^I' complete-word; print READ\\"\\"Y"
       seen=; until_seen READY; ${each.join('; ')}; zpty -d z`,
      ],
      isInstalled ? 'bin' : 'npx',
    );
  },
  fish: (lines) => {
    const each = lines.map((line) => `string join ' ' (complete -C '${line}' | string replace -r '\\t.*' ''); true`);
    return run('fish', ['--no-config', '-c', `aedsl completion fish | source; ${each.join('; ')}`]);
  },
};

function run(shell: string, args: readonly string[], programs = 'bin'): readonly string[] {
  const { stdout, stderr, status } = spawnSync(shell, args, {
    cwd: folder,
    encoding: 'utf8',
    env: env(programs),
    timeout: 50_000,
  });
  expect(status, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
}

describe('a shell completes', () => {
  it.for<[(typeof shells)[number], Readonly<Record<string, string>>]>([
    [
      'bash',
      {
        'aedsl resu': 'resume',
        'aedsl run experiments/sp': 'experiments/sparse.ae experiments/sparse.ae:dense',
        'aedsl run experiments/sparse.ae:': 'dense',
        'aedsl apply last --data fac': 'faces.npy',
        'aedsl apply last --data=fac': 'faces.npy',
        'aedsl run --backend=s': 'simd',
      },
    ],
    [
      'zsh',
      {
        'aedsl resu': 'aedsl resume',
        'aedsl run experiments/sparse.ae be': 'aedsl run experiments/sparse.ae beta=',
        'aedsl apply last --data fac': 'aedsl apply last --data faces.npy',
      },
    ],
    [
      'fish',
      {
        'aedsl resu': 'resume',
        'aedsl run experiments/sparse.ae:d': 'experiments/sparse.ae:dense',
        'aedsl run experiments/sparse.ae be': 'beta=',
        'aedsl apply last --data fac': 'faces.npy',
      },
    ],
  ])('%s', ([shell, lines], { skip }) => {
    skip(!isHere(shell), `there is no ${shell} here`);
    expect(asked[shell](Object.keys(lines), Object.values(lines))).toEqual(Object.values(lines));
  });

  it('zsh through npx, where only a project has aedsl', ({ skip }) => {
    skip(!isHere('zsh'), 'there is no zsh here');
    const expected = 'aedsl run experiments/sparse.ae beta=';
    expect(asked.zsh(['aedsl run experiments/sparse.ae be'], [expected], false)).toEqual([expected]);
  });
});
