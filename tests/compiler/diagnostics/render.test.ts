import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../../src/compiler/diagnostics/render.js';
import type { Source } from '../../../src/compiler/syntax/source.js';

const source: Source = {
  path: 'sparse.ae',
  text: 'experiment sparse {\n  encoder { dens(100) }\n\tloss mse() // 漢字 ok\n  show { é }\r\n}\n',
};

function diagnostic(meant: string, details: Partial<Diagnostic> = {}, from: Source = source): Diagnostic {
  const start = from.text.indexOf(meant);
  const span = { source: from, start, end: start + meant.length };
  return { code: 'AE201', severity: 'error', message: 'message', span, related: [], hint: null, ...details };
}

function check(diagnostics: readonly Diagnostic[], expected: string): void {
  expect(renderDiagnostics(diagnostics, { colour: false })).toBe(expected);
}

describe('a diagnostic as text', () => {
  it('says where, what, and what to do', () => {
    check(
      [diagnostic('dens', { message: "there is no layer 'dens'", hint: "did you mean 'dense'?" })],
      `AE201 error sparse.ae:2:13
there is no layer 'dens'
   |
 2 |   encoder { dens(100) }
   |             ^^^^
   hint: did you mean 'dense'?

1 error
`,
    );
  });

  it('shows the places that belong to it', () => {
    const other: Source = { path: 'parent.ae', text: `${'\n'.repeat(122)}loss mse()` };
    const related = [
      { span: { source, start: 0, end: 10 }, message: 'declared here' },
      { span: { source: other, start: 122, end: 126 }, message: 'and here' },
    ];
    check(
      [diagnostic('dens', { severity: 'warning', related })],
      `AE201 warning sparse.ae:2:13
message
    |
  2 |   encoder { dens(100) }
    |             ^^^^
    |
  1 | experiment sparse {
    | ^^^^^^^^^^ declared here
    at parent.ae:123:1
    |
123 | loss mse()
    | ^^^^ and here

1 warning
`,
    );
  });

  it('has carets under what is meant, whatever stands before it', () => {
    check(
      [diagnostic('ok'), diagnostic('é }')],
      `AE201 error sparse.ae:3:19
message
   |
 3 |   loss mse() // 漢字 ok
   |                      ^^

AE201 error sparse.ae:4:10
message
   |
 4 |   show { é }
   |          ^^^

2 errors
`,
    );
  });

  it('of more than a line, of nothing, or of no place', () => {
    const empty = { source, start: source.text.length, end: source.text.length };
    check(
      [
        diagnostic('encoder { dens(100) }\n\tloss'),
        diagnostic('', { span: empty, severity: 'warning' }),
        diagnostic('', { span: null }),
      ],
      `AE201 error sparse.ae:2:3
message
   |
 2 |   encoder { dens(100) }
   |   ^^^^^^^^^^^^^^^^^^^^^

AE201 warning sparse.ae:6:1
message
   |
 6 |
   | ^

AE201 error
message

2 errors, 1 warning
`,
    );
  });

  it('in a line too long for a screen shows the part around it', () => {
    const long: Source = { path: 'long.ae', text: `${'a'.repeat(1_000_000)} here ${'b'.repeat(1_000_000)}` };
    check(
      [diagnostic('here', {}, long)],
      `AE201 error long.ae:1:1000002
message
   |
 1 | …${'a'.repeat(39)} here ${'b'.repeat(75)}…
   | ${' '.repeat(41)}^^^^

1 error
`,
    );
  });

  it('does nothing to the terminal that a file might ask for', () => {
    const hostile: Source = { path: 'a\u001B[2J.ae', text: 'loss \u001B[31m\u0007\u202E x' };
    const text = renderDiagnostics([diagnostic('x', { message: 'a \u001B[0m', hint: '\u0008' }, hostile)], {
      colour: false,
    });
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text).toContain('loss �[31m�� x');
  });

  it('has colours where they are asked for, and else the same text', () => {
    const shown = [diagnostic('dens', { hint: 'hint' })];
    const coloured = renderDiagnostics(shown, { colour: true });
    expect(coloured).toContain('\u001B[31;1mAE201 error\u001B[0m');
    expect(coloured.replaceAll(/\p{Cc}\[[\d;]*m/gu, '')).toBe(renderDiagnostics(shown, { colour: false }));
  });

  it('of nothing is nothing', () => check([], ''));
});
