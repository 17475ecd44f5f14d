import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../../src/files/folders.js';
import { startProject } from '../../src/project/new-project.js';
import { aedsl } from './recorded-console.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-new-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const written = ['first.ae', 'package.json', '.gitignore', '.vscode/settings.json', '.vscode/extensions.json'];
const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');
const manifest = (folder: string) => JSON.parse(read(folder, 'package.json'));

describe('aedsl new', () => {
  it('writes a project in a new folder, and says how to go on', async () => {
    const { code, out, err } = await aedsl('new', join(root, 'one', 'Épreuve 1'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const path of written) expect(existsSync(join(root, 'one', 'Épreuve 1', path)), path).toBe(true);
    expect(manifest('one/Épreuve 1')).toEqual({
      name: 'preuve-1',
      private: true,
      type: 'module',
      dependencies: { aedsl: `file:${relative(join(root, 'one', 'Épreuve 1'), resolve('.'))}` },
    });
    const next = out.slice(out.indexOf('next:\n')).trimEnd().split('\n').slice(1);
    expect(next.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^cd '.*Épreuve 1'$/),
      'npm install',
      'npx aedsl run first.ae',
      "npx aedsl sweep first.ae 'hidden=[8,16,32]' --seeds 3",
    ]);
    expect(existsSync(join(root, 'one', 'Épreuve 1', '.github'))).toBe(false);
  });

  it('replaces nothing, and says what a file that was there lacks', async () => {
    const own: Readonly<Record<string, string>> = {
      'first.ae': '// mine\n',
      'package.json': '{ "devDependencies": { "left-pad": "1" } }',
      '.gitignore': '/node_modules\r\nresults.db*\n',
    };
    mkdirSync(join(root, 'kept'));
    for (const [name, text] of Object.entries(own)) writeFileSync(join(root, 'kept', name), text);
    mkdirSync(join(root, 'kept', '.vscode'));
    symlinkSync('nowhere', join(root, 'kept', '.vscode', 'settings.json'));
    const { code, out } = await aedsl('new', join(root, 'kept'), '--ci', 'github');
    expect(code).toBe(0);
    for (const [name, text] of Object.entries(own)) expect(read('kept', name)).toBe(text);
    expect(readdirSync(join(root, 'kept', '.vscode')).sort()).toEqual(['extensions.json', 'settings.json']);
    expect(out).toMatch(
      /^wrote in .*:\n {2}\.vscode\/extensions\.json .*\n {2}\.github\/workflows\/aedsl\.yml .*\nwas there/,
    );
    expect(out).toMatch(/^ {2}first\.ae$/m);
    expect(out).toMatch(/^ {2}package\.json +lacks aedsl$/m);
    expect(out).toMatch(/^ {2}\.gitignore +lacks figures\/ r\[0-9\]\*\.tgz \[rs\]\[0-9\]\*-\*\.html$/m);
    expect(out).toContain(`  npm install --save-exact ${resolve('.')}\n`);
    // That file need not be an experiment.
    expect(out).toMatch(/\n {2}npx aedsl check \.\n {2}npx aedsl examples\n/);
    const again = await aedsl('new', join(root, 'kept'), '--ci', 'github');
    expect(again.out).toMatch(/^was there/);
  });

  it('leaves out the installation where this version is found', () => {
    const version = JSON.parse(readFileSync('package.json', 'utf8')).version;
    for (const [folder, found, installed] of [
      ['same', version, true],
      ['other', '0.0.1', false],
    ] as const) {
      mkdirSync(join(root, folder, 'node_modules', 'aedsl'), { recursive: true });
      writeFileSync(join(root, folder, 'node_modules', 'aedsl', 'package.json'), JSON.stringify({ version: found }));
      expect(startProject(join(root, folder, 'demo'), null).isInstalled).toBe(installed);
    }
    expect(startProject(join(root, 'none'), null).isInstalled).toBe(false);
  });

  it.each(['not JSON', '[]', '{"dependencies": []}', '{"dependencies": {"__proto__": {"aedsl": "1"}}}'])(
    'takes a package.json of %s as it is',
    (text) => {
      const folder = mkdtempSync(join(root, 'odd-'));
      writeFileSync(join(folder, 'package.json'), text);
      const { files } = startProject(folder, null);
      expect(files.find(({ path }) => path === 'package.json')?.written).toBe(false);
      expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(text);
    },
  );

  it('names places where it cannot begin one', async () => {
    writeFileSync(join(root, 'file'), '');
    for (const [place, message] of [
      [join(root, 'file'), 'is a file'],
      [homedir(), 'is the home folder'],
      ['/', 'is the home folder or above it'],
    ] as const) {
      const { code, out, err } = await aedsl('new', place);
      expect({ code, out }, err).toEqual({ code: 2, out: '' });
      expect(err).toContain(message);
    }
    expect(existsSync(join(homedir(), 'first.ae'))).toBe(false);
  });

  it('says where results go if a project around the folder has some', async () => {
    mkdirSync(join(root, 'outer'));
    writeFileSync(join(root, 'outer', 'results.db'), '');
    const { err } = await aedsl('new', join(root, 'outer', 'inner'));
    expect(err).toMatch(/^note: results go to .*outer\/results\.db, of the project around it\n$/);
  });

  it('has git ignore all that its commands write', () => {
    const folder = join(root, 'ignoring');
    startProject(folder, null);
    const lines = [
      'run first.ae --max-steps 9',
      'sweep first.ae hidden=2,3 --max-steps 3 --jobs 1 --reporter silent',
      'figures r1',
      'figures s1',
      'report s1',
      'report r1',
      'bundle r1',
    ];
    const script = `
      const { main } = await import(${JSON.stringify(resolve('dist/src/cli/program.js'))});
      const { processConsole } = await import(${JSON.stringify(resolve('dist/src/cli/console.js'))});
      for (const line of ${JSON.stringify(lines)}) if ((await main(line.split(' '), processConsole())) !== 0) process.exit(1);
    `;
    // Beside the folder, so that git is asked about nothing else.
    writeFileSync(join(root, 'commands.mjs'), script);
    const env = { ...process.env, AEDSL_DB: '', CI: '1' };
    const ran = spawnSync(process.execPath, [join(root, 'commands.mjs')], { cwd: folder, env, encoding: 'utf8' });
    expect(ran.status, ran.stderr).toBe(0);
    const status = spawnSync('bash', ['-c', 'git init -q && git status --porcelain --untracked-files=all'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const untracked = status.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(3));
    expect(untracked.sort()).toEqual([...written].sort());
    // The test would say nothing if the commands wrote elsewhere.
    expect(filesBelow(folder, ['results.db', '.png', '.html', '.tgz']).length).toBeGreaterThan(5);
  });
});
