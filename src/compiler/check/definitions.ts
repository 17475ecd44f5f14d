import { placesOfDefinition } from '../definitions/experiment-library.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Definition } from '../ir/definition.js';
import { partsOfLayer } from '../ir/formula.js';
import type { Interval } from '../ir/interval.js';
import { realLine } from '../ir/interval.js';
import { point } from '../ir/interval-arithmetic.js';
import type { Shape } from '../ir/shape.js';
import { isLayerReference, isSchedule, ownValue, plainArguments, type Value } from '../ir/value.js';
import { activationUse, layerOfStep, violatedConditions } from '../library/defined-word.js';
import { type FormulaProblem, type FormulaUse, followFormula } from '../library/formula-use.js';
import type { Library } from '../library/library.js';
import { scheduleValues } from '../library/schedule-values.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type { Span } from '../syntax/source.js';
import { tokenize } from '../syntax/tokenize.js';
import type { Bound } from './arguments.js';
import type { LayerChain } from './layers.js';

/** A tensor as a formula sees it: one example's shape, and the range of its values. */
export interface Seen {
  readonly shape: Shape;
  readonly range: Interval;
}

/** Checks the arguments of a person's own word against its conditions. */
export function checkDefinedArguments(bound: Bound, collector: DiagnosticCollector): void {
  const { definition, plain, places, span } = bound;
  if (definition.defined === undefined) return;
  for (const { name, condition } of violatedConditions(definition.defined, plain)) {
    const message = `${name} = ${plain[name]} is not allowed: it must satisfy ${condition}`;
    collector.error('AE307', message, places.get(name) ?? span);
  }
}

/** A use of a person's own word. */
export interface DefinedUse {
  /** Undefined for a built-in word, of which nothing is checked here. */
  readonly definition: Definition | undefined;
  readonly arguments: Readonly<Record<string, Value>>;
  readonly span: Span;
  /** What it is used for, as the end of a sentence; empty for the training itself. */
  readonly purpose: string;
}

/** Follows shapes and ranges through a loss where it is used. */
export function checkDefinedLoss(
  { definition, arguments: args, span, purpose }: DefinedUse,
  network: {
    readonly output: Seen;
    readonly target: Seen;
    readonly input: Seen;
    readonly layer: (value: Value) => Seen | null;
  },
  library: Library,
  collector: DiagnosticCollector,
): void {
  if (definition === undefined) return;
  if (!checkHeads(definition, args, network.layer, span, collector)) return;
  const use = followFormula(definition, {
    tensor: (name) => network[name === 'x' ? 'output' : name],
    layer: (name) => network.layer(layerOfStep(name, args)) ?? { shape: network.output.shape, range: realLine },
    number: (name) => numberRange(args[name] ?? null, library),
  });
  report(definition, use, { span, purpose }, collector);
}

/** Reports heads that the layers of a use don't have. */
function checkHeads(
  definition: Definition,
  args: Readonly<Record<string, Value>>,
  layer: (value: Value) => Seen | null,
  span: Span,
  collector: DiagnosticCollector,
): boolean {
  let complete = true;
  for (const [i, step] of definition.formula.entries()) {
    if (step.kind !== 'layer') continue;
    const { parameter, head } = partsOfLayer(step.name);
    const owner = ownValue(args, parameter) ?? null;
    if (head === null || !isLayerReference(owner) || layer(layerOfStep(step.name, args)) !== null) continue;
    const place = placesOfDefinition(definition)?.steps[i] ?? span;
    const related = place === span ? [] : [{ span, message: `'${definition.name}' is used here` }];
    collector.error('AE211', `the layer that is '${parameter}' here has no '${head}'`, place, {
      related,
      hint: 'a layer with heads has braces: gaussian_head { mu: …  logvar: … }, or reparameterize',
    });
    complete = false;
  }
  return complete;
}

