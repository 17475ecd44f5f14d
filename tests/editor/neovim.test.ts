import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Debian's; the tests that need it are skipped where it is not installed. */
const hasNeovim = (() => {
  try {
    execFileSync('nvim', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasNeovim)('Neovim shows diagnostics, hovers and formats', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-neovim-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{}');
    const file = join(folder, 'first.ae');
    copyFileSync('experiments/first.ae', file);
    const { stdout, stderr, status } = spawnSync(
      'nvim',
      ['--headless', '--clean', '-u', 'NONE', '-S', resolve('tests/editor/neovim.lua')],
      {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
        env: {
          ...process.env,
          AEDSL_FILE: file,
          AEDSL_SERVER: [process.execPath, resolve('dist/src/cli/main.js'), 'lsp', '--stdio'].join('\n'),
          XDG_STATE_HOME: folder,
        },
      },
    );
    const seen = new Map(
      stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .map(({ name, value }) => [name, value]),
    );
    expect({
      status,
      stderr: stderr.replaceAll(/^.*(change|fewer|more|line).*$/gm, '').trim(),
      keys: [...seen.keys()],
    }).toEqual({
      status: 0,
      stderr: '',
      keys: ['opened', 'mistake', 'undone', 'hover', 'completion', 'renamed', 'formatted', 'stopped'],
    });
    expect(seen.get('opened')).toEqual([]);
    expect(seen.get('mistake')).toEqual([
      { code: 'AE201', line: 5, column: 18, message: "there is no layer 'dens'\nhint: did you mean 'dense'?" },
    ]);
    expect(seen.get('undone')).toEqual([]);
    expect(seen.get('hover')).toContain('adam(lr=0.001');
    expect(seen.get('completion')).toEqual(expect.arrayContaining(['sigmoid', 'relu', 'tanh']));
    expect(seen.get('renamed')).toBe('  encoder { code: dense(units, activation=sigmoid) }');
    expect(seen.get('formatted')).toEqual(readFileSync('experiments/first.ae', 'utf8').trimEnd().split('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
