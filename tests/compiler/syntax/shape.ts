import type {
  CallExpression,
  DefinitionNode,
  Expression,
  LabelledCall,
  Setting,
  Statement,
} from '../../../src/compiler/syntax/ast.js';
import { parse, parseExpression } from '../../../src/compiler/syntax/parse.js';

/** An expression with every grouping in parentheses and words before what they hold: `(+ a (* 2 b))`. */
export function shapeOf(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'boolean':
      return String(expression.value);
    case 'string':
      return JSON.stringify(expression.value);
    case 'name':
      return expression.name;
    case 'list':
      return `[${expression.items.map(shapeOf).join(' ')}]`;
    case 'member':
      return `(. ${shapeOf(expression.object)} ${expression.member.name})`;
    case 'call':
      return callShape(expression);
    case 'unary':
      return `(${expression.operator} ${shapeOf(expression.operand)})`;
    case 'arithmetic':
    case 'logical':
      return `(${expression.operator} ${shapeOf(expression.left)} ${shapeOf(expression.right)})`;
    case 'comparison':
      return `(compare ${expression.operands
        .map((operand, i) => [shapeOf(operand), expression.operators[i] ?? []].flat().join(' '))
        .join(' ')})`;
    case 'membership':
      return `(in ${shapeOf(expression.value)} ${shapeOf(expression.list)})`;
  }
}

function callShape({ word, arguments: given, block }: CallExpression): string {
  const shapes = given.map(({ name, value }) => (name ? `${name.name}=${shapeOf(value)}` : shapeOf(value)));
  return `${word.name}(${shapes.join(' ')})${block ? `{${block.map(layerShape).join(' ')}}` : ''}`;
}

function layerShape({ label, call }: LabelledCall): string {
  return `${label ? `${label.name}:` : ''}${callShape(call)}`;
}

function settingsShape(settings: readonly Setting[]): string {
  return settings.map(({ name, value }) => `${name.name}=${shapeOf(value)}`).join(' ');
}

function statementShape(statement: Statement): string {
  const { kind } = statement;
  switch (kind) {
    case 'param': {
      const { name, value, constraint } = statement;
      return `param ${name.name} ${shapeOf(value)}${constraint ? ` where ${shapeOf(constraint)}` : ''}`;
    }
    case 'let':
      return `let ${statement.name.name} ${shapeOf(statement.value)}`;
    case 'data':
    case 'target':
      return `${kind} ${callShape(statement.call)}`;
    case 'encoder':
      return `encoder {${statement.layers.map(layerShape).join(' ')}}`;
    case 'decoder':
      return statement.body.kind === 'layers'
        ? `decoder {${statement.body.layers.map(layerShape).join(' ')}}`
        : `decoder ${callShape(statement.body.call)}`;
    case 'loss':
      return `loss ${shapeOf(statement.value)}`;
    case 'pretrain':
    case 'train':
      return `${kind} ${callShape(statement.call)} ${settingsShape(statement.settings)}`.trimEnd();
    case 'corrupt':
    case 'show':
    case 'evaluate':
      return `${kind} ${statement.calls.map(callShape).join(' ')}`;
    case 'sweep':
      return `sweep ${settingsShape(statement.settings)}`;
    case 'without':
      return `without ${statement.target}`;
  }
}

/** The statements of every experiment of a text, one a line; the diagnostics instead if there are any. */
export function fileShape(text: string): string {
  const { value, diagnostics } = parse({ path: 'test.ae', text });
  if (value === null) return diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
  const parameters = ({ parameters: all }: DefinitionNode) =>
    all
      .map((each) => {
        const set = each.value ? `=${shapeOf(each.value)}` : '';
        return `${each.name.name}${set}${each.constraint ? ` where ${shapeOf(each.constraint)}` : ''}`;
      })
      .join(', ');
  const definitions = value.definitions.map((definition) => {
    const { role, name } = definition;
    const body =
      definition.role === 'block' ? `{${definition.layers.map(layerShape).join(' ')}}` : shapeOf(definition.formula);
    return `define ${role} ${name.name}(${parameters(definition)}) ${body}`;
  });
  const experiments = value.experiments.flatMap(({ name, parent, statements }) => {
    const from = parent === null ? '' : parent.kind === 'name' ? ` < ${parent.name.name}` : ` < "${parent.path}"`;
    return [`${name.name}${from}`, ...statements.map((statement) => `  ${statementShape(statement)}`)];
  });
  return [...value.uses.map(({ path }) => `use ${JSON.stringify(path)}`), ...definitions, ...experiments].join('\n');
}

export function expressionShape(text: string): string {
  const { value, diagnostics } = parseExpression({ path: 'argument', text });
  return value === null ? diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n') : shapeOf(value);
}
