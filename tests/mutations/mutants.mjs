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

/** All mutants of a file, as `{ start, end, text, was, line }`: the characters from start to end become text. */
export function mutantsOf(path, source) {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, kind);
  const mutants = [];
  const add = (node, text) => {
    const [start, end] = [node.getStart(file), node.getEnd()];
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    mutants.push({ start, end, text, was: source.slice(start, end), line });
  };
  const visit = (node) => {
    // What is said of types is gone when the program runs.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node) && turned.has(node.operatorToken.kind)) {
      add(node.operatorToken, turned.get(node.operatorToken.kind));
    } else if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
      add(node.expression, `!(${node.expression.getText(file)})`);
    } else if (ts.isConditionalExpression(node)) {
      add(node.condition, `!(${node.condition.getText(file)})`);
    } else if (ts.isNumericLiteral(node)) {
      add(node, `(${node.getText(file)} + 1)`);
    } else if (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) {
      add(node, node.kind === SyntaxKind.TrueKeyword ? 'false' : 'true');
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mutants;
}
