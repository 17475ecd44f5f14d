import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveStreams } from '../../src/editor/stdio.js';
import { Client } from '../editor/client.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-hostile-editor-'));
writeFileSync(join(folder, 'package.json'), '{}');
const first = readFileSync('experiments/first.ae', 'utf8');
afterAll(() => rmSync(folder, { recursive: true }));

describe('a client that sends nonsense', () => {
  let editor: Client;
  beforeEach(async () => {
    editor = await Client.start();
  });
  afterEach(async () => {
    // Whatever came, the server is there, and right.
    const uri = editor.open(join(folder, 'last.ae'), first.replace('mse()', 'mze()'));
    expect(await editor.diagnostics(uri)).toMatchObject([{ code: 'AE201' }]);
    expect(await editor.stop()).toBe(true);
  });

  it.each([
    ['no file', 'http://example.org/a.ae'],
    ['another machine', 'file://server/share/a.ae'],
    ['a slash in a name', 'file:///tmp/a%2Fb.ae'],
    ['a null', 'file:///tmp/a%00.ae'],
    ['half a code', 'file:///tmp/%E0%A4%A.ae'],
    ['nothing', ''],
    ['no URI', 'not a uri at all'],
    ['a prototype', '__proto__'],
    ['a folder', 'file:///'],
  ])('opens %s', async (_, uri) => {
    editor.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'aedsl', version: 1, text: first } });
    for (const method of [
      'hover',
      'completion',
      'definition',
      'references',
      'codeLens',
      'documentSymbol',
      'formatting',
    ]) {
      const asked = editor.request(`textDocument/${method}`, {
        textDocument: { uri },
        position: { line: 5, character: 14 },
      });
      await asked.catch((error) => expect(error.message).toMatch(/./));
    }
    const edit = editor.at('rename', uri, { line: 2, character: 9 }, { newName: 'units' });
    await edit.catch((error) => expect(error.message).toMatch(/./));
  });

  it.each([
    ['beyond the text', { line: 1e9, character: 1e9 }],
    ['before it', { line: -5, character: -5 }],
    ['that is no number', { line: 'x', character: null }],
    ['that is half one', { line: 0.5, character: 0.5 }],
    ['that is none', { line: Number.MAX_SAFE_INTEGER, character: Number.MIN_VALUE }],
    ['that is missing', undefined],
  ])('asks about a position %s', async (_, position) => {
    const uri = editor.open(join(folder, 'a.ae'), first);
    for (const method of ['hover', 'completion', 'signatureHelp', 'definition', 'rename', 'inlayHint', 'codeAction']) {
      const range = { start: position, end: position };
      const asked = editor.request(`textDocument/${method}`, {
        textDocument: { uri },
        position,
        range,
        newName: 7,
        context: {},
      });
      await asked.catch((error) => expect(error.message).toMatch(/./));
    }
    editor.change(uri, { range: { start: position, end: position }, text: 'x' });
    editor.change(uri, { text: first });
    expect(await editor.diagnostics(uri)).toEqual([]);
  });

  it.each([
    ['without parameters', undefined],
    ['with other ones', { textDocument: 3, contentChanges: 'x' }],
    [
      'for a text that is not open',
      { textDocument: { uri: 'file:///tmp/none.ae', version: 2 }, contentChanges: [{ text: '' }] },
    ],
  ])('tells it %s', async (_, params) => {
    for (const method of ['didOpen', 'didChange', 'didClose', 'didSave'])
      editor.notify(`textDocument/${method}`, params);
    editor.notify('workspace/didChangeWatchedFiles', params);
    editor.notify('workspace/didChangeConfiguration', { settings: { aedsl: { path: '/bin/false' } } });
    await expect(editor.request('aedsl/unknown', params)).rejects.toThrow();
  });

  it('opens texts that are too long, too deep, or of one line', { timeout: 60_000 }, async () => {
    const long = editor.open(join(folder, 'long.ae'), 'x '.repeat(2_100_000));
    expect(await editor.diagnostics(long)).toMatchObject([{ code: 'AE110' }]);
    const deep = editor.open(join(folder, 'deep.ae'), `experiment a { loss ${'('.repeat(50_000)}`);
    expect(await editor.diagnostics(deep)).toMatchObject([{ code: 'AE105' }]);
    const flat = editor.open(join(folder, 'flat.ae'), `experiment a { loss ${'mse() + '.repeat(20_000)}`);
    await editor.diagnostics(flat);
    for (const uri of [long, deep, flat]) {
      const position = { line: 0, character: 500 };
      await Promise.all(
        ['hover', 'completion', 'signatureHelp', 'codeLens'].map((method) => editor.at(method, uri, position)),
      );
    }
  });

  it('names files that it may not read', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'aedsl-hostile-outside-'));
    try {
      writeFileSync(join(outside, 'secret.ae'), first);
      symlinkSync(join(outside, 'secret.ae'), join(folder, 'link.ae'));
      mkdirSync(join(folder, '.git'), { recursive: true });
      writeFileSync(join(folder, '.git', 'config.ae'), first);
      for (const path of [
        join(outside, 'secret.ae'),
        'link.ae',
        '.git/config.ae',
        '/dev/zero',
        '../../../etc/passwd',
      ]) {
        const text = `experiment child extends "${path}" {}`;
        const uri = editor.open(join(folder, 'child.ae'), text);
        expect(await editor.diagnostics(uri), path).toMatchObject([{ code: 'AE701' }]);
        expect(await editor.at('definition', uri, { line: 0, character: 27 }), path).toBeNull();
        editor.close(uri);
      }
      const data = editor.open(
        join(folder, 'data.ae'),
        first.replace(/digits\(.*?\)/, `csv("${join(outside, 'secret.csv')}")`),
      );
      expect(await editor.diagnostics(data)).toMatchObject([
        { code: 'AE701', message: expect.stringContaining('outside') },
      ]);
    } finally {
      rmSync(outside, { recursive: true });
      rmSync(join(folder, '.git'), { recursive: true });
    }
  });
});

