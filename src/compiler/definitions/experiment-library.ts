import { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { withArticle } from '../diagnostics/suggest.js';
import type { DefinedParameter, Definition } from '../ir/definition.js';
import { type Formula, networkEnds, partsOfLayer } from '../ir/formula.js';
import { numberOf } from '../ir/formula-numbers.js';
import { growthOf, violatedConditions } from '../library/defined-word.js';
import type { Library } from '../library/library.js';
import type { WordsOf } from '../library/word.js';
import type { ScopedDefinition, VisibleDefinitions } from '../resolve/definitions.js';
import type { DefinitionParameter, FormulaDefinition } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { checkFormula, type FormulaScope } from './formula-checker.js';
import { formulaFunctions, formulaNames } from './formula-functions.js';
import { describeKind } from './formula-steps.js';

/** Where the parts of a definition are written. */
export interface DefinitionPlaces {
  readonly name: Span;
  /** By step of its formula. */
  readonly steps: readonly Span[];
}

const places = new WeakMap<Definition, DefinitionPlaces>();

/** Where a definition that was checked in this process is written. */
export function placesOfDefinition(definition: Definition): DefinitionPlaces | undefined {
  return places.get(definition);
}

/** The words of an experiment: those of everybody, and those that its files define. */
export function experimentLibrary<W extends WordsOf>(definitions: VisibleDefinitions, library: Library<W>): Library<W> {
  if (definitions.all.length === 0) return library;
  return library.withDefinitions(checkedDefinitions(definitions, library).named);
}

export interface CheckedDefinitions {
  /** Those that experiments may name; without those that have errors. */
  readonly named: readonly Definition[];
  readonly byNode: ReadonlyMap<ScopedDefinition['node'], Definition>;
  readonly diagnostics: readonly Diagnostic[];
}

const checked = new WeakMap<VisibleDefinitions, WeakMap<object, CheckedDefinitions>>();

/** Checks definitions, once for the same ones and the same library. */
export function checkedDefinitions(definitions: VisibleDefinitions, { base }: Library): CheckedDefinitions {
  const ofLibrary = checked.get(definitions) ?? new WeakMap<object, CheckedDefinitions>();
  checked.set(definitions, ofLibrary);
  const known = ofLibrary.get(base) ?? check(definitions, base);
  ofLibrary.set(base, known);
  return known;
}

function check({ all, names }: VisibleDefinitions, library: Library): CheckedDefinitions {
  const collector = new DiagnosticCollector();
  const byNode = new Map<ScopedDefinition['node'], Definition>();
  for (const scoped of all) {
    const { node } = scoped;
    checkName(scoped, library, collector);
    if (node.role === 'block') continue;
    const definition = checkDefinition(node, scoped, byNode, library, collector);
    if (definition !== null) byNode.set(node, definition);
  }
  const named = [...names.values()].flatMap(({ node }) => {
    const definition = byNode.get(node);
    return definition !== undefined && library.familiesOf(definition.name).length === 0 ? [definition] : [];
  });
  return { named, byNode, diagnostics: collector.all };
}

function checkName({ node: { name } }: ScopedDefinition, library: Library, collector: DiagnosticCollector): void {
  const [family] = library.familiesOf(name.name);
  if (family !== undefined) {
    collector.error('AE203', `'${name.name}' is a word already`, name.span, {
      hint: `it is one of the family '${family}': choose another name`,
    });
  } else if (formulaFunctions.includes(name.name) || formulaNames.includes(name.name) || name.name === 'code') {
    collector.error('AE203', `'${name.name}' means something in every formula`, name.span, {
      hint: 'choose another name',
    });
  }
}

function checkDefinition(
  node: FormulaDefinition,
  scoped: ScopedDefinition,
  byNode: ReadonlyMap<ScopedDefinition['node'], Definition>,
  library: Library,
  collector: DiagnosticCollector,
): Definition | null {
  const { role } = node;
  const declared = node.parameters.map((parameter) => checkParameter(parameter, node, collector));
  const scope: FormulaScope = {
    role,
    parameters: declared.flatMap((each) => each ?? []),
    definition: (name) => definitionNamed(name, scoped, byNode),
    wordOf: (name) => library.familiesOf(name)[0] ?? null,
  };
  const conditions = checkConditions(node, scope, collector);
  if (declared.includes(null) || conditions === null) return null;
  const formula = checkFormula(node.formula, scope, collector);
  if (formula === null) return null;
  const { kind } = formula;
  const isRight =
    role === 'activation' ? kind.batch && kind.features && kind.reduced.length === 0 : !kind.batch && !kind.features;
  if (!isRight || kind.truth) {
    const wanted = role === 'activation' ? 'a value for each that it takes' : 'one number';
    collector.error(
      'AE313',
      `${withArticle(role)} gives ${wanted}, and this is ${describeKind(kind)}`,
      node.formula.span,
      {
        hint: role === 'activation' ? 'leave the reduction out' : 'reduce it: mean(…), or mean(sum(…, axis=features))',
      },
    );
    return null;
  }
  const parameters = [...conditions, ...endsNamed(formula.formula, conditions)];
  const definition: Definition = { name: node.name.name, role, parameters, formula: formula.formula };
  places.set(definition, { name: node.name.span, steps: formula.places });
  checkMeaning(definition, node, collector);
  return definition;
}

/** Reports what an own word cannot be trained with, or what depends on the size of a batch. */
function checkMeaning(definition: Definition, node: FormulaDefinition, collector: DiagnosticCollector): void {
  const { role, formula, parameters, name } = definition;
  const differentiable = differentiableSteps(definition);
  const depends = (holds: (step: Definition['formula'][number]) => boolean) =>
    formula.some((step, i) => differentiable.has(i) && holds(step));
  if (role === 'activation' && !depends(({ kind }) => kind === 'tensor')) {
    collector.error('AE313', `the activation '${name}' has no gradient: it does not depend on x`, node.formula.span);
  } else if (role === 'loss' && !depends((step) => step.kind === 'tensor' && step.name === 'output')) {
    collector.error('AE313', `the loss '${name}' has no gradient: it does not depend on output`, node.formula.span, {
      hint: 'a term of layers alone is a penalty: define penalty',
    });
  } else if (
    role === 'penalty' &&
    !depends((step) => step.kind === 'layer' || (step.kind === 'tensor' && step.name === 'output'))
  ) {
    collector.error(
      'AE313',
      `the penalty '${name}' has no gradient: it does not depend on a layer`,
      node.formula.span,
      {
        hint: 'the output of the encoder is code',
      },
    );
  }
  if (role !== 'activation' && growthOf(formula) === 'mixed') {
    collector.warning('AE313', `the value of '${name}' depends on how many examples a batch has`, node.formula.span, {
      hint: 'take means over the examples, or sums alone; a validation measures it by parts of the data',
    });
  }
  const defaults = Object.fromEntries(
    parameters.flatMap((each) => (each.kind === 'number' && each.default !== null ? [[each.name, each.default]] : [])),
  );
  for (const parameter of violatedConditions(definition, defaults)) {
    const written = node.parameters.find((each) => each.name.name === parameter.name);
    collector.error(
      'AE307',
      `${parameter.name} = ${parameter.default} is not allowed: it must satisfy ${parameter.condition}`,
      written?.value?.span ?? node.name.span,
    );
  }
  const used = new Set(
    [formula, ...parameters.map((each) => (each.kind === 'number' ? (each.where ?? []) : []))].flatMap((steps, i) =>
      i === 0
        ? steps.flatMap((step) => {
            if (step.kind === 'layer') return [partsOfLayer(step.name).parameter];
            return step.kind === 'parameter' ? [step.name] : [];
          })
        : [],
    ),
  );
  for (const { name: parameter } of node.parameters) {
    if (used.has(parameter.name)) continue;
    collector.warning('AE214', `nothing uses the parameter '${parameter.name}'`, parameter.span);
  }
}

/** Steps that a gradient goes through: neither conditions nor what `stop_gradient` holds. */
function differentiableSteps({ formula }: Definition): ReadonlySet<number> {
  const found = new Set([formula.length - 1]);
  for (let index = formula.length - 1; index >= 0; index--) {
    const step = formula[index];
    if (!found.has(index) || step === undefined || !('operands' in step)) continue;
    if (step.kind === 'operation' && step.operation === 'stop_gradient') continue;
    const operands = step.kind === 'operation' && step.operation === 'where' ? step.operands.slice(1) : step.operands;
    for (const operand of operands) found.add(operand);
  }
  return found;
}

/** The ends of the network that a formula names without a parameter of its own. */
function endsNamed(formula: Formula, own: readonly DefinedParameter[]): readonly DefinedParameter[] {
  const named = new Set(formula.flatMap((step) => (step.kind === 'layer' ? [partsOfLayer(step.name).parameter] : [])));
  return networkEnds.flatMap((name): readonly DefinedParameter[] => {
    const isMissing = named.has(name) && own.every((each) => each.name !== name);
    return isMissing ? [{ kind: 'layer', name, default: name }] : [];
  });
}

/** What a name means in a formula: a definition that comes earlier, or why there is none. */
function definitionNamed(
  name: string,
  from: ScopedDefinition,
  byNode: ReadonlyMap<ScopedDefinition['node'], Definition>,
): ReturnType<FormulaScope['definition']> {
  const found = from.file.names.get(name);
  if (found === undefined) return null;
  if (found === from) return { problem: `'${name}' calls itself`, hint: 'a definition has no loops' };
  if (found.file === from.file && found.index > from.index) {
    return { problem: `'${name}' is defined later`, hint: 'move its definition up' };
  }
  if (found.node.role === 'block') return { problem: `'${name}' is a block of layers`, hint: null };
  return byNode.get(found.node) ?? { problem: `'${name}' has errors itself`, hint: null };
}

function checkParameter(
  { name, value }: DefinitionParameter,
  node: FormulaDefinition,
  collector: DiagnosticCollector,
): DefinedParameter | null {
  const others = node.parameters.filter((other) => other.name.name === name.name);
  if (others.length > 1 && others[0]?.name !== name) {
    collector.error('AE203', `'${name.name}' is declared twice`, name.span);
    return null;
  }
  const isLayer = value?.kind === 'name';
  if (formulaNames.includes(name.name) || formulaFunctions.includes(name.name) || (name.name === 'code' && !isLayer)) {
    collector.error('AE203', `'${name.name}' means something in every formula`, name.span, {
      hint: 'choose another name',
    });
    return null;
  }
  if (value === null) return { kind: 'number', name: name.name, default: null, where: null, condition: null };
  if (isLayer) {
    const end = networkEnds.find((known) => known === value.name);
    if (end !== undefined && node.role !== 'activation') return { kind: 'layer', name: name.name, default: end };
    const hint =
      node.role === 'activation'
        ? 'the parameters of an activation are numbers'
        : `a layer is code or output here; another is named where the ${node.role} is used: ${node.name.name}(${name.name}=${value.name})`;
    collector.error('AE305', `a parameter's value is a number, or code`, value.span, { hint });
    return null;
  }
  const constant = checkFormula(
    value,
    { role: 'condition', parameters: [], definition: () => null, wordOf: () => null },
    collector,
  );
  if (constant === null) return null;
  const number = numberOf(constant.formula, {});
  if (constant.kind.truth || !Number.isFinite(number)) {
    collector.error('AE305', `a parameter's value is a number`, value.span);
    return null;
  }
  return { kind: 'number', name: name.name, default: number, where: null, condition: null };
}

/** The parameters with their conditions; null after reporting a wrong one. */
function checkConditions(
  node: FormulaDefinition,
  scope: FormulaScope,
  collector: DiagnosticCollector,
): readonly DefinedParameter[] | null {
  let complete = true;
  const parameters = scope.parameters.map((parameter): DefinedParameter => {
    const written = node.parameters.find(({ name }) => name.name === parameter.name);
    const constraint = written?.constraint ?? null;
    if (constraint === null) return parameter;
    if (parameter.kind === 'layer') {
      collector.error('AE305', 'a layer has no condition', constraint.span);
      complete = false;
      return parameter;
    }
    const where = checkFormula(constraint, { ...scope, role: 'condition', definition: () => null }, collector);
    if (where === null || !where.kind.truth) {
      if (where !== null) {
        collector.error('AE305', 'a condition must be true or false', constraint.span, {
          hint: `such as: where ${parameter.name} > 0`,
        });
      }
      complete = false;
      return parameter;
    }
    const { source, start, end } = constraint.span;
    return { ...parameter, where: where.formula, condition: source.text.slice(start, end).replaceAll(/\s+/g, ' ') };
  });
  return complete ? parameters : null;
}
