import { DiagnosticCollector } from '../diagnostics/collector.js';
import { hasErrors, type Outcome, type Suggestion } from '../diagnostics/diagnostic.js';
import { didYouMean, meantName, someOf } from '../diagnostics/suggest.js';
import type {
  ExperimentNode,
  FileNode,
  LetStatement,
  ParamStatement,
  ParentReference,
  Statement,
  StatementKind,
} from '../syntax/ast.js';
import { parse } from '../syntax/parse.js';
import type { Span } from '../syntax/source.js';
import type { World } from '../world.js';
import type { BoundExperiment } from './bound.js';
import { definitionsOf, type VisibleDefinitions } from './definitions.js';

/**
 * Finds an experiment in a file, follows `extends` to its ancestors, and merges their statements.
 * @param name null for the first experiment of the file
 */
export function resolve(file: FileNode, name: string | null, world: World): Outcome<BoundExperiment> {
  const collector = new DiagnosticCollector();
  const experiment = findExperiment(file, name, collector);
  if (experiment === null) return { value: null, diagnostics: collector.all };
  for (const each of file.experiments) checkStatements(each, collector);
  checkNames(file, collector);

  const lineage = lineageOf({ experiment, file }, world, collector);
  if (lineage === null) return { value: null, diagnostics: collector.all };
  const statements = inherit(lineage, collector);
  const definitions = definitionsOf(filesOf(lineage), world, collector);
  const bound = bind(experiment, lineage, statements, definitions, collector);
  return { value: hasErrors(collector.all) ? null : bound, diagnostics: collector.all };
}

/**
 * Like {@link resolve}, for an experiment still being written: anything missing except the data is left empty, and
 * nothing is reported.
 * @returns null without data or without a readable parent
 */
export function resolveIncomplete(file: FileNode, name: string, world: World): BoundExperiment | null {
  const collector = new DiagnosticCollector();
  const experiment = findExperiment(file, name, collector);
  const lineage = experiment && lineageOf({ experiment, file }, world, collector);
  if (experiment === null || lineage === null) return null;
  const { span } = experiment.name;
  const empty: readonly Statement[] = [
    { kind: 'encoder', layers: [], span },
    { kind: 'decoder', body: { kind: 'layers', layers: [] }, span },
  ];
  const statements = inherit(lineage, collector);
  const missing = empty.filter(({ kind }) => !statements.some((statement) => statement.kind === kind));
  const definitions = definitionsOf(filesOf(lineage), world, collector);
  return bind(experiment, lineage, [...statements, ...missing], definitions, collector);
}

interface Ancestor {
  readonly experiment: ExperimentNode;
  readonly file: FileNode;
}

function filesOf(lineage: readonly Ancestor[]): readonly FileNode[] {
  return [...new Set(lineage.map(({ file }) => file))];
}

function findExperiment(file: FileNode, name: string | null, collector: DiagnosticCollector): ExperimentNode | null {
  const names = file.experiments.map((e) => e.name.name);
  const found = name === null ? file.experiments[0] : file.experiments.find((e) => e.name.name === name);
  if (found) return found;
  const start: Span = { source: file.source, start: 0, end: Math.min(1, file.source.text.length) };
  if (name === null) {
    collector.error('AE205', 'the file has no experiment', start, {
      hint:
        file.definitions.length > 0
          ? `it only defines words: name it in the file of an experiment, use "${file.source.path.split('/').at(-1)}"`
          : "an experiment starts with 'experiment name {'",
    });
  } else {
    collector.error('AE206', `the file has no experiment '${name}'`, start, {
      hint: didYouMean(name, names) ?? (names.length > 0 ? `it has ${someOf(names)}` : null),
    });
  }
  return null;
}

function checkNames(file: FileNode, collector: DiagnosticCollector): void {
  const first = new Map<string, Span>();
  for (const { name } of file.experiments) {
    const before = first.get(name.name);
    if (before) {
      collector.error('AE203', `the file has two experiments '${name.name}'`, name.span, {
        related: [{ span: before, message: 'first occurrence here' }],
      });
    } else first.set(name.name, name.span);
  }
}

