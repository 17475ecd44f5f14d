import { expect, it } from 'vitest';
import { type SyntaxTree, syntaxTree } from '../../../src/compiler/syntax/concrete-syntax.js';

function tokens(tree: SyntaxTree): readonly string[] {
  return 'token' in tree ? [tree.text] : tree.children.flatMap(tokens);
}

it('the concrete syntax tree has every token, in the order of the text', () => {
  const written =
    'experiment a extends "b" { param x = 1 + 2 * - y . z where not f ( 1 , k = 2 , ) in [ 1 , ] train g ( ) { h = 1 } }';
  const tree = syntaxTree({ path: 'test.ae', text: written });
  expect(tree).toMatchObject({ rule: 'file', children: [{ rule: 'experiment' }] });
  expect(tree === null ? [] : tokens(tree)).toEqual(written.split(' '));
});

it('there is none for a text that the grammar refuses', () => {
  expect(syntaxTree({ path: 'test.ae', text: 'experiment' })).toBeNull();
  expect(syntaxTree({ path: 'test.ae', text: '('.repeat(100_000) })).toBeNull();
});
