import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandProcess } from '../cli/command-process.js';

interface Block {
  readonly language: string;
  readonly text: string;
  /** The last file that is named before it. */
  readonly file: string;
}

const page = readFileSync('docs/tutorial.md', 'utf8');
const blocks: readonly Block[] = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ({ 1: language = '', 2: text = '', index }) => ({
    language,
    text,
    file:
      page
        .slice(0, index)
        .match(/`\w+\.ae`/g)
        ?.at(-1)
        ?.slice(1, -1) ?? '',
  }),
);

let folder = '';
let environment: NodeJS.ProcessEnv = {};
const commands = new CommandProcess();
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'aedsl-tutorial-')));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\n');
  chmodSync(join(bin, 'npm'), 0o755);
  environment = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    NO_COLOR: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b.example',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b.example',
  };
  // `npx aedsl …` is the program that is tested; packages are not installed again.
  commands.writeProgram(join(bin, 'npx'), environment, { drops: 1 });
});
afterAll(() => {
  commands.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lines without what differs between machines. */
function lines(text: string): readonly string[] {
  const same = text
    .replace(/\d+ steps\/s/g, 'N steps/s')
    .replace(/complete in [\d.]+ s/g, 'complete in N s')
    .replace(/^r\d+: /gm, '');
  return same.split('\n').filter((line) => line !== '');
}

describe('docs/tutorial.md', () => {
  it('prints what it says when it is followed word by word', { timeout: 120_000 }, () => {
    let cwd = folder;
    let printed = '';
    for (const { language, text, file } of blocks) {
      switch (language) {
        case 'sh': {
          const { stdout, status } = spawnSync('bash', ['-ec', `exec 2>&1\n${allowed(text)}pwd > '${folder}/cwd'`], {
            cwd,
            env: environment,
            encoding: 'utf8',
          });
          expect(status, `${text}\n${stdout}`).toBe(0);
          printed = stdout;
          cwd = readFileSync(join(folder, 'cwd'), 'utf8').trim();
          break;
        }
        case 'text':
          for (const line of lines(text)) expect(lines(printed)).toContain(line);
          break;
        case 'ae':
          if (file === 'first.ae') expect(readFileSync(join(cwd, file), 'utf8')).toBe(text);
          else writeFileSync(join(cwd, file), text);
          break;
        default:
          throw new Error(`the test does not know what to do with a block of ${language}`);
      }
    }
    expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(8);
  });
});

/** The two commands whose failure is what the page shows. */
function allowed(text: string): string {
  return text
    .replace('npx aedsl check wrong.ae\n', 'npx aedsl check wrong.ae || [ $? = 3 ]\n')
    .replace(/^(npx aedsl diff .* --fail-on .*)$/m, '$1 || [ $? = 1 ]');
}
