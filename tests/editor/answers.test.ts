import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CompletionItem,
  DocumentSymbol,
  InlayHint,
  Location,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { compileText } from '../compiler/compiled.js';
import { Client, positionOf, positionOfMark } from './client.js';

const folder = mkdtempSync(join(tmpdir(), 'aedsl-answers-'));
const file = (name: string) => join(folder, name);
const first = readFileSync('experiments/first.ae', 'utf8');
const vae = readFileSync('experiments/vae.ae', 'utf8').replaceAll('mnist', 'digits');
const whole = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } };

let editor: Client;
let opened = 0;
const open = (text: string) => editor.open(file(`text${opened++}.ae`), text);
beforeAll(async () => {
  writeFileSync(file('package.json'), '{}');
  editor = await Client.start({ textDocument: { completion: { completionItem: { snippetSupport: true } } } });
});
afterAll(async () => {
  expect(await editor.stop()).toBe(true);
  rmSync(folder, { recursive: true });
});

/** The shapes, each behind the text before it on its line. */
async function shapes(text: string): Promise<readonly string[]> {
  const uri = open(text);
  const hints = await editor.request<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range: whole });
  const lines = text.split('\n');
  return hints.map(
    ({ position, label }) => `${lines[position.line]?.slice(0, position.character).trim().split(' ').at(-1)} ${label}`,
  );
}

