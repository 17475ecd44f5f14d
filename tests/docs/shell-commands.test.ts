import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandProcess } from '../cli/command-process.js';

/** The lines of a page that a person copies: of its shell blocks, of its indented ones, and in the text where no word is a placeholder. */
function commandsOf(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8');
  const copied: string[] = [];
  let fence: string | null = null;
  for (const row of text.split('\n')) {
    const mark = /^\s*```(\w*)/.exec(row);
    if (mark) {
      fence = fence === null ? (mark[1] ?? '') : null;
      continue;
    }
    const line = /^\s*(?:\$ )?((?:npx )?aedsl\b.*|npm ci\b.*)$/.exec(row)?.[1];
    const isCode = fence === 'sh' || fence === '' || (fence === null && /^ {4}/.test(row));
    if (line !== undefined && isCode) copied.push(line);
  }
  for (const [, inline = ''] of text.matchAll(/(?<!`)`((?:npx )?aedsl [^`]+)`/g)) {
    const line = inline.replaceAll(/\s+/g, ' ').replace(/ > \S+$/, '');
    if (!/…|\||\[|\b[A-Z]{3,}\b|<|%/.test(line.replace(/'[^']*'/g, ''))) copied.push(line);
  }
  return copied;
}

const pages = [
  'README.md',
  'experiments/README.md',
  'benchmarks/README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const lines = [...new Set(pages.flatMap(commandsOf))];
const bare = (line: string) => line.replace(/\s+#.*$/, '');
const shells = ['bash', 'zsh'].filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

let folder = '';
const commands = new CommandProcess();
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-shells-')));
});
afterAll(() => {
  commands.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Words of each line, as a shell hands them to the program; null where it refuses the line. */
function words(shell: string): readonly (readonly string[] | null)[] {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['aedsl', 'npx', 'npm']) {
    writeFileSync(join(bin, name), '#!/bin/sh\nprintf "%s\\n" "$(basename "$0")" "$@" END\n');
    chmodSync(join(bin, name), 0o755);
  }
  // A name that a pattern would match: what isn't quoted becomes another word.
  writeFileSync(join(folder, 'rho=0'), '');
  const script = lines.map((line) => `( ${line}\n) || echo REFUSED\necho DONE`).join('\n');
  const { stdout } = spawnSync(shell, ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: folder },
  });
  return stdout
    .split('DONE\n')
    .slice(0, -1)
    .map((printed) => (printed.includes('REFUSED') ? null : printed.split('\n').filter((word) => word !== '')));
}

describe('commands in the documentation', () => {
  it('are found', () => {
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.map(bare)).toContain("aedsl sweep 'rho=[0.01,0.05]' --seeds 5");
    expect(lines).toContain('aedsl lock --check');
  });

  it.for(['bash', 'zsh'])('mean in %s what they say', (shell, { skip }) => {
    skip(!shells.includes(shell), `there is no ${shell} here`);
    const found = words(shell);
    expect(found).toHaveLength(lines.length);
    for (const [i, line] of lines.entries()) {
      const meant = line
        .replace(/\s#.*$/, '')
        .split(' && ')
        .flatMap((command) =>
          [...command.trim().matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]).concat('END'),
        );
      expect(found[i], `${line} in ${shell}`).toEqual(meant);
    }
  });
});

/** What a documented command ends with and prints; those of a person's machine, or that train for long, are tested elsewhere. */
const expected: readonly (readonly [line: string, status: number, printed: RegExp])[] = [
  ['aedsl check experiments/sparse.ae rho=2', 3, /AE307 error/],
  ["aedsl sweep 'rho=[0.01,0.05]' --seeds 5", 0, /s1 · sparse · 10 trials[\s\S]*10 complete in/],
  ['aedsl lock experiments/first.ae', 0, /^experiments\/first\.ae\.lock \(new\)$/m],
  ['aedsl lock sparse --sweep', 0, /^experiments\/sparse\.ae\.lock \(new\)$/m],
  ['git add -A && git commit -qm locked && git tag v1.0', 0, /^$/],
  ['aedsl sweep experiments/first.ae --only --seeds 5', 0, /s2 · first · 5 trials[\s\S]*5 cached in/],
  ['aedsl lock', 0, /first\.ae\.lock \(unchanged\)\nexperiments\/sparse\.ae\.lock \(unchanged\)$/m],
  ['aedsl lock --check', 0, /^first: \d+ numbers and hashes as locked$/m],
  [
    'aedsl lock --check --quick',
    0,
    /^first: 5 numbers and hashes as locked$|^first: \d+ numbers and hashes as locked$/m,
  ],
  ['aedsl diff', 0, /HEAD/],
  ["sed -i 's/beta *= 5 /beta = 4 /' experiments/sparse.ae", 0, /^$/],
  ['aedsl diff main', 0, /kl_sparsity/],
  ['aedsl lock sparse', 0, /^experiments\/sparse\.ae\.lock \(changed\)$/m],
  ['git commit -qam weighted', 0, /^$/],
  ['aedsl diff main HEAD sparse', 0, /main/],
  ['aedsl diff main...HEAD', 0, /main/],
  ['aedsl diff r12 r15', 0, /r12[\s\S]*seed/],
  ['aedsl diff s1 s2', 0, /s1[\s\S]*s2/],
  ['aedsl log sparse', 0, /^sparse validation\.sse, mean of 5 seeds; the loss itself changed/m],
  ['aedsl log sparse validation.loss.kl_sparsity', 0, /^sparse validation\.loss\.kl_sparsity/m],
  ['aedsl export r3 --as pytorch -o vae', 0, /^vae\/model\.py$/m],
  ['aedsl verify r3', 0, /^r3: bit-identical in \d+ steps \(simd\)$/m],
  ['aedsl bundle r3 -o run.tgz', 0, /^[0-9a-f]{64} {2}run\.tgz$/m],
  ['aedsl verify run.tgz', 0, /bit-identical/],
  ['aedsl figures s1 --format svg -o charts', 0, /^charts\/s1-curves\.svg$/m],
  ['aedsl figures last --format both -o figures', 0, /^figures\/r\d+-.*\.svg$/m],
  ['aedsl compare s1 --md', 0, /^\| .*95% interval/m],
  ['aedsl export s1 --as csv --rows epochs -o curves.csv', 0, /^$|curves\.csv/],
  ['aedsl apply last --output code -o codes.npy', 0, /^codes\.npy: /m],
  ['aedsl watch --once', 0, /complete/],
  ['aedsl ls', 0, /^s2 .* 5 cached .*\ns1 .* 10 complete /m],
  ['aedsl evaluate r12', 0, /test: loss/],
  ['aedsl gc', 0, /^deleted: /m],
];

describe('commands in the documentation do what it says', () => {
  it('one after the other, in a repository of small experiments', { timeout: 240_000 }, () => {
    const place = join(folder, 'project');
    mkdirSync(join(place, 'experiments'), { recursive: true });
    for (const name of ['first.ae', 'sparse.ae']) {
      const small = readFileSync(`experiments/${name}`, 'utf8')
        .replace(/data \w+\(.*?\)/, 'data digits(take=64, validation=16, test=16)')
        .replace(/epochs = \d+/, 'epochs = 2')
        .replace('filters(code)  reconstructions(16)', '');
      writeFileSync(join(place, 'experiments', name), small);
    }
    const bin = join(folder, 'programs');
    mkdirSync(bin);
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CI: '1', NO_COLOR: '1', AEDSL_DATA: '' };
    commands.writeProgram(join(bin, 'aedsl'), env);
    const git = ['-c user.name=a', '-c user.email=a@b.example'].join(' ');
    const prepared = `git init -q -b main && git add -A && git ${git} commit -qm begun && printf '*.db*\\n' > .git/info/exclude`;
    execFileSync('bash', ['-c', prepared], { cwd: place, env });
    const script = expected
      .map(([line]) => `${line.replaceAll('git commit', `git ${git} commit`)} 2>&1\nprintf 'ENDED %s\\n' $?`)
      .join('\n');
    const { stdout } = spawnSync('bash', ['-c', script], { cwd: place, env, encoding: 'utf8', maxBuffer: 1e8 });
    const printed = stdout.split(/ENDED (\d+)\n/);
    for (const [i, [line, status, pattern]] of expected.entries()) {
      expect.soft(printed[2 * i], line).toMatch(pattern);
      expect.soft(printed[2 * i + 1], `${line}: ${printed[2 * i]}`).toBe(String(status));
    }
  });

  it('as far as they are documented', () => {
    const own = /^git |^sed |^aedsl (diff s1 s2|lock sparse)$/;
    for (const [line] of expected) if (!own.test(line)) expect(lines.map(bare)).toContain(line);
  });
});
