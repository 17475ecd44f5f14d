import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluated } from '../evaluate/evaluated.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { BoundExperiment } from '../resolve/bound.js';
import type { ScopedDefinition } from '../resolve/definitions.js';
import { writtenNames } from '../resolve/names.js';
import type { Argument, BlockDefinition, CallExpression, Expression, LabelledCall } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';

/** A block that is being expanded: where names of blocks in its layers are looked up. */
export interface OpenBlock {
  readonly definition: ScopedDefinition;
  /** How many blocks it is in, itself included. */
  readonly depth: number;
  /** Where it is used. */
  readonly use: Span;
}

/** Most blocks that may be within one another. */
const mostDepth = 100;

/** Expands the blocks that an experiment's files define. */
export class BlockExpander {
  readonly #experiment: Pick<BoundExperiment, 'definitions' | 'params' | 'lets'>;
  readonly #evaluator: Evaluator;
  readonly #collector: DiagnosticCollector;

  constructor(
    experiment: Pick<BoundExperiment, 'definitions' | 'params' | 'lets'>,
    evaluator: Evaluator,
    collector: DiagnosticCollector,
  ) {
    this.#experiment = experiment;
    this.#evaluator = evaluator;
    this.#collector = collector;
  }

  /** The block that a name means, in an experiment or in another block; undefined for any other name. */
  find(name: string, from: OpenBlock | null): ScopedDefinition | undefined {
    const names = from === null ? this.#experiment.definitions.names : from.definition.file.names;
    const found = names.get(name);
    return found?.node.role === 'block' ? found : undefined;
  }

  /**
   * The layers of a block with its arguments in the places of its parameters.
   * @returns null after reporting why there are none
   */
  expand(
    found: ScopedDefinition,
    call: CallExpression,
    from: OpenBlock | null,
  ): { readonly layers: readonly LabelledCall[]; readonly opened: OpenBlock } | null {
    const { node } = found;
    if (node.role !== 'block') return null;
    if (from !== null && !comesEarlier(found, call, from.definition, this.#collector)) return null;
    const opened = { definition: found, depth: (from?.depth ?? 0) + 1, use: call.span };
    if (opened.depth > mostDepth) {
      this.#collector.error('AE310', `more than ${mostDepth} blocks within one another, which is the limit`, call.span);
      return null;
    }
    if (call.block !== null) {
      this.#collector.error('AE209', `'${node.name.name}' takes no layers in braces`, call.span);
      return null;
    }
    const values = this.#valuesOf(node, call);
    if (values === null || !this.#isClosed(node)) return null;
    return { layers: node.layers.map((layer) => substitutedLayer(layer, values)), opened };
  }

  /** The argument for each parameter, evaluated where the block is used. */
  #valuesOf(node: BlockDefinition, call: CallExpression): ReadonlyMap<string, Expression> | null {
    const given = this.#assigned(node, call);
    if (given === null) return null;
    const values = new Map<string, Expression>();
    let complete = true;
    for (const parameter of node.parameters) {
      const { name } = parameter.name;
      const written = given.get(name) ?? (parameter.value && substituted(parameter.value, values));
      if (!written) {
        this.#collector.error('AE302', `'${node.name.name}' needs ${name}=`, call.word.span, {
          related: [{ span: parameter.span, message: 'the parameter is here' }],
        });
        complete = false;
        continue;
      }
      const value = this.#settled(written);
      if (value === null) complete = false;
      else values.set(name, value);
    }
    return complete && this.#holds(node, values, call) ? values : null;
  }

