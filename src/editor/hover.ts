import { basename } from 'node:path';
import type { Hover } from 'vscode-languageserver';
import * as t from '../../grammar/tokens.js';
import { parameterCount } from '../compiler/ir/experiment.js';
import { describeShape } from '../compiler/ir/shape.js';
import { ownValue } from '../compiler/ir/value.js';
import type { Parameters } from '../compiler/library/parameter.js';
import { describeParameters } from '../compiler/library/reference.js';
import {
  axisUsages,
  inputMembers,
  statementUsages,
  sweepSettingUsages,
  type Usage,
} from '../compiler/library/statements.js';
import type { AnyWord } from '../compiler/library/word.js';
import { isOneOf, noToken } from '../compiler/syntax/token-kinds.js';
import { groupedText } from '../text/number-text.js';
import type { KnownExperiment } from './analysis.js';
import { type DefinedName, definedName } from './defined-names.js';
import { isCalledAt, meaningOf } from './formulas.js';
import type { Wanted } from './frames.js';
import { code, codeBlock, joined, parameterMarkdown, wordMarkdown } from './markdown.js';
import { type Asked, type Declaration, knownAt, type Located } from './names.js';
import { rangeOfToken } from './positions.js';
import { endOf, placeAt, type Reading, type ReadToken } from './reading.js';

/** Most lines of a block that a hover text shows. */
const mostLines = 20;

/** Hover text for the name at an offset; null if it needs no explanation. */
export function hoverAt(asked: Asked, offset: number): Hover | null {
  const place = placeAt(asked.reading, offset);
  const value = place && textOf(place, asked);
  if (place === null || value === null) return null;
  return { contents: { kind: 'markdown', value }, range: rangeOfToken(asked.reading.source, place.token) };
}

function textOf(place: ReadToken, asked: Asked): string | null {
  const { role, token } = place;
  const { image } = token;
  switch (role.kind) {
    case 'keyword':
      return statementText(role.statement);
    case 'removed':
      return statementText(image);
    case 'word':
      return role.definition === null ? definitionText(place, asked) : wordMarkdown(role.definition);
    case 'axis word':
      return usageText(ownValue(axisUsages, image));
    case 'argument':
      return role.owner === null ? null : parameterText(image, role.owner.parameters, role.owner.name);
    case 'setting':
      return parameterText(image, role.parameters, role.owner);
    case 'axis':
      return declarationText(image, place, asked) ?? usageText(ownValue(sweepSettingUsages, image));
    case 'experiment':
    case 'parent':
      return experimentText(place, asked);
    case 'param':
    case 'let':
    case 'label':
      return declarationText(image, place, asked);
    case 'head':
      return role.owner === null ? null : `The layer ${code(image)} of ${code(role.owner.name)}.`;
    case 'value':
      return declarationText(image, place, asked) ?? valueText(image, role.wanted, place, asked);
    case 'member':
      return role.object === 'input' || role.object === 'target' ? memberText(role.object, image, place, asked) : null;
    case 'defined':
      return definitionText(place, asked);
    case 'parameter':
      return definedParameterText(place, image, asked);
    case 'formula':
      return formulaText(place, role.definition, asked);
    case 'used':
    case 'other':
      return null;
  }
}

/** The word that a definition makes, or the layers of a block. */
function definitionText(place: ReadToken, asked: Asked): string | null {
  const defined = definedName(place, asked.reading, asked.names);
  if (defined === null) return null;
  const word = asked.library.words.find((each) => each.name === defined.place.token.image);
  if (word !== undefined) return wordMarkdown(word);
  const text = writtenDefinition(defined);
  return text.startsWith('define block') ? codeBlock(text) : null;
}

/** A definition as it is written, without the comments after it; the first lines of a long one. */
function writtenDefinition({ reading: { places, source }, place: { index } }: DefinedName): string {
  const isHead = ({ role }: ReadToken) =>
    role.kind === 'keyword' && ['define', 'experiment', 'use'].includes(role.statement);
  const first = places.slice(0, index).findLast(isHead);
  const next = places.findIndex((each, i) => i > index && isHead(each));
  const last = places.at(next < 0 ? -1 : next - 1);
  if (first === undefined || last === undefined) return '';
  const text = source.text.slice(first.token.startOffset, last.token.startOffset + last.token.image.length);
  const lines = text.split(/\r?\n/);
  return lines.length <= mostLines ? text : [...lines.slice(0, mostLines), '…'].join('\n');
}

/** A parameter of the definition around a place. */
function definedParameterText({ index }: ReadToken, name: string, { reading, library }: Asked): string | null {
  const definition = reading.places.slice(0, index).findLast(({ role }) => role.kind === 'defined')?.token.image;
  const word = library.words.find((each) => each.name === definition);
  return word === undefined ? null : parameterText(name, word.parameters, word.name);
}

