import { EOF, type IRecognitionException, type IToken } from 'chevrotain';
import * as t from '../../../grammar/tokens.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Source, Span } from './source.js';
import { is, isInvented, shown } from './token-kinds.js';
import { spanOf } from './tokenize.js';

/** Explains a syntax error: what was expected, after what, and what was found. */
export function reportSyntaxError(
  error: IRecognitionException,
  tokens: readonly IToken[],
  source: Source,
  collector: DiagnosticCollector,
): void {
  const { token } = error;
  const previous = previousOf(token, tokens);
  const rule = error.context.ruleStack.at(-1) ?? '';
  const expected = error.message;
  if (wantsName(expected) && is(token, t.Word)) {
    const message = `${shown(token)} is a reserved word and cannot be ${roles.get(rule) ?? 'a name'}`;
    collector.error('AE102', message, spanOf(token, source), { hint: 'choose another name' });
    return;
  }
  const after = previous === null ? '' : ` after ${shown(previous)}`;
  const instead = isAtEnd(token) ? '; the text ends here' : `, not ${shown(token)}`;
  const message = `expected ${expectation(rule, expected)}${after}${instead}`;
  collector.error('AE102', message, place(token, previous, source), {
    hint: hints.get(`${rule} ${expected}`) ?? hints.get(rule) ?? null,
  });
}

/** Previous token of the text. The error names the one that recovery had reached instead. */
function previousOf(token: IToken, tokens: readonly IToken[]): IToken | null {
  const previous = isAtEnd(token) ? tokens.at(-1) : tokens[tokens.indexOf(token) - 1];
  return previous === undefined || isInvented(previous) ? null : previous;
}

/** Chevrotain's end-of-input token has no position. */
function isAtEnd(token: IToken): boolean {
  return Number.isNaN(token.startOffset);
}

function place(token: IToken, previous: IToken | null, source: Source): Span {
  if (!isAtEnd(token)) return spanOf(token, source);
  const end = previous === null ? source.text.length : spanOf(previous, source).end;
  return { source, start: end, end };
}

function wantsName(expected: string): boolean {
  return expected === t.Identifier.name;
}

const roles: ReadonlyMap<string, string> = new Map([
  ['experiment', 'the name of an experiment'],
  ['paramStatement', 'the name of a param'],
  ['letStatement', "the name of a 'let'"],
  ['definition', 'the name of a definition'],
  ['parameter', 'the name of a parameter'],
  ['call', 'called'],
  ['stage', 'called'],
]);

/** Describes what the grammar expected, by the current rule and the next token it would have accepted. */
function expectation(rule: string, expected: string): string {
  return byRule.get(`${rule} ${expected}`) ?? byRule.get(rule) ?? byToken.get(expected) ?? 'something else';
}

const byToken: ReadonlyMap<string, string> = new Map([
  [t.Identifier.name, 'a name'],
  [t.SettingName.name, 'a name'],
  [t.Word.name, 'a name'],
  [t.RemovableKeyword.name, 'the statement to remove'],
  [EOF.name, 'an operator or the end'],
  ...t.punctuation.map(({ name, LABEL = name }) => [name, LABEL] as const),
]);

const byRule: ReadonlyMap<string, string> = new Map([
  ['file', "'experiment', 'define' or 'use'"],
  ['use', 'the path of a file in quotes'],
  ['definition', 'loss, penalty, activation or block'],
  [`definition ${t.Identifier.name}`, 'the name of the definition'],
  ['meaning', "'=' or '{'"],
  [`parameters ${t.RightParenthesis.name}`, "',' or ')'"],
  [`parameters ${t.LeftParenthesis.name}`, "'('"],
  ['parameter', 'the name of a parameter'],
  ['primary', 'an expression'],
  ['parent', 'the name of an experiment, or of a file in quotes,'],
  ['decoderStatement', "'{' or a word"],
  ['corruptStatement', "'{' or a word"],
  [`experiment ${t.RightBrace.name}`, "a statement or '}'"],
  [`settings ${t.RightBrace.name}`, "a setting or '}'"],
  [`layers ${t.RightBrace.name}`, "another word or '}'"],
  [`calls ${t.RightBrace.name}`, "another word or '}'"],
  [`call ${t.Identifier.name}`, 'a word'],
  [`stage ${t.Identifier.name}`, 'a word'],
  ['call', "'('"],
  [`arguments ${t.RightParenthesis.name}`, "',' or ')'"],
  [`list ${t.RightBracket.name}`, "',' or ']'"],
  [`parenthesised ${t.RightParenthesis.name}`, "an operator or ')'"],
]);

const hints: ReadonlyMap<string, string> = new Map([
  ['use', 'write use "losses.ae"'],
  ['definition', 'write define loss name(parameter = 1) = expression, or define block name() { layers }'],
  ['meaning', 'write define loss name(parameter = 1) = expression, or define block name() { layers }'],
  ['parameters', 'write define loss name(parameter = 1) = expression, or define block name() { layers }'],
  ['setting', 'settings are written name = value'],
  ['settings', 'settings are written name = value'],
  ['parent', 'write extends name, or extends "file.ae"'],
  [`layers ${t.LeftBrace.name}`, 'layers are written { code: dense(100) }'],
  ['decoderStatement', 'a decoder is written decoder { dense(input.size) }, or decoder tied(encoder)'],
  ['parenthesised', 'a list is written in square brackets: [1, 2]'],
  ['corruptStatement', 'write corrupt salt(0.3), or several in their order: corrupt { gaussian(0.1)  salt(0.05) }'],
  ['withoutStatement', 'write without corrupt, without sweep, …'],
]);