it.each([
  ['no header', 'hello\r\n\r\n'],
  ['no length', 'Content-Length: none\r\n\r\n{}'],
  ['no JSON', 'Content-Length: 5\r\n\r\n{{{{{'],
  ['half a message', 'Content-Length: 500\r\n\r\n{}'],
  ['nothing', ''],
])('a stream of %s ends the server when it ends', async (_, bytes) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  output.resume();
  const ended = serveStreams(input, output, { words: [], version: '0' });
  input.end(bytes);
  expect(await ended).toBe(true);
});

describe('words of a project', () => {
  const project = mkdtempSync(join(tmpdir(), 'aedsl-hostile-words-'));
  const before = process.env.XDG_CACHE_HOME;
  afterAll(() => {
    rmSync(project, { recursive: true });
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });

  it('run only once the person has agreed, to the file as it is', async () => {
    process.env.XDG_CACHE_HOME = join(project, 'cache');
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    writeFileSync(join(project, 'aedsl.config.json'), '{ "words": ["./words.js"] }');
    const module = (name: string) => `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(join(project, 'ran'))}, '${name}');
export default () => ({ schedule: [{ family: 'schedule', name: '${name}', version: 1, doc: 'A made up schedule.', parameters: {},
  example: '', mistake: { text: '', code: 'AE304' }, oracle: '', at: () => 1, settles: () => 0, beyond: () => null, extent: () => [1, 1], check: () => [] }] });`;
    writeFileSync(join(project, 'words.js'), module('steady'));
    const ran = () => {
      try {
        return readFileSync(join(project, 'ran'), 'utf8');
      } catch {
        return null;
      }
    };
    const text = first.replace('lr=0.003', 'lr=steady()');
    const look = async (answer: string | null) => {
      const editor = await Client.start();
      editor.answer = answer;
      const uri = editor.open(join(project, 'a.ae'), text);
      let found = await editor.diagnostics(uri);
      if (answer?.startsWith('Load')) found = await editor.diagnostics(uri);
      await editor.stop();
      return { asked: editor.asked, codes: found.map(({ code }) => code) };
    };
    for (const refusal of [null, 'No']) {
      expect(await look(refusal)).toEqual({
        asked: [expect.stringContaining('./words.js (SHA-256')],
        codes: ['AE201'],
      });
      expect(ran()).toBeNull();
    }
    const agreed = await look('Load it, now and until it changes');
    expect(agreed.asked).toHaveLength(1);
    expect({ ran: ran(), codes: agreed.codes }).toEqual({ ran: 'steady', codes: [] });
  });
});
