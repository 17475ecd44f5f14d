import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { folderOutside, outsideOfProject } from '../../src/project/project-folder.js';
import { compileRecipe } from '../../src/project/recipe.js';
import { fileWorld } from '../../src/project/world.js';
import { loadExamples } from '../../src/trial/data.js';
import { builtinWords } from '../../src/words/words.js';
import { program } from '../cli/command.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-links-')));
const home = join(root, 'home');
const project = join(root, 'project');
const secret = 'aws_secret_access_key';
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function link(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

const experiment = (data: string, head = 'experiment e {') => `${head}
  data ${data}
  encoder { code: dense(2) }
  decoder { dense(input.size) }
  loss mse()
  train adam() { epochs = 1  batch = 5 }
}
`;
const table = ['a,b', ...Array.from({ length: 20 }, (_, i) => `0.${i},0.${i * 3}`)].join('\n');

beforeAll(() => {
  write(join(home, '.aws/credentials'), `[default]\n${secret} = abc\n`);
  write(join(home, 'pictures/private.png'), secret);
  write(join(project, 'package.json'), '{}');
  write(join(project, 'table.csv'), table);
  write(join(project, '.git/config'), `[http]\n  extraheader = ${secret}\n`);
  vi.stubEnv('HOME', home);
  vi.stubEnv('AEDSL_DATA', '');
});
afterAll(() => vi.unstubAllEnvs());

function aedsl(folder: string, ...args: readonly string[]) {
  const env = {
    ...process.env,
    CI: '1',
    NO_COLOR: '1',
    HOME: home,
    AEDSL_DATA: '',
    XDG_CACHE_HOME: join(root, 'cache'),
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  return { status, text: `${stdout}${stderr}` };
}

/** What is said of an experiment on disk. */
function messages(path: string, data: string): string {
  const text = experiment(data);
  const source = { path: write(path, text), text };
  const recipe = {
    sources: [source],
    experiment: null,
    params: [],
    data: null,
    epochs: null,
    maxSteps: null,
    files: {},
  };
  const { diagnostics } = compileRecipe(recipe, fileWorld(), { library: builtinWords });
  return diagnostics.map(({ message }) => message).join('\n');
}

describe('an experiment reads nothing outside of its project', () => {
  it.each([
    ['csv("linked.csv")'],
    ['npy("linked.csv")'],
    ['idx("linked.csv")'],
    ['safetensors("linked.csv")'],
    ['csv("folder/credentials")'],
    ['csv("../home/.aws/credentials")'],
    ['images("pictures")'],
    ['images("linked-pictures")'],
    ['images("classes")'],
    ['npy("shards/*.npy")'],
    ['safetensors("folder/*")'],
    ['npy("../home/.aws/*")'],
  ])('by %s', (data) => {
    const path = join(project, 'e.ae');
    if (!existsSync(join(project, 'linked.csv'))) {
      link(join(project, 'linked.csv'), join(home, '.aws/credentials'));
      link(join(project, 'folder'), join(home, '.aws'));
      link(join(project, 'pictures/x.png'), join(home, 'pictures/private.png'));
      link(join(project, 'linked-pictures'), join(home, 'pictures'));
      write(join(project, 'shards/a.npy'), '');
      link(join(project, 'shards/b.npy'), join(home, '.aws/credentials'));
      link(join(project, 'classes/a/x.png'), join(home, 'pictures/private.png'));
    }
    const said = messages(path, data);
    expect(said).toContain(`outside the project (${project})`);
    expect(said).not.toContain(secret);
    expect(said).not.toContain('[default]');
  });

  it("nor in git's own folder, where tokens are", () => {
    const said = messages(join(project, 'e.ae'), 'csv(".git/config")');
    expect(said).toContain("git's own folder");
    expect(said).not.toContain(secret);
  });

  it('but by a link within it, and in the data folder', () => {
    link(join(project, 'sub/inner.csv'), '../table.csv');
    expect(messages(join(project, 'sub/e.ae'), 'csv("inner.csv", test=5)')).toBe('');
    const data = write(join(root, 'data/big.csv'), table);
    link(join(project, 'big'), dirname(data));
    expect(messages(join(project, 'e.ae'), 'csv("big/big.csv", test=5)')).toContain('AEDSL_DATA');
    vi.stubEnv('AEDSL_DATA', dirname(data));
    expect(messages(join(project, 'e.ae'), 'csv("big/big.csv", test=5)')).toBe('');
    vi.stubEnv('AEDSL_DATA', '');
  });

  it('nor does a link that leads in circles, or nowhere, end in a stack trace', () => {
    link(join(project, 'circle.csv'), 'circle.csv');
    link(join(project, 'nowhere.csv'), 'gone.csv');
    expect(messages(join(project, 'e.ae'), 'csv("circle.csv")')).toContain('too many symbolic links');
    expect(messages(join(project, 'e.ae'), 'csv("nowhere.csv")')).toContain('no such file');
    expect(messages(join(project, 'e.ae'), 'csv("table.csv/x")')).toContain('not a folder');
  });

  it('by extends, nor anything but an .ae file', () => {
    link(join(project, 'parent.ae'), join(home, '.aws/credentials'));
    write(join(project, 'settings.env'), `${secret}=1\n`);
    link(join(project, 'env.ae'), 'settings.env');
    for (const parent of ['parent.ae', 'settings.env', 'env.ae', '../home/.aws/credentials', '.git/config']) {
      const path = write(join(project, 'child.ae'), `experiment child extends "${parent}" {\n}\n`);
      for (const command of ['check', 'run', 'compile', 'lock']) {
        const { status, text } = aedsl(project, command, path);
        expect(text, `${command} ${parent}`).not.toContain(secret);
        expect(status).not.toBe(0);
      }
    }
    rmSync(join(project, 'child.ae'));
  }, 60_000);

  it('nor is its file a link to something else', () => {
    for (const command of ['check', 'run', 'lock', 'fmt', 'compile', 'diff']) {
      const { text } = aedsl(project, command, 'parent.ae');
      expect(text, command).not.toContain(secret);
      expect(text, command).not.toContain('defect');
    }
  }, 60_000);

  it('when it is stored by somebody else, whatever path its file had', async () => {
    const path = join(home, '.aws', 'theirs.ae');
    const source = { path, text: experiment('csv("credentials")') };
    const recipe = {
      sources: [{ ...source, path: join(project, 'e.ae'), text: experiment('csv("table.csv", test=5)') }],
    };
    const rest = { experiment: null, params: [], data: null, epochs: null, maxSteps: null, files: {} };
    const { value } = compileRecipe({ ...recipe, ...rest }, fileWorld(), { library: builtinWords });
    if (value === null) throw new Error('it compiles');
    const from = (place: string) => ({ ...value, library: builtinWords, dataFrom: { ...source, path: place } });
    await expect(loadExamples(from(path), { isStored: true })).rejects.toThrow('outside the project');
    await expect(loadExamples(from(join(project, 'gone', 'e.ae')), {})).rejects.toThrow('no such');
  });
});

describe('what the project is', () => {
  it('is the nearest folder with a repository or package.json', () => {
    const from = { path: join(project, 'deep/er/e.ae') };
    expect(outsideOfProject(join(project, 'table.csv'), from)).toBeNull();
    expect(outsideOfProject(join(root, 'x.csv'), from)).toContain(`it is outside the project (${project})`);
    link(join(project, 'deep/away.csv'), write(join(root, 'x.csv'), table));
    expect(outsideOfProject(join(project, 'deep/away.csv'), from)).toContain(
      `it leads to ${join(root, 'x.csv')}, outside`,
    );
  });

  it('is never the home folder, nor one above it', () => {
    write(join(home, 'package.json'), '{}');
    mkdirSync(join(home, '.git'));
    write(join(root, 'package.json'), '{}');
    const inWork = { path: join(home, 'work/e.ae') };
    expect(outsideOfProject(join(home, 'work/x.csv'), inWork)).toBeNull();
    expect(outsideOfProject(join(home, '.aws/credentials'), inWork)).toContain(`(${join(home, 'work')})`);
    const inHome = { path: join(home, 'e.ae') };
    expect(outsideOfProject(join(home, 'x.csv'), inHome)).toBeNull();
    expect(outsideOfProject(join(home, '.netrc'), inHome)).toContain('is not a project');
    expect(outsideOfProject(join(home, '.aws/credentials'), inHome)).toContain('is not a project');
    expect(folderOutside(join(home, 'pictures'), inHome)).toBeNull();
    expect(outsideOfProject(join(root, 'x/y.csv'), { path: join(root, 'e.ae') })).toContain('is not a project');
    for (const file of [join(home, 'package.json'), join(root, 'package.json')]) rmSync(file);
    rmSync(join(home, '.git'), { recursive: true });
  });
});

it('a lock file is not written through a link', () => {
  const folder = join(root, 'locked');
  write(join(folder, 'package.json'), '{}');
  write(join(folder, 'experiments/e.ae'), experiment('digits(take=60, test=20)'));
  const target = write(join(home, '.bashrc'), 'echo mine\n');
  link(join(folder, 'experiments/e.ae.lock'), target);
  const { status, text } = aedsl(folder, 'lock', 'e', '--seeds', '1', '--no-store');
  expect(text).toContain('not a lock file of this project');
  expect(status).toBe(2);
  expect(readFileSync(target, 'utf8')).toBe('echo mine\n');
});

it('folders that are links are not searched for experiments', () => {
  const folder = join(root, 'searched');
  write(join(folder, 'experiments/real.ae'), experiment('digits(take=60, test=20)', 'experiment real {'));
  write(join(root, 'other/theirs.ae'), experiment('digits(take=60, test=20)', 'experiment theirs {'));
  link(join(folder, 'experiments/a'), '.');
  link(join(folder, 'experiments/b'), '.');
  link(join(folder, 'experiments/c'), join(root, 'other'));
  const { text, status } = aedsl(folder, 'sweep', 'theirs', 'seed=[1,2]');
  expect(text).toContain('there are experiments/real.ae');
  expect(status).toBe(2);
});

it('the difference to a commit shows no file that a link leads to', () => {
  const folder = join(root, 'compared');
  write(join(folder, 'experiments/e.ae'), experiment('digits(take=60, test=20)'));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      stdio: 'pipe',
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message=one');
  rmSync(join(folder, 'experiments/e.ae'));
  link(join(folder, 'experiments/e.ae'), join(home, '.aws/credentials'));
  for (const command of [['diff'], ['lock', '--check'], ['run', 'experiments/e.ae']]) {
    const { text } = aedsl(folder, ...command);
    expect(text, command.join(' ')).not.toContain(secret);
    expect(text).not.toContain('defect');
  }
}, 60_000);