/** Checks an experiment's own statements for duplicate names and repeated statements. */
function checkStatements(experiment: ExperimentNode, collector: DiagnosticCollector): void {
  const names = new Map<string, Span>();
  const once = new Map<StatementKind, Span>();
  for (const statement of experiment.statements) {
    if (statement.kind === 'param' || statement.kind === 'let') {
      const { name, span } = statement.name;
      const before = names.get(name);
      if (before) {
        collector.error('AE203', `'${name}' is declared twice`, span, {
          related: [{ span: before, message: 'first occurrence here' }],
        });
      } else if (['input', 'code', 'seed', 'seeds'].includes(name)) {
        collector.error('AE203', `'${name}' is a reserved name and cannot be declared`, span);
      } else names.set(name, span);
    } else if (statement.kind !== 'pretrain' && statement.kind !== 'without') {
      const before = once.get(statement.kind);
      if (before) {
        collector.error('AE204', `'${statement.kind}' may occur only once in an experiment`, statement.span, {
          related: [{ span: before, message: 'first occurrence here' }],
          hint: repeated.get(statement.kind) ?? null,
        });
      } else once.set(statement.kind, statement.span);
    }
  }
}

/** Likely intentions behind a repeated statement. */
const repeated: ReadonlyMap<string, string> = new Map([
  ['corrupt', 'several corruptions go in one block, in their order: corrupt { gaussian(0.1)  salt(0.05) }'],
  ['loss', "the terms of a loss are joined with '+': loss mse() + 0.001 * l1()"],
  ['show', 'all figures go in one block: show { filters(code)  reconstructions(16) }'],
  ['evaluate', 'all evaluations go in one block: evaluate { psnr()  knn(code) }'],
  ['train', 'earlier stages are written with pretrain: pretrain rbm(code) { epochs = 5 }'],
]);

const mostAncestors = 100;

/** The experiment and its ancestors, oldest last. */
function lineageOf(youngest: Ancestor, world: World, collector: DiagnosticCollector): readonly Ancestor[] | null {
  const lineage: Ancestor[] = [youngest];
  for (let current = youngest; current.experiment.parent !== null; ) {
    const parent = findParent(current, current.experiment.parent, world, collector);
    if (parent === null) return null;
    if (lineage.length >= mostAncestors) {
      const message = `'${youngest.experiment.name.name}' has more than ${mostAncestors} ancestors, which is the limit`;
      collector.error('AE310', message, youngest.experiment.name.span, { hint: 'extend one with fewer ancestors' });
      return null;
    }
    const again = lineage.some(
      (a) => a.experiment.name.name === parent.experiment.name.name && a.file.source.path === parent.file.source.path,
    );
    if (again) {
      collector.error(
        'AE207',
        `'${youngest.experiment.name.name}' extends itself: ${[...lineage, parent].map((a) => a.experiment.name.name).join(' → ')}`,
        youngest.experiment.name.span,
      );
      return null;
    }
    if (parent.file !== current.file) for (const each of parent.file.experiments) checkStatements(each, collector);
    lineage.push(parent);
    current = parent;
  }
  return lineage;
}

function findParent(
  child: Ancestor,
  reference: ParentReference,
  world: World,
  collector: DiagnosticCollector,
): Ancestor | null {
  if (reference.kind === 'name') {
    const { name, span } = reference.name;
    const experiment = child.file.experiments.find((e) => e.name.name === name);
    if (experiment) return { experiment, file: child.file };
    const others = child.file.experiments.map((e) => e.name.name).filter((n) => n !== child.experiment.name.name);
    collector.error('AE206', `there is no experiment '${name}' in this file`, span, {
      hint: meantName(name, others) ?? `for an experiment of another file, write its path: extends "${name}.ae"`,
    });
    return null;
  }
  const [path, name] = splitReference(reference.path);
  const source = world.readSource(path, child.file.source);
  if ('problem' in source) {
    collector.error('AE701', `cannot read '${path}': ${source.problem}`, reference.span);
    return null;
  }
  const parsed = parse(source);
  collector.addAll(parsed.diagnostics);
  if (parsed.value === null || hasErrors(parsed.diagnostics)) return null;
  const experiment = findExperiment(parsed.value, name, collector);
  return experiment && { experiment, file: parsed.value };
}

