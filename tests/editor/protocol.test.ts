import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Hover, TextEdit } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Client, positionOf } from './client.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-editor-'));
writeFileSync(join(folder, 'package.json'), '{}');
const first = readFileSync('experiments/first.ae', 'utf8');

let client: Client | null = null;
const started = async () => {
  client = await Client.start();
  return client;
};
afterEach(async () => {
  expect(await client?.stop()).toBe(true);
  client = null;
});
afterAll(() => rmSync(folder, { recursive: true }));

test('diagnostics follow what is typed', async () => {
  const editor = await started();
  const uri = editor.open(join(folder, 'first.ae'), first);
  expect(await editor.diagnostics(uri)).toEqual([]);
  const start = positionOf(first, 'dense(hidden');
  const range = { start, end: { ...start, character: start.character + 5 } };
  editor.change(uri, { range, text: 'dens' });
  expect(await editor.diagnostics(uri)).toEqual([
    {
      range: { start, end: { ...start, character: start.character + 4 } },
      severity: 1,
      code: 'AE201',
      source: 'aedsl',
      message: "there is no layer 'dens'\nhint: did you mean 'dense'?",
    },
  ]);
  editor.change(uri, { range: { ...range, end: { ...start, character: start.character + 4 } }, text: 'dense' });
  expect(await editor.diagnostics(uri)).toEqual([]);
});

test('a parent is read from its open text before the disk', async () => {
  const editor = await started();
  writeFileSync(join(folder, 'parent.ae'), first);
  const child = editor.open(join(folder, 'child.ae'), 'experiment child extends "parent.ae" { param hidden = 8 }\n');
  expect(await editor.diagnostics(child)).toEqual([]);
  const parent = editor.open(join(folder, 'parent.ae'), first.replace('code: dense(hidden', 'code: dense(wide'));
  const [unknown] = await editor.diagnostics(child);
  expect(unknown).toMatchObject({
    code: 'AE305',
    range: { start: positionOf('experiment child extends "parent', '"parent') },
    relatedInformation: [{ location: { uri: parent } }],
  });
  editor.close(parent);
  expect(await editor.diagnostics(child)).toEqual([]);
});

test('a text in no file, and a path outside of the project, are not read from', async () => {
  const editor = await started();
  const unsaved = editor.open('untitled:Untitled-1', 'experiment child extends "parent.ae" {}');
  expect(await editor.diagnostics(unsaved)).toMatchObject([
    { code: 'AE701', message: expect.stringContaining('no file yet') },
  ]);
  const outside = editor.open(join(folder, 'outside.ae'), 'experiment child extends "../../etc/parent.ae" {}');
  expect(await editor.diagnostics(outside)).toMatchObject([
    { code: 'AE701', message: expect.stringContaining('outside') },
  ]);
  editor.open('/etc/parent.ae', first);
  const again = editor.open(join(folder, 'again.ae'), 'experiment child extends "/etc/parent.ae" {}');
  expect(await editor.diagnostics(again)).toMatchObject([
    { code: 'AE701', message: expect.stringContaining('outside') },
  ]);
});

test('formatting changes the lines that need it', async () => {
  const editor = await started();
  const text = first.replace('  loss mse()', 'loss    mse( )').replaceAll('\n', '\r\n');
  const uri = editor.open(join(folder, 'first.ae'), text);
  const edits = await editor.request<TextEdit[]>('textDocument/formatting', {
    textDocument: { uri },
    options: { tabSize: 4, insertSpaces: false },
  });
  expect(edits).toHaveLength(1);
  expect(edits[0]?.newText).toBe('  loss mse()\r\n');
  const document = TextDocument.create(uri, 'aedsl', 1, text);
  expect(TextDocument.applyEdits(document, edits)).toBe(first.replaceAll('\n', '\r\n'));
  const broken = editor.open(join(folder, 'broken.ae'), 'experiment {');
  expect(await editor.request('textDocument/formatting', { textDocument: { uri: broken }, options: {} })).toEqual([]);
});

test('hover says what a name is', async () => {
  const editor = await started();
  const text = first
    .replace('param hidden = 32', 'param hidden = 32 where hidden > 1  // units of the code')
    .replace('lr=0.003', 'lr=cosine(0.003)');
  const uri = editor.open(join(folder, 'first.ae'), text);
  const hover = async (wanted: string, n = 0) => {
    const found = await editor.at<Hover | null>('hover', uri, positionOf(text, wanted, n));
    return found === null
      ? null
      : typeof found.contents === 'object' && 'value' in found.contents
        ? found.contents.value
        : '';
  };
  expect(await hover('den|se')).toMatch(
    /^```ae\ndense\(features, .*\n```\n\n\*layer\*\n\n[\s\S]*- `features`: .*required/,
  );
  expect(await hover('adam|(')).toContain('Source: Kingma');
  expect(await hover('acti|vation=')).toContain('of `dense`');
  expect(await hover('sig|moid')).toContain('sigmoid()');
  expect(await hover('epo|chs')).toContain('How often every training example is seen;');
  expect(await hover('cos|ine')).toContain('*schedule*');
  expect(await hover('hid|den')).toMatch(
    /param hidden = 32 where hidden > 1\n[\s\S]*Value: `32`[\s\S]*used in `dense\(features=…\)`: \*whole number from 1[\s\S]*units of the code/,
  );
  expect(await hover('dense(hid|den')).toBe(await hover('hid|den'));
  expect(await hover('co|de: ')).toMatch(
    /code: dense\(hidden, activation=sigmoid\)\n[\s\S]*Output: 32, 12,832 parameters/,
  );
  expect(await hover('filters(co|de')).toBe(await hover('co|de: '));
  expect(await hover('input.si|ze')).toContain('The input is 1×20×20');
  expect(await hover('enc|oder')).toContain('encoder { layers }');
  expect(await hover('experiment fi|rst')).toContain('A first experiment');
  expect(await hover('= 32 where |')).toContain('hidden');
});
