import type { CstElement, CstNode, IToken } from 'chevrotain';

export function isToken(element: CstElement): element is IToken {
  return 'image' in element;
}

/** Where a part of a tree begins: Chevrotain sorts children by kind, but the first one that it meets stays first. */
export function firstToken(element: CstElement): IToken {
  if (isToken(element)) return element;
  const [first] = Object.values(element.children)[0] ?? [];
  if (first === undefined) throw new Error(`the rule '${element.name}' matched nothing`);
  return firstToken(first);
}

/** What a node is made of, in the order of the text. */
export function childrenInOrder(node: CstNode): readonly CstElement[] {
  return Object.values(node.children)
    .flat()
    .map((child) => ({ child, start: firstToken(child).startOffset }))
    .sort((a, b) => a.start - b.start)
    .map(({ child }) => child);
}
