import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { JsonDiagnostic } from '../../src/compiler/diagnostics/json.js';
import { printable } from '../../src/compiler/diagnostics/printable.js';
import { aedsl } from '../cli/recorded-console.js';
import { Client } from './client.js';
import { numbers, randomEdit } from './random-edits.js';

/** `npm run test:editor` makes ten thousand. */
const edits = Number(process.env.AEDSL_EDITS ?? 150);
const seed = Number(process.env.AEDSL_EDIT_SEED ?? 1);
/** Edits between two comparisons. */
const stretch = 25;

const folder = mkdtempSync(join(tmpdir(), 'aedsl-edits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const parent = readFileSync('experiments/first.ae', 'utf8').replace('experiment first', 'experiment parent');
const texts = ['first', 'vae', 'sparse', 'conv_unpool', 'deep_rbm', 'classic'].map((name) =>
  readFileSync(`experiments/${name}.ae`, 'utf8')
    .replaceAll('fashion_mnist', 'digits')
    .replaceAll('mnist', 'digits')
    .replace(/experiment \w+/, 'experiment edited'),
);
texts.push('experiment edited extends "parent.ae" { param hidden = 8  show { filters(code) } }\n');

const methods = [
  'hover',
  'completion',
  'signatureHelp',
  'definition',
  'references',
  'documentHighlight',
  'prepareRename',
] as const;
const documentMethods = ['documentSymbol', 'codeLens', 'inlayHint', 'codeAction', 'formatting'] as const;

/** What `aedsl check` says of the file, as the server says it. */
async function checked(file: string): Promise<readonly string[]> {
  const { out } = await aedsl('check', file, '--json');
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line): JsonDiagnostic => JSON.parse(line))
    .map(({ code, severity, message, hint, range }) => {
      const own = range?.file === file ? [range.line, range.column, range.endLine, range.endColumn] : ['elsewhere'];
      const place = range === null ? ['nowhere'] : own;
      return JSON.stringify([code, severity, printable(message), hint && printable(hint), ...place]);
    });
}

/** @param place what the command line says of it, unless it is in the file itself */
function published({ code, severity, message, range, relatedInformation }: Diagnostic, place: string | null): string {
  const [said = '', hint = null] = String(message).split('\nhint: ');
  const { start, end } = range;
  const own = [start.line + 1, start.character + 1, end.line + 1, end.character + 1];
  if (place === 'elsewhere') expect(relatedInformation?.length ?? 0, String(message)).toBeGreaterThan(0);
  const level = severity === 1 ? 'error' : 'warning';
  return JSON.stringify([code, level, said, hint, ...(place === null ? own : [place])]);
}

test(`after ${edits} edits the server says what the command line says`, { timeout: 3_600_000 }, async () => {
  const next = numbers(seed);
  const file = join(folder, 'edited.ae');
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'parent.ae'), parent);
  const editor = await Client.start({ textDocument: { completion: { completionItem: { snippetSupport: true } } } });
  const original = () => texts[Math.floor(next() * texts.length)] ?? '';
  let text = original();
  const uri = editor.open(file, text);
  const textDocument = { uri };
  const pick = <T>(items: readonly T[]) => items[Math.floor(next() * items.length)];
  let compared = 0;
  for (let done = 0; done < edits; done++) {
    const document = TextDocument.create(uri, 'aedsl', 1, text);
    const { start, end, text: inserted } = randomEdit(text, original(), next);
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    editor.change(uri, { range, text: inserted });
    text = TextDocument.applyEdits(document, [{ range, newText: inserted }]);
    const position = next() < 0.9 ? document.positionAt(start) : { line: Math.floor(next() * 1e9), character: 1e9 };
    const method = pick(methods);
    const asked =
      method === 'prepareRename'
        ? editor.at(method, uri, position).catch((error) => expect(error.message).toContain("'code'"))
        : editor.at(`${method}`, uri, position, { context: { includeDeclaration: true } });
    await Promise.all([
      asked,
      ...(next() < 0.3
        ? [
            editor.request(`textDocument/${pick(documentMethods)}`, {
              textDocument,
              range: { start: { line: 0, character: 0 }, end: position },
              context: { diagnostics: [] },
              options: {},
            }),
          ]
        : []),
    ]);
    if ((done + 1) % stretch !== 0 && done + 1 < edits) continue;
    writeFileSync(file, text);
    // A lone surrogate cannot be in a file.
    if (readFileSync(file, 'utf8') !== text) continue;
    compared++;
    const expected = await checked(file);
    const own = await editor.diagnostics(uri);
    const places = expected.map((line) => /"(elsewhere|nowhere)"]$/.exec(line)?.[1] ?? null);
    expect(
      own.map((diagnostic, i) => published(diagnostic, places[i] ?? null)),
      text,
    ).toEqual(expected);
  }
  expect(compared).toBeGreaterThan(edits / stretch / 2);
  expect(await editor.stop()).toBe(true);
});