  #assigned(node: BlockDefinition, call: CallExpression): ReadonlyMap<string, Expression> | null {
    const names = node.parameters.map(({ name }) => name.name);
    const given = new Map<string, Expression>();
    let position = 0;
    let complete = true;
    const refuse = (code: 'AE301' | 'AE303' | 'AE304', message: string, { span }: Argument) => {
      const hint = names.length === 0 ? `write ${node.name.name}()` : `it takes ${names.join(', ')}`;
      this.#collector.error(code, message, span, { hint });
      complete = false;
    };
    for (const argument of call.arguments) {
      const name = argument.name?.name ?? names[position++];
      if (name === undefined) refuse('AE304', `'${node.name.name}' takes ${names.length} arguments`, argument);
      else if (!names.includes(name)) refuse('AE301', `'${node.name.name}' has no argument '${name}'`, argument);
      else if (given.has(name)) refuse('AE303', `the argument '${name}' is given twice`, argument);
      else given.set(name, argument.value);
    }
    return complete ? given : null;
  }

  /** Whether the conditions on the parameters hold. */
  #holds(node: BlockDefinition, values: ReadonlyMap<string, Expression>, call: CallExpression): boolean {
    return node.parameters.every(({ name, constraint, span }) => {
      if (constraint === null) return true;
      const result = this.#evaluator.evaluate(substituted(constraint, values));
      if (result.type === 'unknown' || (result.type === 'boolean' && result.value)) return result.type === 'boolean';
      const { source, start, end } = constraint.span;
      const text = source.text.slice(start, end);
      this.#collector.error(
        'AE307',
        `${name.name} of '${node.name.name}' must satisfy ${text}`,
        values.get(name.name)?.span ?? call.span,
        { related: [{ span, message: 'the condition is here' }] },
      );
      return false;
    });
  }

  /** Reports names of the experiment in a block, which may be used by any. */
  #isClosed(node: BlockDefinition): boolean {
    const own = new Set(node.parameters.map(({ name }) => name.name));
    const { params, lets } = this.#experiment;
    let closed = true;
    for (const [i, { name }] of node.parameters.entries()) {
      const first = node.parameters.findIndex((other) => other.name.name === name.name);
      if (first === i) continue;
      this.#collector.error('AE203', `'${name.name}' is declared twice`, name.span);
      closed = false;
    }
    for (const { name, span } of node.layers.flatMap(({ call }) => writtenNames(call))) {
      if (own.has(name) || !(params.has(name) || lets.has(name))) continue;
      this.#collector.error('AE202', `the block '${node.name.name}' does not know '${name}'`, span, {
        hint: `make it a parameter: define block ${node.name.name}(${[...own, name].join(', ')})`,
      });
      closed = false;
    }
    return closed;
  }

  /** An argument as a literal, as far as it has a value; null after reporting that it has none. */
  #settled(expression: Expression): Expression | null {
    const { span } = expression;
    if (expression.kind === 'call') {
      const settled = expression.arguments.map((argument) => {
        const value = this.#settled(argument.value);
        return value && { ...argument, value };
      });
      return settled.some((argument) => argument === null)
        ? null
        : { ...expression, arguments: settled.flatMap((argument) => argument ?? []) };
    }
    return literal(this.#evaluator.evaluate(expression), span);
  }
}

/** A block may use only blocks defined before it. @returns false after reporting a use that is not allowed */
export function comesEarlier(
  found: ScopedDefinition,
  call: CallExpression,
  own: ScopedDefinition,
  collector: DiagnosticCollector,
): boolean {
  if (found.file !== own.file || found.index < own.index) return true;
  const { name } = found.node.name;
  const isItself = found === own;
  collector.error(
    'AE201',
    isItself ? `the block '${name}' contains itself` : `the block '${name}' is defined later`,
    call.word.span,
    { hint: isItself ? 'repeat(n) { … } places layers several times' : 'move its definition up' },
  );
  return false;
}

function literal(value: Evaluated, span: Span): Expression | null {
  switch (value.type) {
    case 'number':
      return { kind: 'number', value: value.value, text: String(value.value), span };
    case 'boolean':
      return { kind: 'boolean', value: value.value, span };
    case 'string':
      return { kind: 'string', value: value.value, span };
    case 'symbol':
      return { kind: 'name', name: value.name, span };
    case 'member':
      return {
        kind: 'member',
        object: { kind: 'name', name: value.name, span },
        member: { name: value.member, span },
        span,
      };
    case 'list': {
      const items = value.items.map((item) => literal(item, item.span));
      return items.some((item) => item === null)
        ? null
        : { kind: 'list', items: items.flatMap((item) => item ?? []), span };
    }
    case 'call':
      return value.call;
    case 'loss':
    case 'unknown':
      return null;
  }
}

type Values = ReadonlyMap<string, Expression>;

function substitutedLayer({ label, call, span }: LabelledCall, values: Values): LabelledCall {
  return { label, call: substitutedCall(call, values), span };
}

/** A parameter may stand for the word itself: `f()` with `f = relu`, or with `f = leaky_relu(0.2)`. */
function substitutedCall(call: CallExpression, values: Values): CallExpression {
  const word = values.get(call.word.name);
  if (word?.kind === 'call' && call.arguments.length === 0) return { ...word, block: call.block };
  return {
    ...call,
    ...(word?.kind === 'name' ? { word: { name: word.name, span: word.span } } : {}),
    arguments: call.arguments.map((argument) => ({ ...argument, value: substituted(argument.value, values) })),
    block: call.block === null ? null : call.block.map((layer) => substitutedLayer(layer, values)),
  };
}

/** An expression with values in the places of names. */
function substituted(expression: Expression, values: Values): Expression {
  const inside = (part: Expression) => substituted(part, values);
  switch (expression.kind) {
    case 'number':
    case 'boolean':
    case 'string':
      return expression;
    case 'name':
      return values.get(expression.name) ?? expression;
    case 'list':
      return { ...expression, items: expression.items.map(inside) };
    case 'member':
      return { ...expression, object: inside(expression.object) };
    case 'call':
      return substitutedCall(expression, values);
    case 'unary':
      return { ...expression, operand: inside(expression.operand) };
    case 'arithmetic':
    case 'logical':
      return { ...expression, left: inside(expression.left), right: inside(expression.right) };
    case 'comparison':
      return { ...expression, operands: expression.operands.map(inside) };
    case 'membership':
      return { ...expression, value: inside(expression.value), list: inside(expression.list) };
  }
}