/** What is proposed where `|` is, in the order in which it is shown. */
async function proposed(text: string): Promise<readonly CompletionItem[]> {
  const uri = open(text.replace('|', ''));
  const position = positionOfMark(text);
  const items = await editor.at<CompletionItem[]>('completion', uri, position);
  return items.toSorted((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
}
const labels = async (text: string) => (await proposed(text)).map(({ label }) => label);

describe('shapes', () => {
  test('stand after the data, each transform and each layer', async () => {
    expect(await shapes(first)).toEqual([
      'test=500) → 1×28×28',
      'center_crop(20) → 1×20×20',
      'activation=sigmoid) → 32',
      'activation=sigmoid) → 400',
    ]);
    expect(await shapes(vae)).toEqual([
      'digits() → 1×28×28',
      'activation=relu) → 400',
      'dense(latent) → 20',
      'dense(latent) → 20',
      '} → 20',
      'activation=relu) → 400',
      'activation=sigmoid) → 784',
    ]);
    const mirrored = first.replace(/decoder .*/, 'decoder mirror(encoder, output=sigmoid)');
    expect((await shapes(mirrored)).at(-1)).toBe('output=sigmoid) → 400 → 1×20×20');
  });

  test('are there up to a mistake, and while a layer is being typed', async () => {
    const wrong = first.replace('dense(input.size', 'dense(3');
    expect((await shapes(wrong)).at(-1)).toBe('activation=sigmoid) → 3');
    const typing = first.replace('{ code: dense(hidden, activation=sigmoid) }', '{ dense(100) dense(50, acti\n }');
    expect(await shapes(typing)).toEqual([
      'test=500) → 1×28×28',
      'center_crop(20) → 1×20×20',
      'dense(100) → 100',
      'activation=sigmoid) → 400',
    ]);
    const noLoss = first.replace('loss mse()', 'loss mse() +');
    expect(await shapes(noLoss)).toEqual(await shapes(first));
  });
});

describe('completion', () => {
  const inside = (statement: string) => first.replace('  loss mse()', statement);

  test.each([
    ['encoder', 'encoder { den|', ['dense', 'conv2d', 'relu']],
    ['a layer behind a label', 'encoder { code: |', ['dense']],
    ['transforms', 'data digits() { |', ['center_crop', 'normalize']],
    ['data', 'data |', ['digits', 'mnist', 'csv']],
    ['target', 'target |', ['digits', 'mnist', 'npy']],
    ['transforms of a target', 'target digits() { |', ['center_crop', 'standardize']],
    ['the target', 'target digits() decoder { dense(target.|', ['size', 'shape', 'height']],
    ['corrupt', 'corrupt |', ['salt', 'masking']],
    ['several corruptions', 'corrupt { gaussian(0.1) |', ['salt', 'masking']],
    ['decoder', 'decoder |', ['mirror', 'tied']],
    ['loss', 'loss mse() + |', ['mse', 'kl_sparsity', 'warmup', 'hidden']],
    ['train', 'train |', ['adam', 'sgd']],
    ['settings', 'train adam() { |', ['epochs', 'batch', 'stop', 'keep']],
    ['settings after one', 'train adam() { epochs = 3 |', ['batch']],
    ['values of a setting', 'train adam() { keep = |', ['last', 'best']],
    ['a word in a setting', 'train adam() { stop = |', ['early']],
    ['settings of a stage', 'pretrain rbm(on=[code]) { |', ['epochs', 'batch']],
    ['labels in a list', 'pretrain rbm(on=[|', ['code']],
    ['show', 'show { |', ['filters', 'reconstructions']],
    ['labels', 'show { filters(|', ['code', 'on']],
    ['evaluate', 'evaluate { |', ['psnr', 'pca']],
    ['axes', 'sweep { |', ['hidden', 'seeds', 'data', 'metric', 'prune']],
    ['values of an axis', 'sweep { hidden = |', ['range', 'choice', 'int']],
    ['options of a sweep', 'sweep { method = |', ['random', 'sobol']],
    ['arguments', 'encoder { dense(3, |', ['activation', 'bias', 'init']],
    ['activations', 'encoder { dense(3, activation=|', ['sigmoid', 'relu']],
    ['initializers', 'encoder { dense(3, init=|', ['he', 'xavier']],
    ['params', 'encoder { dense(|', ['hidden', 'input', 'features']],
    ['input', 'decoder { dense(input.|', ['size', 'shape', 'height']],
    ['layers in braces', 'encoder { residual { repeat(2) { |', ['dense', 'residual', 'add']],
    ['a layer to take from', 'encoder { skipped: dense(3)  add(from=|', ['skipped']],
    ['heads', 'encoder { z: reparameterize { |', ['mu', 'logvar']],
    ['statements', 'sh|', ['loss', 'param', 'evaluate']],
    ['a statement behind another', 'loss mse()\n  ev|', ['evaluate', 'sweep']],
    ['where', 'param a = 3 |', ['where']],
    ['without', 'without |', ['corrupt', 'sweep']],
    ['schedules', 'train adam(lr=|', ['cosine', 'warmup']],
  ])('knows %s', async (_, statement, expected) => {
    expect(await labels(inside(statement))).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ['layers among activations', 'encoder { dense(3, activation=|', ['dense', 'conv2d']],
    ['an argument twice', 'encoder { dense(features=3, |', ['features']],
    ['a setting twice', 'train adam() { epochs = 3 |', ['epochs']],
    ['what is a comment', 'loss mse() // |', ['mse']],
    ['what is a text', 'data csv("|', ['mse', 'digits']],
    ['what is a number', 'encoder { dense(1|', ['hidden']],
    ['layers in the loss', 'loss |', ['dense']],
  ])('does not propose %s', async (_, statement, unwanted) => {
    const found = await labels(inside(statement));
    for (const each of unwanted) expect(found).not.toContain(each);
  });

  test('has parents, and what a parent declares', async () => {
    expect(await labels(`${first}\nexperiment second extends |`)).toEqual(['first']);
    expect(await labels(`${first}\nexperiment second extends first { encoder { dense(|`)).toContain('hidden');
    expect(await labels(`${first}\nexperiment second extends first { show { filters(|`)).toContain('code');
  });

  test('reads a layer after one that is not closed, and no labels of layers that are replaced', async () => {
    expect(await labels(inside('encoder { dense(3, activation=\n  h: dense(|'))).toContain('features');
    const child = (encoder: string) => `${vae}\nexperiment other extends vae { ${encoder} show { latent_scatter(|`;
    expect(await labels(child(''))).toContain('z');
    expect(await labels(child('encoder { other: dense(3) }'))).toEqual(['other', 'code', 'output', 'on']);
  });

  test('inserts what a word needs, and not twice', async () => {
    const edit = (items: readonly CompletionItem[], label: string) => {
      const item = items.find((each) => each.label === label);
      return item?.textEdit && 'newText' in item.textEdit ? item.textEdit.newText : null;
    };
    const layers = await proposed(inside('encoder { de|'));
    expect(edit(layers, 'dense')).toBe(`dense($${'{1:features}'})`);
    expect(edit(layers, 'reparameterize')).toContain('mu: dense(');
    expect(edit(await proposed(inside('encoder { de|(3) }')), 'dense')).toBe('dense');
    expect(edit(await proposed(inside('encoder { dense(3, acti|=relu) }')), 'activation')).toBe('activation');
  });

  describe('in quotation marks', () => {
    const put = async (text: string, label: string) => {
      const item = (await proposed(text)).find((each) => each.label === label);
      if (item?.textEdit === undefined || !('range' in item.textEdit)) return null;
      const document = TextDocument.create('', 'aedsl', 1, text.replace('|', ''));
      return TextDocument.applyEdits(document, [item.textEdit]).split('\n')[positionOfMark(text).line]?.trim();
    };
    beforeAll(() => {
      mkdirSync(file('tables/node_modules'), { recursive: true });
      mkdirSync(file('.hidden'));
      for (const name of ['tables/a.csv', 'tables/b.npy', 'tables/c"d.csv', 'results.db'])
        writeFileSync(file(name), '');
      writeFileSync(file('base.ae'), `${first}\n${vae}`);
      symlinkSync(tmpdir(), file('outside'));
    });

    test('are the files of the project, those of the data set first', async () => {
      expect(await labels(inside('data csv("|")'))).toEqual(['tables', 'base.ae', 'package.json']);
      expect(await labels(inside('data csv("tables/|'))).toEqual(['a.csv', 'b.npy']);
      expect(await labels(inside('data npy(labels="./tables/|")'))).toEqual(['b.npy', 'a.csv']);
      expect(await labels(inside('data csv("outside/|")'))).toEqual([]);
      expect(await labels(inside('data csv("../|")'))).toEqual([]);
      expect(await labels(inside('sweep { table = "tables/|" }'))).toEqual(['a.csv', 'b.npy']);
      expect(await put(inside('data csv("tables/a|z.csv", label="y")'), 'a.csv')).toBe(
        'data csv("tables/a.csv", label="y")',
      );
    });

    test('are experiments of other files', async () => {
      expect((await labels(`experiment a extends "|" {}`))[0]).toBe('base.ae');
      expect(await labels('experiment a extends "base.ae:|" {}')).toEqual(['first', 'plane', 'vae']);
      expect(await put('experiment a extends "base.ae:f|" {}', 'vae')).toBe('experiment a extends "base.ae:vae" {}');
    });

    test('are metrics of this loss, of a parent too', async () => {
      const loss = 'loss mse() + 2 * l1()\n';
      expect(await labels(inside(`${loss}train adam() { stop = early(metric="|") }`))).toEqual([
        'loss',
        'loss.l1',
        'loss.mse',
        'mse',
        'sse',
      ]);
      const swept = await labels(`${first}\nexperiment b extends first { sweep { metric = "val|" } }`);
      expect(swept.slice(0, 2)).toEqual(['validation.loss', 'validation.loss.mse']);
    });

    test('are no words, which lose their marks', async () => {
      const activations = await proposed(inside('encoder { dense(3, activation="re|") }'));
      // Editors compare it with what the edit replaces.
      expect(activations.find(({ label }) => label === 'relu')?.filterText).toBe('"relu');
      expect(await put(inside('encoder { dense(3, activation="re|") }'), 'relu')).toBe(
        'encoder { dense(3, activation=relu) }',
      );
      expect(await labels(inside('data csv("a.csv", separator="|")'))).toEqual([]);
    });
  });

  test('gives text that compiles, at every place of a list of words', async () => {
    const plain = await Client.start();
    try {
      const text = first.replace('  loss mse()', '  loss mse()\n  evaluate { | }');
      const uri = plain.open(file('plain.ae'), text.replace('|', ''));
      const items = await plain.at<CompletionItem[]>('completion', uri, positionOfMark(text));
      const applied = items
        .map(({ textEdit }) => textEdit)
        .filter((edit): edit is TextEdit => edit !== undefined && 'range' in edit);
      expect(applied.length).toBeGreaterThan(5);
      const document = TextDocument.create(uri, 'aedsl', 1, text.replace('|', ''));
      const psnr = applied.filter(({ newText }) => newText === 'psnr()');
      expect(() => compileText(TextDocument.applyEdits(document, psnr))).not.toThrow();
    } finally {
      await plain.stop();
    }
  });
});

test('the signature shows which argument is being written', async () => {
  const help = async (statement: string) => {
    const text = first.replace('  loss mse()', statement);
    const uri = open(text.replace('|', ''));
    const found = await editor.at<SignatureHelp | null>('signatureHelp', uri, positionOfMark(text));
    const signature = found?.signatures[0];
    const label = signature?.parameters?.[found?.activeParameter ?? -1]?.label;
    return typeof label === 'object' ? signature?.label.slice(...label) : (signature?.label ?? null);
  };
  expect(await help('encoder { dense(|')).toBe('features');
  expect(await help('encoder { dense(3, |')).toBe('activation');
  expect(await help('encoder { dense(3, init=he(|')).toBe('gain');
  expect(await help('encoder { dense(3, bias=|')).toBe('bias');
  expect(await help('encoder { code: dense(3)| }')).toBeNull();
  expect(await help('pretrain rbm(on=[code], lr=|')).toBe('lr');
});

test('symbols are the experiments and what they declare', async () => {
  const symbols = await editor.request<DocumentSymbol[]>('textDocument/documentSymbol', {
    textDocument: { uri: open(vae) },
  });
  expect(symbols.map(({ name, detail }) => [name, detail])).toEqual([
    ['vae', undefined],
    ['plane', 'extends vae'],
  ]);
  expect(symbols[0]?.children?.map(({ name }) => name)).toEqual([
    'latent',
    'data',
    'encoder',
    'z',
    'decoder',
    'loss',
    'train',
    'show',
  ]);
});

test('a word that the file defines has its formula and its arguments', async () => {
  const text = 'define loss far(a = 1 where a > 0) = a * mean(abs(output - target))\nexperiment b { loss far(a=2) }';
  const hover = await editor.request<{ contents: { value: string } } | null>('textDocument/hover', {
    textDocument: { uri: open(text) },
    position: { line: 1, character: 21 },
  });
  expect(hover?.contents.value).toContain('a * mean(abs(output - target))');
  expect(hover?.contents.value).toContain('where a > 0');
});

describe('in a formula', () => {
  const before =
    'define activation near(h = 1 where h > 0) = x / (h + abs(x))\ndefine penalty few(on = code) = mean(on)\n';
  const after = '\ndefine loss late() = mean(output)\n';
  const inFormula = (text: string) => labels(`${before}${text}${after}`);

  test('completion has what is in scope, the nearest first', async () => {
    const loss = await inFormula('define loss far(a = 1, on = code) = a * me|');
    expect(loss.slice(0, 8)).toEqual(['a', 'on', 'code', 'input', 'output', 'target', 'few', 'near']);
    expect(loss).toEqual(expect.arrayContaining(['mean', 'where', 'stop_gradient']));
    expect(loss).not.toContain('late');
    expect(loss).not.toContain('far');
    const activation = await inFormula('define activation wide(b = 2) = where(x > |');
    expect(activation.slice(0, 4)).toEqual(['b', 'x', 'near', 'abs']);
    expect(await inFormula('define loss far() = output |')).toEqual([]);
  });

  test('completion has the axes and the arguments of definitions', async () => {
    const ofExamples = ['channels', 'features', 'height', 'length', 'pixels', 'width'];
    expect((await inFormula('define loss far() = sum(output, axis=|')).toSorted()).toEqual(
      ['batch', 'everything', ...ofExamples].toSorted(),
    );
    expect(await inFormula('define activation far() = sum(x, axis=|)')).toEqual(ofExamples);
    expect(await inFormula('define activation far() = shift(x, 1, axis=|)')).not.toContain('pixels');
    expect((await inFormula('define loss far() = sum(output, |'))[0]).toBe('axis');
    expect((await inFormula('define loss far() = near(output, |'))[0]).toBe('h');
    expect(await inFormula('define loss far(on = |')).toEqual(['code']);
    expect(await inFormula('define loss far(a = 1 where |')).toEqual(['a']);
    expect(await inFormula('define loss far(a = 1 |')).toEqual(['where']);
  });

  test("a block's layers have its parameters and labels", async () => {
    const layers = await inFormula('define block down(n, f) { skip: dense(n)  concat(from=|');
    expect(layers.slice(0, 3)).toEqual(['skip', 'f', 'n']);
    expect(await inFormula('define block down(n, f) { dense(n, activation=|')).toEqual(
      expect.arrayContaining(['n', 'f', 'relu', 'near']),
    );
  });

  test('signatures and hovers', async () => {
    const signature = async (text: string) => {
      const help = await editor.at<SignatureHelp | null>(
        'signatureHelp',
        open(`${before}${text.replace('|', '')}${after}`),
        positionOfMark(`${before}${text}`),
      );
      return help && [help.signatures[0]?.label, help.activeParameter];
    };
    expect(await signature('define loss far() = mean(sum(output, axis=|')).toEqual(['sum(x, axis=features)', 1]);
    expect(await signature('define loss far() = where(output > 0, sin(output), |')).toEqual([
      'where(condition, a, b)',
      2,
    ]);
    expect(await signature('define loss far() = mean(near(output, h=|')).toEqual(['near(x, h=1)', 1]);
    expect(await signature('define loss far() = (output + |')).toBeNull();
    const hover = async (text: string) => {
      const uri = open(`${before}${text.replace('|', '')}${after}`);
      const found = await editor.at<{ contents: { value: string } } | null>(
        'hover',
        uri,
        positionOfMark(`${before}${text}`),
      );
      return found?.contents.value ?? null;
    };
    const far = 'define loss far(a = 1 where a > 0) = a * mean(sum(near(output - target), axis=features)) + min(a, 2)';
    expect(await hover(far.replace('sum(', 's|um('))).toContain('The sum over an axis');
    expect(await hover(far.replace('target', 'tar|get'))).toContain('What the decoder should give');
    expect(await hover(far.replace('features', 'fea|tures'))).toContain('All values of each example');
    expect(await hover(far.replace('= a *', '= |a *'))).toContain('where a > 0');
    expect(await hover(far.replace('near(', 'ne|ar('))).toContain('x / (h + abs(x))');
    expect(await hover(far.replace('far(', 'f|ar('))).toContain('a * mean(');
  });
});

test('symbols are definitions too', async () => {
  const text =
    'use "more.ae"\ndefine loss far(a = 1 where a > 0) = mean(x)\ndefine block down(n) { code: dense(n) }\nexperiment b { param use = 1 }';
  const symbols = await editor.request<DocumentSymbol[]>('textDocument/documentSymbol', {
    textDocument: { uri: open(text) },
  });
  expect(symbols.map(({ name, detail, range }) => [name, detail, range.end])).toEqual([
    ['far', 'loss', { line: 1, character: 44 }],
    ['down', 'block', { line: 2, character: 39 }],
    ['b', undefined, { line: 3, character: 30 }],
  ]);
  expect(symbols[2]?.children?.map(({ name }) => name)).toEqual(['use']);
});

describe('names of definitions and blocks', () => {
  const losses =
    'define activation near(h = 1) = x / (h + abs(x))\ndefine loss far(near = 2) = near * mean(near(output - target, h=near))\ndefine activation h() = 2 * x\n';
  const user = `use "named-losses.ae"
define block down(n, f = near) { h: dense(n, activation=f)  near()  concat(from=h) }
define block twice(n) { down(n)  down(n, f=near(2)) }
experiment user {
  param far = 3
  encoder { near: down(8, f=near)  twice(4)  code: dense(2, activation=near(h=far)) }
  loss far(near=2) + mse()
}
experiment other extends user { loss far() + l1(on=near) }
`;
  let lossesUri = '';
  let userUri = '';
  beforeAll(() => {
    writeFileSync(file('named-losses.ae'), losses);
    writeFileSync(file('user.ae'), user);
    userUri = editor.open(file('user.ae'), user);
    lossesUri = editor.open(file('named-losses.ae'), losses);
  });
  const definition = (wanted: string, uri = userUri, text = user) =>
    editor.at<Location | null>('definition', uri, positionOf(text, wanted));

  test('are found where they are defined', async () => {
    const near = { uri: lossesUri, range: { start: { line: 0, character: 18 } } };
    expect(await definition('"named|-losses.ae"')).toMatchObject({ uri: lossesUri });
    expect(await definition('f = ne|ar')).toMatchObject(near);
    expect(await definition('activation=ne|ar(h')).toMatchObject(near);
    expect(await definition('code: dense(2, activation=near(h=f|ar')).toMatchObject({ range: { start: { line: 4 } } });
    expect(await definition('ne|ar: down')).toMatchObject({ uri: userUri, range: { start: { line: 5 } } });
    expect(await definition('{ do|wn(n)')).toMatchObject({
      uri: userUri,
      range: { start: { line: 1, character: 13 } },
    });
  });

  test('say of a block what it places, and of a path which files there are', async () => {
    const hovered = async (wanted: string) =>
      (await editor.at<{ contents: unknown }>('hover', userUri, positionOf(user, wanted)))?.contents;
    const down = 'define block down(n, f = near) { h: dense(n, activation=f)  near()  concat(from=h) }\n```';
    expect(await hovered('near: do|wn(8')).toMatchObject({ value: expect.stringContaining(down) });
    expect(await hovered('{ do|wn(n)')).toMatchObject({ value: expect.stringContaining(down) });
    expect(await hovered('code: de|nse')).toMatchObject({ value: expect.stringContaining('Fully connected') });
    const inside = await labels('use "named|"\nexperiment a {}');
    expect(inside).toContain('named-losses.ae');
    expect(inside.indexOf('package.json')).toBeGreaterThan(inside.indexOf('named-losses.ae'));
  });

  test('are not what arguments, parameters and labels are called', async () => {
    const references = await editor.at<Location[]>('references', lossesUri, positionOf(losses, 'activation h|()'), {
      context: { includeDeclaration: true },
    });
    expect(references).toMatchObject([{ uri: lossesUri, range: { start: { line: 2, character: 18 } } }]);
  });

  test('are not columns, which are those of the table, or of the target', async () => {
    mkdirSync(file('people'));
    writeFileSync(file('people/own.csv'), 'sep=;\n age ;sex;"a;b"\n40;f;1\n');
    writeFileSync(file('people/wanted.csv'), 'mass\n1\n');
    writeFileSync(
      file('people.ae'),
      'experiment people { data csv("people/own.csv")  encoder { code: dense(2) } decoder { dense(3) } }',
    );
    const inside = (statements: string) => labels(`experiment child extends "people.ae" { ${statements} }`);
    expect(await inside('encoder { condition(columns=["|"]) }')).toEqual(['a;b', 'age', 'sex']);
    expect(await inside('data csv("people/own.csv", label="|")')).toEqual(['a;b', 'age', 'sex']);
    expect(await inside('target csv("people/wanted.csv", drop=["mass", "|"])')).toEqual(['mass']);
    expect(await inside('data csv("people/none.csv", drop=["|"])')).toEqual([]);
    expect(await inside('data csv("../elsewhere.csv", drop=["|"])')).toEqual([]);
    expect(await inside('data npy("people/own.csv", array="|")')).toEqual([]);
  });

  test('are changed in every file that uses them, and nothing else is', async () => {
    const edit = await editor.at<WorkspaceEdit>('rename', userUri, positionOf(user, 'down(n)  do|wn'), {
      newName: 'lower',
    });
    const changed = (uri: string, text: string, by: WorkspaceEdit) =>
      TextDocument.applyEdits(TextDocument.create(uri, 'aedsl', 1, text), by.changes?.[uri] ?? []);
    expect(changed(userUri, user, edit)).toBe(user.replaceAll('down', 'lower'));
    const near = await editor.at<WorkspaceEdit>('rename', userUri, positionOf(user, ')  ne|ar()'), { newName: 'bent' });
    expect(changed(lossesUri, losses, near)).toBe(losses.replace('activation near', 'activation bent'));
    expect(changed(userUri, user, near)).toBe(
      user
        .replace('f = near', 'f = bent')
        .replace('near()', 'bent()')
        .replaceAll('near(2)', 'bent(2)')
        .replaceAll('activation=near', 'activation=bent'),
    );
  });

  test.each([
    ['sigmoid', 'something else'],
    ['twice', 'something else'],
    ['far', 'something else'],
    ['mean', 'something else'],
    ['selu', 'something else'],
    ['loss', 'reserved'],
  ])('do not become %s', async (newName, reason) => {
    await expect(editor.at('rename', userUri, positionOf(user, 'block do|wn'), { newName })).rejects.toThrow(reason);
  });
});

describe('names', () => {
  const child = `experiment child extends "parent.ae" {
  param hidden = 8
  show { filters(code)  reconstructions(hidden) }
}
experiment grandchild extends child { show { filters(h) } }
`;
  const parent = first.replace('{ code: dense', '{ h: dense(9) code: dense').replace('filters(code)  ', '');
  let parentUri = '';
  let childUri = '';
  beforeAll(() => {
    writeFileSync(file('parent.ae'), parent);
    writeFileSync(file('unrelated.ae'), first);
    childUri = editor.open(file('child.ae'), child);
    parentUri = pathToFileURL(file('parent.ae')).href;
  });
  const places = (locations: readonly Location[]) =>
    locations
      .map(({ uri, range }) => `${uri.split('/').at(-1)} ${range.start.line}:${range.start.character}`)
      .toSorted();

  test('are found where they are declared', async () => {
    const definition = (wanted: string, n = 0) =>
      editor.at<Location | null>('definition', childUri, positionOf(child, wanted, n));
    expect(await definition('reconstructions(hid|den')).toMatchObject({
      uri: childUri,
      range: { start: { line: 1, character: 8 } },
    });
    expect(await definition('filters(h|)')).toMatchObject({
      uri: parentUri,
      range: { start: positionOf(parent, 'h: dense') },
    });
    expect(await definition('"par|ent.ae"')).toMatchObject({
      uri: parentUri,
      range: { start: positionOf(parent, '|first {') },
    });
    expect(await definition('extends chi|ld')).toMatchObject({
      uri: childUri,
      range: { start: { line: 0, character: 11 } },
    });
    expect(await definition('filters(co|de')).toMatchObject({ uri: parentUri });
    expect(await definition('fil|ters(')).toBeNull();
  });

  test('are found wherever they are used, in the files of the family alone', async () => {
    const references = await editor.at<Location[]>('references', childUri, positionOf(child, 'hid|den'), {
      context: { includeDeclaration: true },
    });
    expect(places(references)).toEqual(['child.ae 1:8', 'child.ae 2:40', 'parent.ae 2:8', 'parent.ae 5:36']);
  });

  test('are changed everywhere, and the meaning stays', async () => {
    const edit = await editor.at<WorkspaceEdit>('rename', childUri, positionOf(child, 'hid|den'), { newName: 'units' });
    const changed = (uri: string, text: string) =>
      TextDocument.applyEdits(TextDocument.create(uri, 'aedsl', 1, text), edit.changes?.[uri] ?? []);
    expect(Object.keys(edit.changes ?? {}).toSorted()).toEqual([childUri, parentUri].toSorted());
    expect(changed(parentUri, parent)).toBe(parent.replaceAll('hidden', 'units'));
    expect(changed(childUri, child)).toBe(child.replaceAll('hidden', 'units'));
    expect(compileText(changed(parentUri, parent)).hash).toBe(compileText(parent).hash);
    const label = await editor.at<WorkspaceEdit>('rename', childUri, positionOf(child, 'filters(h|)'), {
      newName: 'below',
    });
    expect(Object.values(label.changes ?? {}).flat()).toHaveLength(2);
    const experiment = await editor.at<WorkspaceEdit>('rename', childUri, positionOf(child, 'experiment chi|ld'), {
      newName: 'kid',
    });
    expect(experiment.changes).toEqual({
      [childUri]: [
        { range: expect.objectContaining({ start: { line: 0, character: 11 } }), newText: 'kid' },
        { range: expect.objectContaining({ start: positionOf(child, 'extends |child') }), newText: 'kid' },
      ],
    });
  });

  test.each([
    ['relu', 'not a name', 'two words'],
    ['a reserved word', 'reserved', 'encoder'],
    ['one that is there', 'something else', 'code'],
    ['a value', 'something else', 'sigmoid'],
  ])('do not become %s', async (_, reason, newName) => {
    const wanted = newName === 'code' ? /reserved/ : new RegExp(reason);
    await expect(editor.at('rename', childUri, positionOf(child, 'hid|den'), { newName })).rejects.toThrow(wanted);
  });

  test('that have a meaning of their own stay', async () => {
    await expect(editor.at('prepareRename', childUri, positionOf(child, 'filters(co|de'))).rejects.toThrow(
      "'code' is the name",
    );
    expect(await editor.at('prepareRename', childUri, positionOf(child, 'fil|ters('))).toBeNull();
  });
});
