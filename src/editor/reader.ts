import type { IToken } from 'chevrotain';
import * as t from '../../grammar/tokens.js';
import { isAxisWord } from '../compiler/expand/axis.js';
import { type Family, ownValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import type { Parameters } from '../compiler/library/parameter.js';
import { trainSettings } from '../compiler/library/settings/train.js';
import type { AnyWord } from '../compiler/library/word.js';
import { removableStatements, type StatementKind } from '../compiler/syntax/ast.js';
import { is, isOneOf, noToken, startsDefinition, startsStatement } from '../compiler/syntax/token-kinds.js';
import type { Called, CallFrame, DefinitionFrame, Frame, Held, Role, StatementFrame, Wanted } from './frames.js';

/**
 * Reads tokens one by one, even of an incomplete text: closes open brackets where a statement or a layer begins, and
 * ignores closing brackets that match none. A token's role depends only on the tokens before it and on the next one.
 */
export class Reader {
  readonly #library: Library;
  readonly #stack: Frame[] = [{ kind: 'file' }];
  #previous: IToken = noToken;
  /** The word before an opening parenthesis. */
  #called: Called | null = null;
  #experiment = -1;
  #isOutside = false;

  constructor(library: Library) {
    this.#library = library;
  }

  /** The innermost first. */
  get frames(): readonly Frame[] {
    return this.#stack.toReversed();
  }

  get top(): Frame {
    return this.#stack.at(-1) ?? { kind: 'file' };
  }

  /** Index of the experiment that is being read; -1 before the first, and in definitions. */
  get experiment(): number {
    return this.#isOutside ? -1 : this.#experiment;
  }

  get previous(): IToken {
    return this.#previous;
  }

  read(token: IToken, next: IToken): Role {
    const role = this.#read(token, next);
    this.#previous = token;
    return role;
  }

  #read(token: IToken, next: IToken): Role {
    if (is(token, t.StatementKeyword) && this.#beginsStatement(token, next)) return this.#begin(token);
    if (startsDefinition(token, next) && !isOneOf(this.#previous, [t.Experiment, t.Extends, t.Dot])) {
      return this.#beginDefinition(token);
    }
    const isInDefinition = this.top.kind === 'definition' && is(token, t.RightParenthesis);
    if (isOneOf(token, [t.RightParenthesis, t.RightBracket, t.RightBrace]) && !isInDefinition)
      return this.#close(token);
    if (is(token, t.Identifier) && is(next, t.Colon)) this.#endLayer();
    const frame = this.top;
    switch (frame.kind) {
      case 'file':
        return other;
      case 'definition':
        return this.#definition(frame, token, next);
      case 'use':
        this.#stack.pop();
        return is(token, t.StringLiteral) ? { kind: 'used' } : other;
      case 'header':
        return this.#header(frame, token);
      case 'statements':
        return other;
      case 'statement':
        return this.#statement(frame, token, next);
      case 'items':
        return this.#item(frame, token, next);
      case 'setting':
        if (is(token, t.SettingName) && !isContinued(this.#previous)) {
          this.#stack.pop();
          return this.#read(token, next);
        }
        return this.#value(token, next, frame.wanted);
      case 'call':
        return this.#argument(frame, token, next);
      case 'list':
      case 'group':
        return this.#value(token, next, frame.wanted);
    }
  }

  #beginsStatement(token: IToken, next: IToken): boolean {
    if (isOneOf(token, [t.Extends, t.Where]) || isOneOf(this.#previous, [t.Dot, t.Colon])) return false;
    if (is(token, t.Experiment)) return this.top.kind === 'file' || is(next, t.Identifier);
    if (this.#isOutside || this.#stack.length === 1 || this.top.kind === 'header') return false;
    const { top } = this;
    if (is(this.#previous, t.Without)) return false;
    if (startsStatement(token, next)) return true;
    const isName = is(token, t.Identifier) && (is(next, t.Equals) || isOneOf(this.#previous, [t.Param, t.Let]));
    return !isName && (top.kind === 'statements' || (top.kind === 'statement' && !isContinued(this.#previous)));
  }

  #begin(token: IToken): Role {
    if (is(token, t.Experiment)) {
      this.#stack.length = 1;
      this.#stack.push({ kind: 'header', step: 'name' });
      this.#experiment++;
      this.#isOutside = false;
      return { kind: 'keyword', statement: 'experiment' };
    }
    while (this.#stack.length > 1 && this.top.kind !== 'statements') this.#stack.pop();
    const statement = statements.get(token.image);
    if (statement === undefined) return other;
    const wanted: Wanted | null = statement === 'loss' ? { kind: 'loss' } : null;
    this.#stack.push({ kind: 'statement', statement, called: null, declared: null, wanted });
    return { kind: 'keyword', statement };
  }

  #beginDefinition(token: IToken): Role {
    this.#stack.length = 1;
    this.#isOutside = true;
    if (is(token, t.Use)) {
      this.#stack.push({ kind: 'use' });
      return { kind: 'keyword', statement: 'use' };
    }
    this.#stack.push({ kind: 'definition', step: 'role', role: '', name: '', parameters: [], open: [], value: null });
    return { kind: 'keyword', statement: 'define' };
  }

  #definition(frame: DefinitionFrame, token: IToken, next: IToken): Role {
    if (frame.step === 'role') {
      [frame.step, frame.role] = ['name', token.image];
      return other;
    }
    if (frame.step === 'name' && is(token, t.Identifier)) {
      [frame.step, frame.name] = ['parameters', token.image];
      return { kind: 'defined' };
    }
    if (is(token, t.LeftBrace)) {
      this.#open('layers', null);
      return other;
    }
    const call = frame.open.at(-1);
    if (is(token, t.LeftParenthesis)) {
      const isCall = frame.step === 'formula' && isOneOf(this.#previous, [t.Identifier, t.Where]);
      const called = isCall ? this.#previous.image : null;
      frame.open.push({ called, position: 0, name: null });
    } else if (is(token, t.RightParenthesis)) frame.open.pop();
    else if (is(token, t.Comma) && call !== undefined) [call.position, call.name] = [call.position + 1, null];
    if (frame.step === 'parameters') return this.#definedParameter(frame, token);
    if (!isOneOf(token, [t.Identifier, t.Where])) return other;
    const isFirst = isOneOf(this.#previous, [t.LeftParenthesis, t.Comma]);
    if (call !== undefined && isFirst && is(next, t.Equals)) call.name = token.image;
    return { kind: 'formula', definition: frame.role, called: call?.called ?? null };
  }

  #definedParameter(frame: DefinitionFrame, token: IToken): Role {
    if (frame.open.length === 0) frame.step = 'formula';
    if (isOneOf(token, [t.Comma, t.RightParenthesis]) && frame.open.length <= 1) frame.value = null;
    const isFirst = frame.open.length === 1 && isOneOf(this.#previous, [t.LeftParenthesis, t.Comma]);
    if (isFirst && is(token, t.Identifier)) {
      frame.parameters.push(token.image);
      return { kind: 'parameter' };
    }
    if (is(token, t.Where)) {
      frame.value = 'condition';
      return { kind: 'keyword', statement: 'where' };
    }
    if (is(token, t.Equals)) frame.value = 'default';
    return is(token, t.Identifier) ? { kind: 'formula', definition: 'condition', called: null } : other;
  }

  #header(frame: Extract<Frame, { kind: 'header' }>, token: IToken): Role {
    if (is(token, t.LeftBrace)) {
      this.#stack.pop();
      this.#stack.push({ kind: 'statements' });
      return other;
    }
    if (is(token, t.Extends)) {
      frame.step = 'parent';
      return { kind: 'keyword', statement: 'extends' };
    }
    if (frame.step === 'name' && is(token, t.Identifier)) {
      frame.step = 'extends';
      return { kind: 'experiment' };
    }
    if (frame.step === 'parent' && isOneOf(token, [t.Identifier, t.StringLiteral])) {
      frame.step = 'brace';
      return { kind: 'parent' };
    }
    return other;
  }

  #statement(frame: StatementFrame, token: IToken, next: IToken): Role {
    const { statement } = frame;
    if (statement === 'param' || statement === 'let') {
      if (frame.declared === null && is(token, t.Identifier)) {
        frame.declared = token.image;
        return { kind: statement };
      }
      if (is(token, t.Equals) && frame.wanted === null) {
        frame.wanted = { kind: 'anything' };
        return other;
      }
      if (is(token, t.Where) && frame.declared !== null) {
        frame.wanted = { kind: 'condition', param: frame.declared };
        return { kind: 'keyword', statement: 'where' };
      }
    }
    if (frame.wanted !== null) return this.#value(token, next, frame.wanted);
    if (statement === 'without') return is(token, t.RemovableKeyword) ? { kind: 'removed' } : other;
    if (is(token, t.LeftBrace)) {
      const holds = this.#heldBy(frame);
      if (holds !== null) this.#open(holds, frame.called?.definition ?? null);
      return other;
    }
    const family = familyOf(statement);
    if (family === null) return other;
    if (is(token, t.Identifier) && frame.called === null) {
      frame.called = this.#called = this.#wordOf(token, [family]);
      return { kind: 'word', family, definition: frame.called.definition };
    }
    if (is(token, t.LeftParenthesis) && frame.called !== null) this.#openCall(frame.called);
    return other;
  }

  #heldBy({ statement, called }: StatementFrame): Held | null {
    switch (statement) {
      case 'encoder':
        return 'layers';
      case 'decoder':
        return called === null ? 'layers' : null;
      case 'data':
      case 'target':
        return 'transforms';
      case 'show':
        return 'figures';
      case 'evaluate':
        return 'measures';
      case 'corrupt':
        return called === null ? 'corruptions' : null;
      case 'train':
      case 'pretrain':
        return 'settings';
      case 'sweep':
        return 'axes';
      default:
        return null;
    }
  }

  #open(holds: Held, owner: AnyWord | null): void {
    this.#stack.push({ kind: 'items', holds, owner, called: null, given: new Set() });
  }

  #openCall(called: Called): void {
    this.#stack.push({ kind: 'call', ...called, position: 0, name: null, given: new Set() });
    this.#called = null;
  }

  #item(frame: Extract<Frame, { kind: 'items' }>, token: IToken, next: IToken): Role {
    if (frame.holds === 'settings' || frame.holds === 'axes') {
      if (is(token, t.SettingName) && (is(next, t.Equals) || !is(this.#previous, t.SettingName))) {
        const parameters = frame.holds === 'axes' ? null : settingsOf(frame.owner);
        frame.given.add(token.image);
        frame.called = { word: token.image, family: null, definition: null };
        return parameters === null
          ? { kind: 'axis' }
          : { kind: 'setting', owner: frame.owner?.family === 'stage' ? frame.owner.name : 'train', parameters };
      }
      if (is(token, t.Equals) && frame.called !== null) {
        this.#stack.push({ kind: 'setting', wanted: wantedBySetting(frame.called.word, frame) });
      }
      return other;
    }
    if (is(token, t.Identifier) && is(next, t.Colon)) {
      frame.given.add(token.image);
      return frame.holds === 'heads' ? { kind: 'head', owner: frame.owner } : { kind: 'label' };
    }
    if (is(token, t.Identifier)) {
      const [family, ...others] = itemFamilies[frame.holds];
      frame.called = this.#called = this.#wordOf(token, [family, ...others]);
      return { kind: 'word', family: frame.called.family ?? family, definition: frame.called.definition };
    }
    if (is(token, t.LeftParenthesis) && frame.called !== null) this.#openCall(frame.called);
    if (is(token, t.LeftBrace)) {
      const owner = frame.called?.definition ?? null;
      this.#open(owner?.family === 'structure' ? 'layers' : 'heads', owner);
    }
    return other;
  }

  #argument(frame: CallFrame, token: IToken, next: IToken): Role {
    if (is(token, t.Comma)) {
      if (frame.name === null) frame.position++;
      frame.name = null;
      return other;
    }
    const isFirst = isOneOf(this.#previous, [t.LeftParenthesis, t.Comma]);
    if (isFirst && is(token, t.SettingName) && is(next, t.Equals)) {
      frame.name = token.image;
      frame.given.add(token.image);
      return { kind: 'argument', owner: frame.definition };
    }
    if (is(token, t.Equals)) return other;
    if (isFirst) {
      const positional = parameterAt(frame);
      if (positional !== null) frame.given.add(positional);
    }
    return this.#value(token, next, wantedBy(frame));
  }

  #value(token: IToken, next: IToken, wanted: Wanted): Role {
    if (is(token, t.Word) && is(this.#previous, t.Dot)) {
      return { kind: 'member', object: this.#objectBeforeDot };
    }
    if (is(token, t.LeftBracket)) {
      this.#stack.push({ kind: 'list', wanted });
      return other;
    }
    if (is(token, t.LeftParenthesis)) {
      if (this.#called !== null && is(this.#previous, t.Identifier)) this.#openCall(this.#called);
      else this.#stack.push({ kind: 'group', wanted });
      return other;
    }
    if (is(token, t.Identifier)) {
      this.#objectBeforeDot = token.image;
      if (!is(next, t.LeftParenthesis)) return { kind: 'value', wanted };
      this.#called = this.#wordOf(token, familiesWanted(wanted));
      if (wanted.kind === 'axis' && isAxisWord(token.image)) return { kind: 'axis word' };
      return { kind: 'word', family: this.#called.family, definition: this.#called.definition };
    }
    return isOneOf(token, [t.StringLiteral, t.NumberLiteral, t.True, t.False, t.Encoder])
      ? { kind: 'value', wanted }
      : other;
  }

  #objectBeforeDot = '';

  /** The word in the first family that has it; in any where none is wanted. */
  #wordOf({ image }: IToken, wanted: readonly Family[] | null): Called {
    const families = wanted ?? this.#library.familiesOf(image);
    for (const family of families) {
      const definition = this.#library.find(family, image);
      if (definition !== undefined) return { word: image, family, definition };
    }
    return { word: image, family: wanted?.[0] ?? null, definition: null };
  }

  /** A label begins a layer, whatever is open in the layer before it. */
  #endLayer(): void {
    const level = this.#stack.findLastIndex(
      (frame) => frame.kind === 'items' || frame.kind === 'statements' || frame.kind === 'statement',
    );
    const frame = this.#stack[level];
    if (frame?.kind === 'items' && (frame.holds === 'layers' || frame.holds === 'heads'))
      this.#stack.length = level + 1;
  }

  #close(token: IToken): Role {
    this.#called = null;
    const closes = (frame: Frame) => {
      if (is(token, t.RightBrace)) return frame.kind === 'items' || frame.kind === 'statements';
      return is(token, t.RightBracket) ? frame.kind === 'list' : frame.kind === 'call' || frame.kind === 'group';
    };
    const level = this.#stack.findLastIndex(closes);
    const isShut = this.#stack.slice(level + 1).some(({ kind }) => kind === 'items' || kind === 'statements');
    if (level < 1 || (isShut && !is(token, t.RightBrace))) return other;
    const frame = this.#stack[level];
    this.#stack.length = level;
    // The braces of a statement end it.
    if (frame?.kind === 'items' && this.top.kind === 'statement') this.#stack.pop();
    return other;
  }
}

const other: Role = { kind: 'other' };

const itemFamilies = {
  layers: ['layer', 'structure'],
  heads: ['layer'],
  transforms: ['transform'],
  figures: ['figure'],
  measures: ['evaluation'],
  corruptions: ['corruption'],
} as const;

const statements: ReadonlyMap<string, StatementKind> = new Map(
  (['param', 'let', ...removableStatements, 'without'] as const).map((kind) => [kind, kind]),
);

/** Family of the word that a statement begins with; null for the others. */
export function familyOf(statement: StatementKind): Family | null {
  switch (statement) {
    case 'data':
    case 'target':
      return 'dataset';
    case 'corrupt':
      return 'corruption';
    case 'decoder':
      return 'decoder';
    case 'pretrain':
      return 'stage';
    case 'train':
      return 'optimizer';
    default:
      return null;
  }
}

/** Families of the words that may be called in a value; null for any. */
function familiesWanted(wanted: Wanted): readonly Family[] | null {
  switch (wanted.kind) {
    case 'loss':
      return ['loss', 'schedule'];
    case 'axis':
      return wanted.name === 'data' ? ['dataset'] : null;
    case 'parameter':
      if (wanted.parameter.type === 'word') return [wanted.parameter.family];
      return wanted.parameter.type === 'real' && wanted.parameter.schedulable ? ['schedule'] : [];
    case 'condition':
      return [];
    case 'anything':
      return null;
  }
}

function settingsOf(owner: AnyWord | null): Parameters {
  return owner?.family === 'stage' ? owner.settings : trainSettings;
}

function wantedBySetting(name: string, frame: Extract<Frame, { kind: 'items' }>): Wanted {
  if (frame.holds === 'axes') return { kind: 'axis', name };
  const parameter = ownValue(settingsOf(frame.owner), name);
  const owner = frame.owner?.family === 'stage' ? frame.owner.name : 'train';
  return parameter === undefined ? { kind: 'anything' } : { kind: 'parameter', name, parameter, owner };
}

/** The parameter that the current argument without a name is for; null if there is none. */
export function parameterAt({ definition, position, name }: CallFrame): string | null {
  if (name !== null) return name;
  return definition === null ? null : (Object.keys(definition.parameters)[position] ?? null);
}

export function wantedBy(frame: CallFrame): Wanted {
  const name = parameterAt(frame);
  if (frame.definition === null || name === null) return { kind: 'anything' };
  const parameters: Parameters = frame.definition.parameters;
  const parameter = ownValue(parameters, name);
  return parameter === undefined
    ? { kind: 'anything' }
    : { kind: 'parameter', name, parameter, owner: frame.definition.name };
}

const operandBeginnings = [
  t.Equals,
  t.Comma,
  t.LeftParenthesis,
  t.LeftBracket,
  t.BinaryOperator,
  t.PrefixOperator,
  t.Dot,
];

function isContinued(previous: IToken): boolean {
  return isOneOf(previous, operandBeginnings);
}