function formulaText(place: ReadToken, definition: string, asked: Asked): string | null {
  const { image } = place.token;
  const own = definedParameterText(place, image, asked);
  if (own !== null) return own;
  const meaning = meaningOf(image, definition, isCalledAt(asked.reading, place.index), asked.library);
  if (definedName(place, asked.reading, asked.names) !== null) return definitionText(place, asked);
  return meaning === null ? null : joined([codeBlock(meaning.code), `${capital(meaning.doc)}.`]);
}

function statementText(keyword: string): string | null {
  switch (keyword) {
    case 'experiment':
      return joined([codeBlock('experiment name { statements }'), 'One experiment; a file may hold several.']);
    case 'define':
      return joined([
        codeBlock('define loss name(parameter = 1) = expression'),
        'Gives a loss, a penalty, an activation or a block of layers a name: at the top of a file, for its experiments ' +
          'and for those of files that use it.',
      ]);
    case 'use':
      return joined([codeBlock('use "losses.ae"'), 'Makes the definitions of another file of the project known.']);
    case 'extends':
      return joined([
        codeBlock('experiment name extends parent { statements }'),
        'Takes every statement of the parent that this experiment does not have: `extends sparse`, or of another file ' +
          '`extends "sparse.ae"` and `extends "sparse.ae:name"`.',
      ]);
    case 'where':
      return joined([codeBlock('param name = value where condition'), 'The values that the param may have.']);
  }
  const usages: Readonly<Record<string, (typeof statementUsages)[keyof typeof statementUsages]>> = statementUsages;
  const found = ownValue(usages, keyword);
  if (found === undefined) return null;
  const { usage, doc, often } = found;
  return joined([usage.includes('`') ? usage : codeBlock(usage), `${capital(doc)} (${often}).`]);
}

function usageText(usage: Usage | undefined): string | null {
  return usage === undefined ? null : joined([codeBlock(usage.usage), `${capital(usage.doc)}.`]);
}

function parameterText(name: string, parameters: Parameters, owner: string): string | null {
  const described = describeParameters(parameters).find((parameter) => parameter.name === name);
  return described === undefined ? null : joined([parameterMarkdown(described), `of ${code(owner)}`]);
}

function valueText(name: string, wanted: Wanted, place: ReadToken, asked: Asked): string | null {
  if (name === 'input') return 'The data as the network sees it, after the data block: `input.size`, `input.shape`, …';
  if (name === 'target' && (knownAt(place, asked)?.shapes.target.length ?? 0) > 0) {
    return 'What the decoder must give, after the transforms of the target: `target.size`, `target.shape`, …';
  }
  if (name === 'code') return endText('encoder', place, asked);
  if (name === 'output') return endText('decoder', place, asked);
  if (wanted.kind !== 'parameter') return null;
  const { parameter } = wanted;
  if (parameter.type === 'word') {
    const word: AnyWord | undefined = asked.library.find(parameter.family, name);
    return word === undefined ? null : wordMarkdown(word);
  }
  if (parameter.type !== 'choice' || !parameter.options.includes(name)) return null;
  return parameterText(wanted.name, { [wanted.name]: parameter }, wanted.owner);
}

function endText(block: 'encoder' | 'decoder', place: ReadToken, asked: Asked): string {
  const known = knownAt(place, asked);
  const shape = known?.shapes[block].at(-1)?.output;
  return `The output of the ${block}${shape === undefined ? '' : `: ${describeShape(shape)}`}.`;
}

function memberText(object: 'input' | 'target', member: string, place: ReadToken, asked: Asked): string | null {
  const doc = ownValue(inputMembers, member);
  const shapes = knownAt(place, asked)?.shapes;
  const shape = (object === 'input' ? shapes?.data : shapes?.target)?.at(-1)?.output;
  if (doc === undefined) return null;
  return `${code(`${object}.${member}`)}: ${doc}${shape === undefined ? '' : `. The ${object} is ${describeShape(shape)}`}.`;
}

/** A param, a let or a label that is declared or inherited. */
function declarationText(name: string, place: ReadToken, asked: Asked): string | null {
  const from = asked.names.located(asked.reading, place.experiment);
  const found = from && asked.names.find(name, from);
  if (from === null || found === null) return null;
  const elsewhere = found.at.index === from.index && found.at.reading === asked.reading ? '' : inheritedFrom(found.at);
  if (found.kind === 'label') return joined([labelText(found, knownAt(place, asked)), elsewhere]);
  const value = found.kind === 'param' ? valueNow(name, from, asked) : '';
  return joined([codeBlock(declarationOf(found)), value, usesText(name, from, asked), elsewhere, commentOf(found)]);
}

function inheritedFrom({ experiment, reading }: Located): string {
  const file = code(basename(reading.source.path));
  return experiment.name === null ? `In ${file}.` : `From ${code(experiment.name.token.image)} in ${file}.`;
}