/** Follows shapes and ranges through an activation where it is used. @param x what it is given */
export function checkDefinedActivation(
  { definition, arguments: args, span, purpose }: DefinedUse,
  x: Seen,
  collector: DiagnosticCollector,
): void {
  if (definition === undefined) return;
  report(definition, activationUse(definition, args, x), { span, purpose }, collector);
}

/** Follows ranges through the activations of a chain of layers. @param input range of what goes into the first */
export function checkDefinedActivations(
  { nodes, steps }: Pick<LayerChain, 'nodes' | 'steps'>,
  input: Interval,
  collector: DiagnosticCollector,
): void {
  for (const { nodes: placed, span } of steps) {
    for (const node of placed) {
      // A layer in a head is not among the block's own.
      const isOwn = nodes.includes(node);
      const before = isOwn ? nodes[nodes.indexOf(node) - 1] : placed[placed.indexOf(node) - 1];
      const range = before?.range ?? (isOwn ? input : realLine);
      const use = { definition: node.definition, arguments: plainArguments(node.arguments), span, purpose: '' };
      checkDefinedActivation(use, { shape: node.input, range }, collector);
    }
  }
}

/** Warns of definitions of the experiment's own file whose names stand nowhere else in it. */
export function checkDefinitionUse(
  { source, definitions }: BoundExperiment,
  assignments: readonly Assignment[],
  collector: DiagnosticCollector,
): void {
  const own = definitions.all.filter(({ file }) => file.source === source);
  if (own.length === 0) return;
  const given = new Set(assignments.map(({ value }) => value.span.source));
  const counts = new Map<string, number>();
  for (const { image } of [source, ...given].flatMap((each) => tokenize(each).tokens)) {
    counts.set(image, (counts.get(image) ?? 0) + 1);
  }
  for (const { node } of own) {
    if ((counts.get(node.name.name) ?? 0) > 1) continue;
    collector.warning('AE218', `nothing uses the ${node.role} '${node.name.name}'`, node.name.span, {
      hint: { hint: null, replacement: '', span: node.span },
    });
  }
}

function numberRange(value: Value, library: Library): Interval {
  if (typeof value === 'number') return point(value);
  if (!isSchedule(value)) return realLine;
  const [low, high] = scheduleValues(library).extent(value);
  return { low, lowOpen: false, high, highOpen: false };
}

function report(
  definition: Definition,
  use: FormulaUse,
  { span, purpose }: Pick<DefinedUse, 'span' | 'purpose'>,
  collector: DiagnosticCollector,
): void {
  const places = placesOfDefinition(definition);
  for (const problem of use.problems) {
    const place = places?.steps[problem.operand ?? problem.step] ?? span;
    const related = place === span ? [] : [{ span, message: `'${definition.name}' is used here${purpose}` }];
    const hint = hintFor(problem, places?.steps ?? []);
    if (problem.severity === 'error') collector.error('AE312', problem.message, place, { related, hint });
    else collector.warning('AE531', problem.message, place, { related, hint });
  }
}

function hintFor({ cure, operand }: FormulaProblem, steps: readonly Span[]): string | null {
  const span = operand === null ? undefined : steps[operand];
  if (span === undefined || cure === null) return null;
  const written = withoutParentheses(span.source.text.slice(span.start, span.end));
  const text = written.length <= 40 ? written : '…';
  // The root is within the function, so nothing around it helps.
  if (cure === 'positive' && written.startsWith('std('))
    return `write sqrt(var${text === '…' ? '(…)' : text.slice(3)} + 1e-8)`;
  if (cure === 'not zero') return `keep it away from 0, such as by max(${text}, 1e-8) where it is never negative`;
  return cure === 'positive'
    ? `add a small number to it, or write max(${text}, 1e-8)`
    : `write max(${text}, 0), or abs(${text})`;
}

/** `a + b` of `(a + b)`, but all of `(a) + (b)`. */
function withoutParentheses(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    if (depth === 0 && i < text.length - 1) return text;
  }
  return text.startsWith('(') ? text.slice(1, -1).trim() : text;
}
