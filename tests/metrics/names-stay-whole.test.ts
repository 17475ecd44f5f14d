import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** A metric's name, or the part of one that is in front of a quantity. */
const name = /^(train|train_evaluated|validation|test|pretrain(_\d+)?|encoder|decoder)\.[\w.]*$/;
/** An expression that takes names apart, or a suffix of one. */
const surgery = /\b(train|validation|test|encoder|decoder|pretrain)\b[^/]*\\\.|_term\b|\bkl_/;

/** Files whose texts look like names of metrics and are others: of weights and of files. */
const others: Readonly<Record<string, string>> = {
  'src/compare/verify/tensor-layer.ts': 'the layer of a tensor',
  'src/models/pytorch/project.ts': 'train.py',
  'src/trial/saelens-weights.ts': 'tensors of a file of weights',
};

/** Texts of a file that spell, or take apart, the name of a metric. */
function spelled(path: string, text: string): readonly string[] {
  if (!/['"`/](\^|train|validation|test|pretrain|encoder|decoder)|_term|kl_/.test(text)) return [];
  const found: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node);
    if (isText && (name.test(node.text) || node.text.endsWith('_term'))) found.push(node.text);
    if (ts.isRegularExpressionLiteral(node) && surgery.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('only the schema spells names of metrics and takes them apart', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path).replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('src/metrics/') && !path.includes('/assembly/'));
  expect(files.length).toBeGreaterThan(500);
  const offences = files
    .filter((path) => !Object.hasOwn(others, path))
    .flatMap((path) => spelled(path, readFileSync(path, 'utf8')).map((text) => `${path}: ${text}`));
  expect(offences, 'src/metrics has functions for this').toEqual([]);
});

test.each([
  "const usual = 'test.sse';",
  ['const name = `train.$', '{term}`;'].join(''),
  "name.startsWith('validation.')",
  '/^(train|validation|test)\\./.test(name)',
  "name.replace(/_term$/, '')",
  '/^kl_\\d+$/.test(name)',
])('%s is noticed', (text) => {
  expect(spelled('file.ts', text)).not.toEqual([]);
});
