import type { CstElement, CstNode, IToken } from 'chevrotain';

export function isToken(element: CstElement): element is IToken {
  return 'image' in element;
}

/** First token of a tree. Chevrotain groups children by kind, but keeps the order within a kind. */
export function firstToken(element: CstElement): IToken {
  if (isToken(element)) return element;
  const [first] = Object.values(element.children)[0] ?? [];
  if (first === undefined) throw new Error(`the rule '${element.name}' matched nothing`);
  return firstToken(first);
}

/** Children of a node in source order. */
export function childrenInOrder(node: CstNode): readonly CstElement[] {
  return Object.values(node.children)
    .flat()
    .map((child) => ({ child, start: firstToken(child).startOffset }))
    .sort((a, b) => a.start - b.start)
    .map(({ child }) => child);
}
