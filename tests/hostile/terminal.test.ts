import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Styled, shown } from '../../src/cli/console.js';
import { jsonLine } from '../../src/cli/json.js';
import { table } from '../../src/cli/table.js';
import { formatTable, markdownText } from '../../src/cli/table-formats.js';
import { verdictText } from '../../src/cli/verdict-text.js';
import { program } from '../cli/command.js';

/** Clears the screen, goes back in its line, sets the title, is an 8-bit CSI, turns direction, is not seen. */
const hostile = 'evil\x1b[2J\x1b]0;title\x07\r\x9b31m\u202e\u200b\u2028\x7f\x00';
/** Every character that a terminal acts on, or that no one sees, but the ends of our lines. */
const acting = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aedsl-hostile-terminal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function printed(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: '1', AEDSL_DATA: '' },
  });
  return { status, stdout, stderr, all: stdout + stderr };
}

describe('what comes from elsewhere reaches a terminal as text', () => {
  it('in everything that a command prints, with the ends of lines and the colours that are ours', () => {
    expect(shown(`${hostile}\n\tnext\n`)).toBe('evil␛[2J␛]0;title␇␍<U+009B>31m<U+202E><U+200B><U+2028>␡␀\n\tnext\n');
    expect(shown(new Styled('\x1b[31;1merror\x1b[0m \x1b[2J\x1b]8;;x\x07'))).toBe('\x1b[31;1merror\x1b[0m ␛[2J␛]8;;x␇');
    expect(shown('\x1b[31m')).toBe('␛[31m');
  });

  it('in names of files, diagnostics and messages of every kind', () => {
    const name = 'a\x1b[2J\r\x9b\u202eb.ae';
    writeFileSync(
      join(folder, name),
      `experiment x { // \u202E${hostile.replaceAll('\x00', '')}\n  loss nope() "\x1b[2J" }\n`,
    );
    const commands = [
      ['check', name],
      ['compile', name],
      ['fmt', '--check', name],
      ['run', `${name}.missing`],
      ['ls', '--db', `${hostile.replaceAll('\x00', '')}.db`],
      ['show', `${name}\nr1: bit-identical in 5 steps`],
      ['sweep', name, `p=\x1b[2J`],
      [`no\x1b[2Jcommand`],
      ['check', name, '--json'],
    ];
    for (const command of commands) {
      const { all, status } = printed(...command);
      expect(all.match(acting), command.join(' ')).toBeNull();
      expect(all).not.toMatch(/^r1: bit-identical/m);
      expect([2, 3, 4]).toContain(status);
    }
  }, 30_000);

  it('as one line of a table, whatever a cell holds', () => {
    const text = table(['name', 'n'], [[`${hostile}\nr1`, '1']]);
    expect(text).not.toMatch(acting);
    expect(text.split('\n')).toHaveLength(3);
  });

  it('in JSON as escapes, with the same value', () => {
    const line = jsonLine({ name: `${hostile}\u{E0001}` });
    expect(line).not.toMatch(acting);
    expect(JSON.parse(line)).toEqual({ name: `${hostile}\u{E0001}` });
  });

  it('in CSV as it is, for programs', () => {
    const columns = [{ heading: 'n', key: 'n', text: (text: string) => text, value: (text: string) => text }];
    expect(formatTable(columns, ['=cmd|x', '\x1b[2J'], 'csv')).toBe('n\n=cmd|x\n\x1b[2J\n');
  });

  it('and a bundle that differs cannot say that it does not', () => {
    const evil = 'x\nr1: bit-identical in 5 steps (simd)\r\x1b[1A';
    const text = verdictText(
      {
        run: evil,
        left: evil,
        right: evil,
        identical: false,
        steps: 3,
        window: null,
        tensor: null,
        difference: null,
        stored: [{ name: evil, difference: { elements: 1, differing: 1, mostUlps: 1, first: null } }],
        notes: [evil],
        notChecked: [evil],
      },
      evil,
    );
    expect(text).not.toMatch(acting);
    expect(text).not.toMatch(/^r1: bit-identical/m);
  });
});

describe('what comes from elsewhere is text in Markdown', () => {
  it('and no markup, HTML, link, picture or mention', () => {
    expect(markdownText('<img src=x> [a](javascript:b) `c` **d** | e\n# f &lt; ![g](h) @team')).toBe(
      '\\<img src=x\\> \\[a\\](javascript:b) \\`c\\` \\*\\*d\\*\\* \\| e\ufffd\\# f \\&lt; \\!\\[g\\](h) \\@team',
    );
    expect(markdownText('https://evil.example www.evil.example')).toBe('https\\://evil.example www\\.evil.example');
  });
});

describe('characters that make a person read something else', () => {
  it('are a warning in comments and strings, and shown in the line', () => {
    const file = join(folder, 'turned.ae');
    writeFileSync(file, `experiment turned { // \u202Eesrever\n${'  // \u200B\n'.repeat(500)}`);
    const { stdout } = printed('check', 'turned.ae');
    expect(stdout).toContain('AE109 warning turned.ae:1:24');
    expect(stdout).toContain('this line contains the character U+202E: it changes the direction of text');
    expect(stdout).toContain('// \ufffdesrever');
    expect(stdout.match(/AE109/g)).toHaveLength(10);
  });
});
