// Small mistakes that could be made in a TypeScript file: a comparison turned, a constant moved, a condition negated.
import ts from 'typescript';

const { SyntaxKind } = ts;

/** What stands in the place of an operator. */
const turned = new Map([
  [SyntaxKind.LessThanToken, '<='],
  [SyntaxKind.LessThanEqualsToken, '<'],
  [SyntaxKind.GreaterThanToken, '>='],
  [SyntaxKind.GreaterThanEqualsToken, '>'],
  [SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
  [SyntaxKind.MinusToken, '+'],
  [SyntaxKind.AsteriskToken, '/'],
  [SyntaxKind.SlashToken, '*'],
]);

/**
 * All mutants of a file, as `{ start, end, text, was, line, reached }`: the characters from start to end become text, and
 * `reached` are those of the expression that changes its value.
 */
export function mutantsOf(path, source) {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, kind);
  const mutants = [];
  const range = (node) => ({ start: node.getStart(file), end: node.getEnd() });
  const add = (node, text, expression = node) => {
    const { start, end } = range(node);
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    mutants.push({ start, end, text, was: source.slice(start, end), line, reached: range(expression) });
  };
  const visit = (node) => {
    // What is said of types is gone when the program runs.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node) && turned.has(node.operatorToken.kind)) {
      add(node.operatorToken, turned.get(node.operatorToken.kind), node);
    } else if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
      add(node.expression, `!(${node.expression.getText(file)})`);
    } else if (ts.isConditionalExpression(node)) {
      add(node.condition, `!(${node.condition.getText(file)})`);
    } else if (ts.isNumericLiteral(node) && node.parent.name !== node) {
      add(node, `(${node.getText(file)} + 1)`);
    } else if (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) {
      add(node, node.kind === SyntaxKind.TrueKeyword ? 'false' : 'true');
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}

/**
 * The source with a call before each of the expressions: `(globalThis.reached(7), a < b)`.
 * @param expressions each with its `number`, and the characters `reached`
 */
export function withProbes(source, expressions) {
  const marks = expressions.flatMap(({ number, reached: { start, end } }) => [
    { at: start, order: source.length - end, text: `(globalThis.reached(${number}), ` },
    // What ends at a place ends before anything begins there, the inner one first.
    { at: end, order: -start - 1, text: ')' },
  ]);
  marks.sort((a, b) => a.at - b.at || a.order - b.order);
  let [probed, copied] = ['', 0];
  for (const { at, text } of marks) {
    probed += source.slice(copied, at) + text;
    copied = at;
  }
  return probed + source.slice(copied);
}