/** The value of a param that depends on others. */
function valueNow(name: string, from: Located, asked: Asked): string {
  const known = knownAt({ experiment: from.index }, asked);
  const value = known?.compiled?.params.find((param) => param.name === name)?.value;
  return value === undefined ? '' : `Value: ${code(String(value))}`;
}

/** The text of a declaration, to the end of its statement. */
function declarationOf({ place, at: { reading } }: Declaration): string {
  const { places, source } = reading;
  const end = places.findIndex(({ index, role }) => index > place.index && endsDeclaration(role));
  const last = places[(end < 0 ? places.length : end) - 1];
  const keyword = places[place.index - 1];
  if (last === undefined || keyword === undefined) return place.token.image;
  const text = source.text.slice(keyword.token.startOffset, endOf(last.token));
  return text.replace(/\s*}\s*$/, '').slice(0, 500);
}

function endsDeclaration(role: ReadToken['role']): boolean {
  return role.kind === 'keyword' && role.statement !== 'where';
}

/** The comment behind a declaration on its line. */
function commentOf({ place, at: { reading } }: Declaration): string {
  const { text } = reading.source;
  const line = text.slice(place.token.startOffset).search(/[\r\n]|$/) + place.token.startOffset;
  const comment = reading.comments.find(({ span }) => span.start > place.token.startOffset && span.start < line);
  return comment === undefined ? '' : comment.text.replace(/^\/[/*]\s*|\s*\*\/$/g, '');
}

function labelText({ place, at }: Declaration, known: KnownExperiment | null): string {
  const steps = known === null ? [] : [...known.shapes.encoder, ...known.shapes.decoder];
  const after = at.reading.tokens[place.index + 2] ?? noToken;
  const step = steps.find(
    ({ span }) => span.source.path === at.reading.source.path && span.start === after.startOffset,
  );
  const text = `${place.token.image}: ${callText(at.reading, place.index + 2)}`;
  if (step === undefined) return codeBlock(text);
  const parameters = parameterCount(step.nodes);
  return joined([
    codeBlock(text),
    `Output: ${describeShape(step.output)}${parameters > 0 ? `, ${groupedText(parameters)} parameters` : ''}`,
  ]);
}

/** The text of a call from its word to its closing parenthesis. */
function callText({ tokens, source }: Reading, index: number): string {
  const first = tokens[index];
  if (first === undefined) return '';
  let depth = 0;
  let last = first;
  for (const token of tokens.slice(index + 1, index + 200)) {
    if (depth === 0 && !isOneOf(token, [t.LeftParenthesis, t.LeftBrace])) break;
    if (isOneOf(token, [t.LeftParenthesis, t.LeftBrace, t.LeftBracket])) depth++;
    if (isOneOf(token, [t.RightParenthesis, t.RightBrace, t.RightBracket])) depth--;
    last = token;
  }
  return source.text.slice(first.startOffset, endOf(last)).slice(0, 500);
}

/** Most uses of a param that are listed. */
const mostUses = 5;

/** Lists the uses of a param or a let, from which it gets its type and range. */
function usesText(name: string, from: Located, { names }: Asked): string {
  const described = new Map<string, string>();
  const places = names
    .lineage(from)
    .flatMap(({ reading, index }) => reading.places.filter(({ experiment }) => experiment === index));
  for (const { role, token } of places) {
    if (role.kind !== 'value' || token.image !== name || role.wanted.kind !== 'parameter') continue;
    const { owner, name: parameter, parameter: definition } = role.wanted;
    const [one] = describeParameters({ [parameter]: definition });
    if (one !== undefined && described.size < mostUses) described.set(`${owner}(${parameter}=…)`, one.values);
  }
  return [...described].map(([use, values]) => `- used in ${code(use)}: *${values}*`).join('\n');
}

function experimentText(place: ReadToken, asked: Asked): string | null {
  const child = asked.names.located(asked.reading, place.experiment);
  const at = place.role.kind === 'parent' && child !== null ? asked.names.parentOf(child) : child;
  if (at === null) return null;
  const { experiment, reading } = at;
  const parent = experiment.parent === null ? '' : ` extends ${experiment.parent.place.token.image}`;
  const before = reading.comments
    .filter(({ span }) => span.end <= experiment.keyword.startOffset)
    .filter(({ span }) => !/\S/.test(withoutComments(reading, span.end, experiment.keyword.startOffset)));
  const said = before.map(({ text }) => text.replace(/^\/[/*]\s*|\s*\*\/$/g, '')).join('\n');
  const elsewhere = reading === asked.reading ? '' : `In ${code(reading.source.path)}`;
  const name = experiment.name === null ? '' : ` ${experiment.name.token.image}`;
  return joined([codeBlock(`experiment${name}${parent}`), said, elsewhere]);
}

function withoutComments({ source, comments }: Reading, start: number, end: number): string {
  return comments
    .filter(({ span }) => span.start >= start && span.end <= end)
    .reduce((text, { text: comment }) => text.replace(comment, ''), source.text.slice(start, end));
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