/** Splits `file.ae:name`; a file without a name means its first experiment. */
export function splitReference(reference: string): readonly [path: string, name: string | null] {
  const colon = reference.lastIndexOf(':');
  const name = reference.slice(colon + 1);
  return colon > 1 && /^[A-Za-z_]\w*$/.test(name) ? [reference.slice(0, colon), name] : [reference, null];
}

/**
 * Merges from oldest to youngest: a param or let replaces that of the same name, any other statement replaces all of
 * its kind, and `without` removes them.
 */
function inherit(lineage: readonly Ancestor[], collector: DiagnosticCollector): readonly Statement[] {
  let statements: readonly Statement[] = [];
  for (const { experiment } of [...lineage].reverse()) {
    for (const statement of experiment.statements) {
      if (statement.kind !== 'without') continue;
      if (!statements.some((s) => s.kind === statement.target)) {
        collector.error('AE213', `the parent has no '${statement.target}' to leave out`, statement.targetSpan);
      }
      statements = statements.filter((s) => s.kind !== statement.target);
    }
    const own = experiment.statements.filter((s) => s.kind !== 'without');
    const replaced = new Set(own.map(replacementKey));
    statements = [...statements.filter((s) => !replaced.has(replacementKey(s))), ...own];
  }
  return statements;
}

/** A child's statement replaces its parent's with the same key. */
function replacementKey(statement: Statement): string {
  return isDeclaration(statement) ? `declaration ${statement.name.name}` : statement.kind;
}

function isDeclaration(statement: Statement): statement is ParamStatement | LetStatement {
  return statement.kind === 'param' || statement.kind === 'let';
}

/** A statement added before the brace that ends an experiment. */
function added(statement: string, { span: { source, end } }: ExperimentNode): Suggestion {
  const brace = end - 1;
  const isOnItsLine = /(^|[\r\n])[ \t]*$/.test(source.text.slice(Math.max(0, brace - 100), brace));
  const replacement = isOnItsLine ? `  ${statement}\n` : ` ${statement} `;
  return { hint: `add: ${statement}`, replacement, span: { source, start: brace, end: brace } };
}

function bind(
  experiment: ExperimentNode,
  lineage: readonly Ancestor[],
  statements: readonly Statement[],
  definitions: VisibleDefinitions,
  collector: DiagnosticCollector,
): BoundExperiment | null {
  const all = <K extends StatementKind>(kind: K) =>
    statements.filter((s): s is Extract<Statement, { kind: K }> => s.kind === kind);
  const only = <K extends StatementKind>(kind: K) => all(kind)[0] ?? null;
  const [data, encoder, decoder] = [only('data'), only('encoder'), only('decoder')];
  const [loss, train, pretrain] = [only('loss'), only('train'), all('pretrain')];

  const missing = (what: string, example: string) =>
    collector.error('AE205', `the experiment '${experiment.name.name}' has no ${what}`, experiment.name.span, {
      hint: { ...added(example, experiment), hint: `such as: ${example}` },
    });
  if (!data) missing('data', 'data mnist()');
  if (!encoder) missing('encoder', 'encoder { code: dense(100, activation=sigmoid) }');
  if (!decoder) missing('decoder', 'decoder { dense(input.size, activation=sigmoid) }');
  if (train && !loss) missing('loss', 'loss mse()');
  if (!train && pretrain.length === 0) {
    collector.error('AE509', `the experiment '${experiment.name.name}' trains nothing`, experiment.name.span, {
      hint: added('train adam(lr=0.001) { epochs = 10  batch = 128 }', experiment),
    });
  }
  if (!data || !encoder || !decoder) return null;
  return {
    name: experiment.name,
    source: experiment.span.source,
    sources: [...new Set([...lineage.map((a) => a.file.source), ...definitions.sources])],
    definitions,
    params: new Map(all('param').map((s) => [s.name.name, s])),
    ownParams: new Set(experiment.statements.flatMap((s) => (s.kind === 'param' ? [s.name.name] : []))),
    lets: new Map(all('let').map((s) => [s.name.name, s])),
    data,
    target: only('target'),
    corrupt: only('corrupt'),
    encoder,
    decoder,
    loss,
    pretrain,
    train,
    show: only('show'),
    evaluate: only('evaluate'),
    sweep: only('sweep'),
    inheritsSweep: !experiment.statements.some(({ kind }) => kind === 'sweep'),
  };
}
