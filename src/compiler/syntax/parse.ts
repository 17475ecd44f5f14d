import type { IToken } from 'chevrotain';
import { groupedText } from '../../text/number-text.js';
import { DiagnosticCollector } from '../diagnostics/collector.js';
import { type Diagnostic, hasErrors, type Outcome } from '../diagnostics/diagnostic.js';
import type { Expression, FileNode } from './ast.js';
import { buildFile } from './build-ast.js';
import { buildExpression } from './build-expression.js';
import type { Building } from './building.js';
import { type Recognized, recognizeExpression, recognizeFile } from './concrete-syntax.js';
import { warnOfFloorDivision } from './floor-division.js';
import { warnOfInvisible } from './invisible-characters.js';
import { deepestNesting, tooDeepBracket } from './nesting.js';
import { repair } from './repair.js';
import type { Source, Span } from './source.js';
import { reportSyntaxError } from './syntax-errors.js';
import { errorLimit, spanOf, tokenize } from './tokenize.js';

/** Parsed sources that are still in use: a file is requested once for each of its experiments. */
const read = new WeakMap<Source, Outcome<FileNode>>();

/** Trees of sources with mistakes, as the mistakes were mended. */
const mended = new WeakMap<Source, FileNode>();

/**
 * The tree of a file whose common mistakes were corrected, to find its other problems; null if it has no syntax errors,
 * or others.
 */
export function parseMended(source: Source): FileNode | null {
  return parse(source).value === null ? (mended.get(source) ?? null) : null;
}

/** Parses an `.ae` file. Returns a tree if and only if there are no errors. Never throws, whatever the text. */
export function parse(source: Source): Outcome<FileNode> {
  const known =
    read.get(source) ??
    readText(source, {
      whole: 'experiments',
      recognize: recognizeFile,
      build: buildFile,
      keep: (tree) => mended.set(source, tree),
    });
  read.set(source, known);
  return known;
}

/**
 * Parses one expression, such as `[0.01, 0.05]` from the command line.
 * @param from offset to start at: text before it, such as `rho=`, is shown in diagnostics but not parsed
 */
export function parseExpression(source: Source, from = 0): Outcome<Expression> {
  return readText(
    source,
    {
      whole: 'expression',
      recognize: recognizeExpression,
      build: (tree, building) => buildExpression(tree, 0, building),
    },
    from,
  );
}

/** Longest source; a longer one was generated, and would take most of a minute to parse. */
const longestText = 4_000_000;

interface Reading<Tree, Node> {
  readonly whole: 'experiments' | 'expression';
  recognize(tokens: readonly IToken[], mostErrors: number): Recognized<Tree>;
  build(tree: Tree, building: Building): Node;
  /** Given the tree of a text with errors, as it was mended. */
  keep?(tree: Node): void;
}

function readText<Tree, Node>(
  source: Source,
  { whole, recognize, build, keep }: Reading<Tree, Node>,
  from = 0,
): Outcome<Node> {
  const collector = new DiagnosticCollector();
  if (source.text.length > longestText) {
    const message = `the text has ${groupedText(source.text.length)} characters, more than the limit of ${groupedText(longestText)}`;
    collector.error('AE110', message, { source, start: 0, end: 1 }, { hint: 'check that it is the right file' });
    return { value: null, diagnostics: collector.all };
  }
  const { tokens: all, comments, unknownCharacters, diagnostics } = tokenize(source);
  const tokens = all.filter(({ startOffset }) => startOffset >= from);
  collector.addAll(diagnostics);
  warnOfInvisible(source, from, unknownCharacters, collector);
  warnOfFloorDivision(tokens, comments, source, collector);

  const tooDeep = tooDeepBracket(tokens);
  if (tooDeep !== null) {
    const message = `this bracket is inside ${deepestNesting} others, which is the limit`;
    collector.error('AE105', message, spanOf(tooDeep, source));
    return { value: null, diagnostics: presentable(collector.all) };
  }

  // The grammar decides. Only a text that it rejects is searched for common mistakes, and parsed again.
  const { tree } = recognize(tokens, 0);
  if (tree !== null) {
    const value = build(tree, { source, collector });
    if (hasErrors(collector.all)) keep?.(value);
    return { value: hasErrors(collector.all) ? null : value, diagnostics: presentable(collector.all) };
  }
  const endIsLost = diagnostics.some(({ code }) => code === 'AE104');
  const repaired = repair(tokens, source, { whole, endIsLost, comments });
  const rest = new DiagnosticCollector();
  const again = recognize(repaired.tokens, errorLimit + 1);
  for (const error of again.errors) reportSyntaxError(error, repaired.tokens, source, rest);
  if (again.tree !== null && again.errors.length === 0)
    keep?.(build(again.tree, { source, collector: new DiagnosticCollector() }));
  collector.addAll(withoutEchoes(repaired.diagnostics, diagnostics, unknownCharacters));
  collector.addAll(withoutEchoes(rest.all, collector.all, unknownCharacters));
  return { value: null, diagnostics: presentable(collector.all) };
}

/** Drops errors that only repeat an earlier one: at the same place, or right after unknown characters. */
function withoutEchoes(
  found: readonly Diagnostic[],
  earlier: readonly Diagnostic[],
  unknownCharacters: readonly Span[],
): readonly Diagnostic[] {
  const places = new Set(earlier.map(({ span }) => span?.start));
  return found.filter(({ span }) => {
    if (span === null) return true;
    if (places.has(span.start)) return false;
    places.add(span.start);
    const before = unknownCharacters.findLast(({ end }) => end <= span.start);
    return before === undefined || span.source.text.slice(before.end, span.start).trim() !== '';
  });
}

/** Sorts by position and limits the number. */
function presentable(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = [...found].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  const shown = sorted.slice(0, errorLimit);
  const last = shown.at(-1);
  if (sorted.length <= shown.length || last === undefined) return sorted;
  const message = `there are more syntax errors than these ${errorLimit}`;
  return [...shown, { ...last, code: 'AE108', severity: 'error', message, related: [], hint: null }];
}
