import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { fileWorld } from '../../src/project/world.js';
import { builtinWords } from '../../src/words/words.js';
import { compileText } from '../compiler/compiled.js';

/** The fenced blocks of a page, by language. */
function blocks(page: string, language: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  );
}

/** Command lines of a page: of its shell blocks and of its indented ones. */
function commands(page: string): readonly string[] {
  const indented = readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((line) => /^ {2,}(?:\$ )?((?:npx )?aedsl .*)$/.exec(line)?.[1] ?? []);
  const fenced = [...blocks(page, 'sh'), ...blocks(page, '')].flatMap((block) =>
    block.split('\n').flatMap((line) => /^(?:\$ )?((?:npx )?aedsl .*)$/.exec(line)?.[1] ?? []),
  );
  return [...indented, ...fenced];
}

describe('command lines', () => {
  const pages = ['README.md', 'experiments/README.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

  it('mean the same in bash and in zsh, which takes brackets for patterns of file names', () => {
    const all = pages.filter((page) => page.endsWith('.md')).flatMap(commands);
    expect(all.length).toBeGreaterThan(20);
    for (const line of all) {
      const unquoted = line.replace(/ #.*$/, '').replace(/'[^']*'|"[^"]*"/g, '');
      expect(unquoted, line).not.toMatch(/[[\]*?<>()|&;]/);
    }
  });
});

describe('links', () => {
  const tracked = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
    encoding: 'utf8',
  });
  const pages = tracked.stdout.split('\0').filter((page) => page !== '' && existsSync(page));

  it('lead to files and headings that are there', () => {
    expect(pages).toContain('docs/decisions/README.md');
    const broken = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
        ([link, path = '', heading]) => {
          const target = path === '' ? page : join(dirname(page), path);
          if (!existsSync(target)) return [`${page}: ${link}`];
          return heading === undefined || headings(target).has(heading) ? [] : [`${page}: ${link}`];
        },
      ),
    );
    expect(broken).toEqual([]);
  });

  /** Anchors of a page's headings, as GitHub makes them. */
  function headings(page: string): ReadonlySet<string> {
    const lines =
      readFileSync(page, 'utf8')
        .replace(/^```[\s\S]*?^```/gm, '')
        .match(/^#+ .*$/gm) ?? [];
    const plain = lines.map((line) =>
      line
        .replace(/^#+ /, '')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase(),
    );
    return new Set(
      plain.map((line) =>
        line
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .trim()
          .replaceAll(' ', '-'),
      ),
    );
  }
});

describe('README.md', () => {
  it('has experiments that compile', () => {
    const experiments = blocks('README.md', 'ae');
    expect(experiments.length).toBeGreaterThan(0);
    for (const text of experiments) expect(compileText(text).ir.name).toBe('sparse');
  });

  it('names only commands and files that are there', () => {
    const help = spawnSync(process.execPath, ['dist/src/cli/main.js', '--help'], { encoding: 'utf8' }).stdout;
    const text = readFileSync('README.md', 'utf8');
    for (const [, command = ''] of text.matchAll(/aedsl ([a-z]+) /g)) expect(help).toContain(`  ${command}`);
    for (const [, path = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) expect(() => readFileSync(path)).not.toThrow();
  });
});

describe('docs/bits.md', () => {
  it('shows the weights that are locked', () => {
    const shown = readFileSync('docs/bits.md', 'utf8').matchAll(
      /\]\(\.\.\/(experiments\/\w+\.ae\.lock)\) \| `(\w+)…`/g,
    );
    const locked = (path: string) => /^weights 1 = (\w{16})/m.exec(readFileSync(path, 'utf8'))?.[1];
    const rows = [...shown].map(([, path = '', weights]) => ({ path, weights }));
    expect(rows).toEqual(rows.map(({ path }) => ({ path, weights: locked(path) })));
    expect(rows.length).toBeGreaterThan(10);
  });
});

describe('the pages', () => {
  it('have experiments that are right, but for files and runs that a reader has', () => {
    const pages = readdirSync('docs').filter((name) => name.endsWith('.md'));
    const wrong = pages.flatMap((name) =>
      blocks(`docs/${name}`, 'ae')
        .filter((text) => /^experiment /m.test(text))
        .flatMap((text) => {
          const source = { path: resolve('experiments', 'page.ae'), text };
          const { diagnostics } = compile(source, null, { library: builtinWords, world: fileWorld() });
          return diagnostics.filter(({ code, severity }) => severity === 'error' && !/^AE70[13]$/.test(code));
        })
        .map(({ message }) => `${name}: ${message}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('docs/api.md', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aedsl-docs-'));
    cpSync('experiments', join(folder, 'experiments'), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(resolve('.'), join(folder, 'node_modules', 'aedsl'), 'dir');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [i, code] of blocks('docs/api.md', 'ts').entries()) {
    it(`example ${i + 1} runs`, () => {
      // The examples use no syntax of TypeScript's own.
      writeFileSync(join(folder, `example${i}.js`), code);
      const { status, stderr } = spawnSync(process.execPath, [`example${i}.js`], { cwd: folder, encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    });
  }
});
