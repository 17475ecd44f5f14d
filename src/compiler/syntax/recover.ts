import type { IToken, TokenType } from 'chevrotain';
import * as t from '../../../grammar/tokens.js';
import { DiagnosticCollector } from '../diagnostics/collector.js';
import type { FileNode } from './ast.js';
import { buildFile } from './build-ast.js';
import { recognizeFile } from './concrete-syntax.js';
import { tooDeepBracket } from './nesting.js';
import { parse } from './parse.js';
import type { Source } from './source.js';
import { invented, is, isOneOf, noToken, startsDefinition, startsStatement } from './token-kinds.js';
import { tokenize } from './tokenize.js';

/** Longest text that is taken apart; a longer one with errors gives no experiments. */
const longestRecovered = 400_000;

const recovered = new WeakMap<Source, FileNode>();

/**
 * Parses a text that may be incomplete, as while the user types: drops statements, layers, figures and settings that
 * don't parse. Reports no problems, which is up to `parse`. Never throws, whatever the text.
 */
export function recover(source: Source): FileNode {
  const known = recovered.get(source) ?? parse(source).value ?? treeOfParts(source);
  recovered.set(source, known);
  return known;
}

function treeOfParts(source: Source): FileNode {
  const nothing: FileNode = { kind: 'file', source, uses: [], definitions: [], experiments: [] };
  if (source.text.length > longestRecovered) return nothing;
  const { tokens } = tokenize(source);
  if (tooDeepBracket(tokens) !== null) return nothing;
  const parts = partsOf(tokens).flatMap((part) => {
    if ('statements' in part) return parsedExperiment(part);
    return parses(part.definition) ? part.definition : [];
  });
  const { tree } = recognizeFile(parts, 0);
  return tree === null ? nothing : buildFile(tree, { source, collector: new DiagnosticCollector() });
}

/** Tokens of an experiment: its name and parent, and its statements. */
interface Experiment {
  readonly header: readonly IToken[];
  readonly statements: readonly (readonly IToken[])[];
}

/** Tokens of a definition, or of a reference to a file of definitions. */
interface Definition {
  readonly definition: readonly IToken[];
}

/** Splits the tokens where definitions and statements begin, whatever brackets are open there. */
function partsOf(tokens: readonly IToken[]): readonly (Experiment | Definition)[] {
  const parts: ({ header: IToken[]; statements: IToken[][] } | { definition: IToken[] })[] = [];
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1] ?? noToken;
    const previous = tokens[i - 1] ?? noToken;
    if (is(token, t.Experiment) && is(next, t.Identifier)) {
      parts.push({ header: [token], statements: [] });
      depth = 0;
      continue;
    }
    if (startsDefinition(token, next) && !isOneOf(previous, [t.Experiment, t.Extends])) {
      parts.push({ definition: [token] });
      continue;
    }
    const current = parts.at(-1);
    if (current === undefined) continue;
    if ('definition' in current) {
      current.definition.push(token);
      continue;
    }
    const begins =
      is(token, t.StatementKeyword) && !isOneOf(previous, [t.Dot, t.Colon]) && startsStatement(token, next);
    if (begins) {
      current.statements.push([token]);
      depth = 0;
      continue;
    }
    if (isOneOf(token, openers)) depth++;
    else if (isOneOf(token, closers)) depth--;
    const statement = current.statements.at(-1);
    if (statement === undefined) current.header.push(token);
    // The brace that closes the experiment, and what follows it, belong to no statement.
    else if (depth >= 0) statement.push(token);
  }
  return parts;
}

const openers: readonly TokenType[] = [t.LeftParenthesis, t.LeftBracket, t.LeftBrace];
const closers: readonly TokenType[] = [t.RightParenthesis, t.RightBracket, t.RightBrace];

/** The tokens of the parts that parse, with missing brackets closed. */
function parsedExperiment({ header, statements }: Experiment): readonly IToken[] {
  const [keyword, name, ...others] = header;
  if (keyword === undefined || name === undefined) return [];
  const last = statements.at(-1)?.at(-1) ?? header.at(-1) ?? name;
  const [open, close] = [invented(t.LeftBrace, '{', name), invented(t.RightBrace, '}', end(last))];
  const isParent =
    is(others[0] ?? noToken, t.Extends) && isOneOf(others[1] ?? noToken, [t.Identifier, t.StringLiteral]);
  const named = [keyword, name, ...(isParent ? others.slice(0, 2) : []), open];
  if (!parses([...named, close])) return [];
  const context = [keyword, name, open];
  return [...named, ...statements.flatMap((statement) => parsedStatement(statement, context)), close];
}

function parsedStatement(statement: readonly IToken[], context: readonly IToken[]): readonly IToken[] {
  const isWhole = (tokens: readonly IToken[]) => parses([...context, ...tokens, invented(t.RightBrace, '}', noToken)]);
  if (isWhole(statement)) return statement;
  const brace = statement.findIndex((token) => is(token, t.LeftBrace));
  const close = invented(t.RightBrace, '}', end(statement.at(-1) ?? noToken));
  if (brace >= 0) {
    const opening = statement.slice(0, brace + 1);
    const items = itemsOf(statement.slice(brace + 1)).filter((item) => isWhole([...opening, ...item, close]));
    const rest = [...opening, ...items.flat(), close];
    if (isWhole(rest)) return rest;
  }
  // The user may be typing after a complete statement.
  const first = recognizeFile([...context, ...statement, close], 1).errors[0];
  const until = first === undefined ? -1 : statement.indexOf(first.token);
  const start = statement.slice(0, Math.max(0, until));
  return start.length > 0 && isWhole(start) ? start : [];
}

/**
 * Splits the content of braces into layers, calls or settings; a label begins a layer, whatever parentheses are open.
 */
function itemsOf(tokens: readonly IToken[]): readonly (readonly IToken[])[] {
  const items: IToken[][] = [];
  let open: IToken[] = [];
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1] ?? noToken;
    const previous = tokens[i - 1] ?? noToken;
    if (is(token, t.RightBrace) && open.length === 0) break;
    const isLabel = is(token, t.Identifier) && is(next, t.Colon);
    const isWithinBraces = open.some((opener) => is(opener, t.LeftBrace));
    const isNext =
      is(token, t.SettingName) && open.length === 0 && (is(next, t.Equals) || !isOneOf(previous, continued));
    if (isNext || (isLabel && !isWithinBraces)) {
      items.push([token]);
      open = [];
      continue;
    }
    if (isOneOf(token, openers)) open.push(token);
    else if (isOneOf(token, closers)) open.pop();
    items.at(-1)?.push(token);
  }
  return items;
}

const continued: readonly TokenType[] = [t.Colon, t.Equals, t.Comma, t.Dot, t.BinaryOperator, t.PrefixOperator];

function end(token: IToken): IToken {
  return { ...token, startOffset: (token.endOffset ?? token.startOffset - 1) + 1 };
}

function parses(tokens: readonly IToken[]): boolean {
  return recognizeFile(tokens, 0).tree !== null;
}
