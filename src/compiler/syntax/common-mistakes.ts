import type { IToken, TokenType } from 'chevrotain';
import * as t from '../../../grammar/tokens.js';
import { belongsElsewhere, insteadOfStatement } from '../diagnostics/habits.js';
import { closest } from '../diagnostics/suggest.js';
import { hasLineEnd, type Source } from './source.js';
import {
  endsOperand,
  invented,
  is,
  isLiteral,
  isOneOf,
  isStatementKeyword,
  keywordsBeforeCalls,
  readAs,
  shown,
  startsDefinition,
  startsOperand,
  startsStatement,
  wantsOperand,
} from './token-kinds.js';

/** Contents of a pair of brackets, as far as the surrounding tokens tell. */
export type Holds =
  | 'experiments'
  | 'statements'
  | 'layers'
  | 'calls'
  | 'settings'
  | 'arguments'
  | 'items'
  | 'parenthesised'
  | 'expression';

/** A pair of brackets open at the current token. */
export interface Frame {
  readonly holds: Holds;
  /** `noToken` around the whole text. */
  readonly opener: IToken;
  /** Keyword of the latest statement. */
  statement: IToken;
  /** Whether to skip tokens that belong to a reported mistake. */
  skipping: boolean;
  /** Mistakes already reported inside these brackets. */
  readonly said: Set<string>;
}

/** A token with its context; what precedes it is already repaired. */
export interface Place {
  readonly frame: Frame;
  readonly beforePrevious: IToken;
  readonly previous: IToken;
  readonly token: IToken;
  readonly next: IToken;
  readonly afterNext: IToken;
  readonly source: Source;
}

export interface Mended {
  readonly at: IToken;
  readonly message: string;
  readonly hint: string | null;
  /** Replacement for the `consumed` tokens. */
  readonly tokens: readonly IToken[];
  readonly consumed: number;
  /** Whether to skip everything up to the next statement. */
  readonly skip: boolean;
  /** Whether to report it only once within the same brackets. */
  readonly once: boolean;
}

/** A common mistake, recognised by a few tokens. */
export type CommonMistake = (place: Place) => Mended | null;

/** Repairs the first mistake that matches; null if there is none. */
export function repairOf(place: Place): Mended | null {
  for (const mistake of commonMistakes) {
    const mended = mistake(place);
    if (mended !== null) return mended;
  }
  return null;
}

function mend(at: IToken, message: string, hint: string | null, tokens: readonly IToken[], consumed = 1): Mended {
  return { at, message, hint, tokens, consumed, skip: false, once: false };
}

const commaBetweenItems: CommonMistake = ({ frame, token }) => {
  const isBetweenCorruptions = frame.holds === 'statements' && is(frame.statement, t.Corrupt);
  if (
    isBetweenCorruptions ||
    !is(token, t.Comma) ||
    ['arguments', 'items', 'parenthesised', 'expression'].includes(frame.holds)
  )
    return null;
  return { ...mend(token, 'items in { } are not separated by commas', 'remove the comma', []), once: true };
};

const notIn: CommonMistake = ({ previous, token, next }) => {
  if (!is(token, t.Not) || !is(next, t.In) || !endsOperand(previous)) return null;
  return mend(token, "there is no operator 'not in'", "write 'not' in front: not x in […]", []);
};

const argumentWithColon: CommonMistake = ({ frame, beforePrevious, previous, token }) => {
  if (frame.holds !== 'arguments' || !is(token, t.Colon) || !is(previous, t.SettingName)) return null;
  if (!isOneOf(beforePrevious, [t.LeftParenthesis, t.Comma])) return null;
  const hint = `write ${previous.image}=…`;
  return mend(token, "an argument's name is followed by '='", hint, [readAs(t.Equals, token)]);
};

const argumentWithoutEquals: CommonMistake = ({ frame, beforePrevious, previous, token }) => {
  if (frame.holds !== 'arguments' || !is(previous, t.SettingName) || !isLiteral(token)) return null;
  if (!isOneOf(beforePrevious, [t.LeftParenthesis, t.Comma])) return null;
  const message = `expected '=' or ',' between ${shown(previous)} and ${shown(token)}`;
  return mend(token, message, `write ${previous.image}=${token.image}`, [invented(t.Equals, '=', token), token]);
};

/** `input.shape[0]` */
const indexedShape: CommonMistake = ({ beforePrevious, previous, token, next, afterNext }) => {
  if (!is(beforePrevious, t.Dot) || previous.image !== 'shape' || !is(token, t.LeftBracket)) return null;
  const isPlace = is(next, t.NumberLiteral) && is(afterNext, t.RightBracket);
  const hint = 'write input.channels, input.height, input.width or input.size';
  return mend(token, 'a shape has no places in brackets', hint, [], isPlace ? 3 : 1);
};

const missingComma: CommonMistake = ({ frame, beforePrevious, previous, token, next }) => {
  if (frame.holds !== 'arguments' && frame.holds !== 'items') return null;
  if (!endsOperand(previous) && !is(beforePrevious, t.Dot)) return null;
  const isNamed = frame.holds === 'arguments' && is(token, t.SettingName) && is(next, t.Equals);
  const isGroup = is(token, t.LeftParenthesis) && !is(previous, t.Identifier);
  if (!startsOperand(token) && !isNamed && !isGroup) return null;
  const message = `expected ',' between ${shown(previous)} and ${shown(token)}`;
  const hint = `values in ${frame.holds === 'items' ? '[ ]' : '( )'} are separated by commas`;
  return mend(token, message, hint, [invented(t.Comma, ',', token), token]);
};

const comparisonWithOneEquals: CommonMistake = ({ frame, beforePrevious, previous, token }) => {
  if (!is(token, t.Equals) || !endsOperand(previous)) return null;
  const isConstraint = frame.holds === 'statements' && !isOneOf(beforePrevious, [t.Param, t.Let]);
  const isArgumentName = is(previous, t.Identifier) && isOneOf(beforePrevious, [t.LeftParenthesis, t.Comma]);
  const isComparison =
    isConstraint || (frame.holds === 'arguments' && !isArgumentName) || frame.holds === 'parenthesised';
  if (!isComparison) return null;
  return mend(token, "a comparison is written '=='", "write '=='", [readAs(t.EqualEqual, token, '==')]);
};

const startsItem = (before: IToken): boolean => is(before, t.LeftBrace) || endsOperand(before);

const settingWithoutEquals: CommonMistake = ({ frame, beforePrevious, previous, token, next }) => {
  if (frame.holds !== 'settings' || !is(previous, t.SettingName) || !startsItem(beforePrevious)) return null;
  const hint = `settings are written ${previous.image} = value`;
  if (is(token, t.LeftParenthesis)) {
    // A setting of that name with a word of that name: whichever of them is unknown is then named.
    const word = invented(t.Identifier, previous.image, token);
    return mend(token, `expected '=' after ${shown(previous)}`, hint, [invented(t.Equals, '=', token), word, token]);
  }
  if (isOneOf(token, [t.Colon, t.EqualEqual])) {
    const tokens = [readAs(t.Equals, token)];
    // The colon of `:=` belongs to its equals sign.
    return mend(token, "a setting's name is followed by '='", hint, tokens, is(next, t.Equals) ? 2 : 1);
  }
  if (!startsOperand(token) || is(next, t.Equals)) return null;
  return mend(token, `expected '=' after ${shown(previous)}`, hint, [invented(t.Equals, '=', token), token]);
};

const declarationWithoutEquals: CommonMistake = ({ frame, beforePrevious, previous, token, next, afterNext }) => {
  if (frame.holds !== 'statements' || !isOneOf(beforePrevious, [t.Param, t.Let])) return null;
  if (!is(previous, t.Identifier)) return null;
  const hint = `write ${beforePrevious.image} ${previous.image} = value`;
  const untyped = 'a value has its type from where it is used';
  if (is(token, t.Colon) && is(next, t.Identifier) && is(afterNext, t.Equals)) {
    return mend(next, untyped, hint, [afterNext], 3);
  }
  if (is(token, t.Identifier) && is(next, t.Equals)) {
    return mend(previous, untyped, `write ${beforePrevious.image} ${token.image} = value`, []);
  }
  if (isOneOf(token, [t.Colon, t.EqualEqual])) {
    const tokens = [readAs(t.Equals, token)];
    return mend(token, "the name is followed by '='", hint, tokens, is(next, t.Equals) ? 2 : 1);
  }
  if (!startsOperand(token)) return null;
  return mend(token, `expected '=' after ${shown(previous)}`, hint, [invented(t.Equals, '=', token), token]);
};

const keywordWithEquals: CommonMistake = ({ frame, previous, token, next }) => {
  if (frame.holds !== 'statements' || !is(previous, t.RemovableKeyword) || is(previous, t.Identifier)) return null;
  if (!isOneOf(token, [t.Equals, t.Colon])) return null;
  const message = `${shown(previous)} is not followed by ${shown(token)}`;
  if (is(previous, t.Encoder) && !is(next, t.LeftBrace)) {
    return mend(token, message, 'write encoder { … }', [invented(t.LeftBrace, '{', token)]);
  }
  return mend(token, message, 'remove it', []);
};

/** `data "faces.npy"` */
const dataByPath: CommonMistake = ({ frame, previous, token }) => {
  if (frame.holds !== 'statements' || !isOneOf(previous, [t.Data, t.Target]) || !is(token, t.StringLiteral))
    return null;
  const format = /\.(npy|npz|csv|safetensors)"$/.exec(token.image)?.[1]?.replace('npz', 'npy') ?? 'images';
  const word = invented(t.Identifier, format, token);
  const [open, close] = [invented(t.LeftParenthesis, '(', token), invented(t.RightParenthesis, ')', token)];
  return mend(token, "expected a word after 'data'", `write data ${format}(${token.image})`, [
    word,
    open,
    token,
    close,
  ]);
};

/** `train(epochs=10)`: a stage has an optimizer, and settings in braces. */
const statementAsCall: CommonMistake = ({ frame, previous, token }) => {
  if (frame.holds !== 'statements' || !is(previous, t.Train) || !is(token, t.LeftParenthesis)) return null;
  const hint = 'write train adam(lr=0.001) { epochs = 10  batch = 32 }';
  return mend(token, "expected an optimizer after 'train'", hint, [invented(t.Identifier, 'adam', token), token]);
};

const labelWithEquals: CommonMistake = ({ frame, previous, token, next }) => {
  if (frame.holds !== 'layers' || !is(previous, t.Identifier) || !is(token, t.Equals)) return null;
  if (!is(next, t.Identifier)) return null;
  const hint = `write ${previous.image}: ${next.image}(…)`;
  return mend(token, "a label is followed by ':'", hint, [readAs(t.Colon, token)]);
};

/** `nn.ReLU()`: words have no prefix. */
const prefixedWord: CommonMistake = (place) => {
  const { token, next, afterNext, source } = place;
  if (!is(token, t.Identifier) || !is(next, t.Dot) || !is(afterNext, t.Word) || !isWordPlace(place)) return null;
  const name = source.text.slice(token.startOffset).match(/^[\w.]*/)?.[0] ?? '';
  const ownName = name.lastIndexOf('.') + 1;
  const hint = `write ${name.slice(ownName)}(…), without '${name.slice(0, ownName)}'`;
  return { ...mend(token, 'words have no prefix', hint, [], 2), once: true };
};

/** Returns whether a word is called here, or named as a value. */
function isWordPlace(place: Place): boolean {
  const { frame, previous, token, source } = place;
  if (['input', 'encoder', 'decoder'].includes(token.image)) return false;
  if (expectsCall(place) || (frame.holds === 'arguments' && is(previous, t.Equals)) || is(previous, t.Loss))
    return true;
  const isCall = /^\w+(\.\w+)+\(/.test(source.text.slice(token.startOffset, token.startOffset + 200));
  return isCall && isOneOf(previous, placesOfCalls);
}

const placesOfCalls = [t.Equals, t.Plus, t.Minus, t.Times, t.LeftBracket, t.LeftParenthesis, t.Comma];

/** `Adam(model.parameters(), lr=0.001)`: an optimizer trains all weights. */
const weightsOfModel: CommonMistake = ({ frame, token, next, source }) => {
  if (frame.holds !== 'arguments' || !is(token, t.Identifier) || !is(next, t.Dot)) return null;
  const written = /^\w+\.(?:parameters|trainable_weights)(\(\))?(\s*,)?/.exec(
    source.text.slice(token.startOffset, token.startOffset + 200),
  );
  if (written === null) return null;
  const consumed = 3 + (written[1] === undefined ? 0 : 2) + (written[2] === undefined ? 0 : 1);
  return mend(token, 'an optimizer trains all weights', 'remove the weights', [], consumed);
};

/** `betas=(0.9, 0.999)`: parentheses contain one expression. */
const tuple: CommonMistake = ({ frame, token, next, source }) => {
  if (frame.holds !== 'parenthesised' || !is(token, t.Comma)) return null;
  const { startOffset } = frame.opener;
  const before = source.text.slice(Math.max(0, startOffset - 20), startOffset);
  const inside = /^\(([\w., -]{1,40}?),?\s*\)/.exec(source.text.slice(startOffset, startOffset + 60))?.[1] ?? '1, 2';
  const hint = /betas\s*=\s*$/.test(before)
    ? 'these are two arguments here: beta1=0.9, beta2=0.999'
    : `a list is written in square brackets: [${inside.trim()}]`;
  const tokens = is(next, t.RightParenthesis) ? [] : [invented(t.Plus, '+', token)];
  return { ...mend(token, 'parentheses contain a single expression', hint, tokens), once: true };
};

/** `flatten` for `flatten()`, `dense 100` for `dense(100)`. */
const wordWithoutParentheses: CommonMistake = (place) => {
  const { frame, token, next } = place;
  if (!is(token, t.Identifier) || !expectsCall(place)) return null;
  const mayHaveBlock = !isOneOf(frame.statement, [t.Train, t.Pretrain]) || frame.holds !== 'statements';
  if (isOneOf(next, [t.LeftParenthesis, t.Colon, t.Equals]) || (is(next, t.LeftBrace) && mayHaveBlock)) return null;
  const open = invented(t.LeftParenthesis, '(', token);
  const close = invented(t.RightParenthesis, ')', token);
  const message = `${shown(token)} needs its parentheses`;
  const isArgument = isLiteral(next) || (is(next, t.Identifier) && isArgumentOnLine(place));
  if (!isArgument) return mend(token, message, `write ${token.image}()`, [token, open, close]);
  return mend(token, message, `write ${token.image}(${next.image})`, [token, open, next, close], 2);
};

/** Returns whether a call is expected here: at the start of an item, or after a keyword that takes one. */
function expectsCall({ frame, beforePrevious, previous }: Place): boolean {
  if (frame.holds === 'layers' || frame.holds === 'calls') {
    return isOneOf(previous, [t.LeftBrace, t.RightParenthesis, t.RightBrace, t.Colon]);
  }
  return frame.holds === 'statements' && isOneOf(previous, keywordsBeforeCalls) && !is(beforePrevious, t.Without);
}

function isArgumentOnLine({ token, next, afterNext, source }: Place): boolean {
  if (isOneOf(afterNext, [t.LeftParenthesis, t.LeftBrace, t.Colon, t.Equals]) || isLiteral(afterNext)) return false;
  const isOneLine = (from: IToken, to: IToken): boolean =>
    !hasLineEnd(source.text.slice(from.startOffset, to.startOffset));
  return isOneLine(token, next) && !(is(afterNext, t.Identifier) && isOneLine(next, afterNext));
}

const statementKeywords = [...t.statementKeywords, ...t.statementNames];
const statementNames = statementKeywords.map((keyword) => String(keyword.PATTERN));

/** Returns whether a statement begins here, unless the token could continue an expression. */
function isBetweenStatements({ frame, beforePrevious, previous, token, next }: Place): boolean {
  if (frame.holds !== 'statements' || !is(token, t.Identifier) || isStatementKeyword(token, next)) return false;
  return previous === frame.opener || endsOperand(previous) || isOneOf(beforePrevious, [t.Without, t.Dot]);
}

const misspelledStatement: CommonMistake = (place) => {
  const { frame, token, next } = place;
  if (!isBetweenStatements(place)) return null;
  if (is(next, t.Equals)) {
    // After the braces of a training, nothing more belongs to it.
    const isSetting = isOneOf(frame.statement, [t.Train, t.Pretrain]) && !is(place.previous, t.RightBrace);
    const habit = belongsElsewhere(token.image);
    const hint =
      habit !== null && (!isSetting || !habit.includes("setting of 'train'"))
        ? habit
        : isSetting
          ? `settings belong in braces: { ${token.image} = … }`
          : `write param ${token.image} = …, or let ${token.image} = …`;
    return mend(token, `expected a statement, not ${shown(token)}`, hint, [invented(t.Let, 'let', token), token]);
  }
  if (insteadOfStatement(token.image) !== null) return null;
  const suggestion = closest(token.image, statementNames);
  const keyword = statementKeywords.find((type) => type.PATTERN === suggestion);
  if (suggestion === null || keyword === undefined) return null;
  const corrected = readAs(keyword, token, suggestion);
  if (!startsStatement(corrected, next)) return null;
  return mend(token, `there is no statement ${shown(token)}`, `did you mean '${suggestion}'?`, [corrected]);
};

const definitionInside: CommonMistake = ({ frame, token, next }) => {
  if (frame.holds !== 'statements' || !startsDefinition(token, next)) return null;
  const what = is(token, t.Use) ? 'a file of definitions is named' : 'a definition stands';
  const hint = 'move it to the top of the file, before the experiments';
  return { ...mend(token, `${what} outside of the experiments`, hint, [], is(token, t.Use) ? 2 : 3), skip: true };
};

/** `16 if wide else 8` */
const condition: CommonMistake = ({ frame, previous, token }) => {
  if (frame.holds !== 'statements' || !is(token, t.Identifier) || token.image !== 'if' || !endsOperand(previous))
    return null;
  const hint = 'give a param another value from outside, or extend the experiment';
  return { ...mend(token, 'expressions have no conditions', hint, []), skip: true };
};

/** `-- text` and `"""text"""` */
const foreignComment: CommonMistake = ({ frame, previous, token, next }) => {
  if (frame.holds !== 'statements' || (previous !== frame.opener && !endsOperand(previous))) return null;
  const isDashes = is(token, t.Minus) && is(next, t.Minus) && next.startOffset === token.startOffset + 1;
  if (!isDashes && !is(token, t.StringLiteral)) return null;
  return { ...mend(token, `expected a statement, not ${shown(token)}`, 'comments begin with //', []), skip: true };
};

/** `corrupt gaussian(0.1) + salt(0.05)`, with a comma, `and` or nothing between: no order is said in which they would act. */
const addedCorruptions: CommonMistake = ({ frame, previous, token, next }) => {
  if (frame.holds !== 'statements' || !is(frame.statement, t.Corrupt) || !is(previous, t.RightParenthesis)) return null;
  const hint = 'several go in one block, in their order: corrupt { gaussian(0.1)  salt(0.05) }';
  if (is(token, t.Identifier) && token.image !== 'and' && is(next, t.LeftParenthesis)) {
    return { ...mend(token, 'a second corruption follows the first', hint, []), skip: true };
  }
  if (!isOneOf(token, [t.Plus, t.Comma]) && token.image !== 'and') return null;
  return { ...mend(token, `corruptions are not joined with ${shown(token)}`, hint, []), skip: true };
};

const missingProduct: CommonMistake = ({ frame, previous, token, source }) => {
  const inExpression =
    (frame.holds === 'statements' && isOneOf(frame.statement, [t.Loss, t.Param, t.Let])) ||
    (frame.holds === 'experiments' && is(frame.statement, t.Define));
  if (!inExpression && frame.holds !== 'parenthesised') return null;
  if (!is(previous, t.NumberLiteral) || !is(token, t.Identifier)) return null;
  if (hasLineEnd(source.text.slice(previous.startOffset, token.startOffset))) return null;
  const message = `expected an operator between ${shown(previous)} and ${shown(token)}`;
  return mend(token, message, `write ${previous.image} * ${token.image}`, [invented(t.Times, '*', token), token]);
};

const unknownStatement: CommonMistake = (place) => {
  const { frame, token, next } = place;
  if (!isBetweenStatements(place)) return null;
  const isTerm = is(frame.statement, t.Loss) && isOneOf(next, [t.LeftParenthesis, t.Times]);
  const hint =
    insteadOfStatement(token.image) ??
    belongsElsewhere(token.image) ??
    (isTerm
      ? "the terms of a loss are joined with '+'"
      : 'statements begin with a word such as param, data, encoder, loss or train');
  return { ...mend(token, `expected a statement, not ${shown(token)}`, hint, []), skip: true };
};

/** Returns whether the name of a definition is expected here. */
function isDefined({ frame, beforePrevious, previous }: Place): boolean {
  return frame.holds === 'experiments' && is(beforePrevious, t.Define) && isOneOf(previous, [t.Loss, t.Identifier]);
}

/** `param train = 3`, `data: dense(3)`: a reserved word as a name. */
const reservedName: CommonMistake = (place) => {
  const { frame, previous, token, next } = place;
  if (!is(token, t.Word) || is(token, t.Identifier)) return null;
  const isName =
    (is(previous, t.Experiment) && isOneOf(next, [t.LeftBrace, t.Extends])) ||
    (isOneOf(previous, [t.Param, t.Let]) && is(next, t.Equals)) ||
    (isDefined(place) && is(next, t.LeftParenthesis));
  const isLabel = frame.holds === 'layers' && is(next, t.Colon);
  const isCalled = (is(previous, t.Colon) || isOneOf(previous, keywordsBeforeCalls)) && is(next, t.LeftParenthesis);
  const isValue =
    is(token, t.StatementKeyword) &&
    !isOneOf(token, [t.Encoder, t.Where, t.Extends]) &&
    wantsOperand(previous) &&
    !is(next, t.Equals) &&
    !startsStatement(token, next);
  if (!isName && !isLabel && !isCalled && !isValue) return null;
  const role = isName ? 'a name' : isLabel ? 'a label' : isCalled ? 'called' : 'a value';
  const message = `${shown(token)} is a reserved word and cannot be ${role}`;
  const hintOfValue = is(token, t.Loss)
    ? 'a metric is written in quotes'
    : is(token, t.Data) && is(next, t.Dot)
      ? 'what the network takes is called input: input.size, input.channels, input.height, input.width'
      : null;
  const hint = isName || isLabel ? 'choose another name' : isValue ? hintOfValue : null;
  return mend(token, message, hint, [readAs(t.Identifier, token)]);
};

/** `dense(8) -> relu()`, `dense(8) + relu()`, `dense(8).relu()`: nothing stands between two layers. */
const signBetweenLayers: CommonMistake = ({ frame, previous, token, next }) => {
  if (frame.holds !== 'layers' || !endsOperand(previous)) return null;
  const isArrow =
    isOneOf(token, [t.Minus, t.Greater]) && is(next, t.Greater) && next.startOffset === token.startOffset + 1;
  const isSum = is(previous, t.RightParenthesis) && is(token, t.Plus);
  const isMethod = is(previous, t.RightParenthesis) && is(token, t.Dot) && is(next, t.Word);
  if (!isArrow && !isSum && !isMethod) return null;
  const hint = isArrow
    ? `remove '${token.image}>'`
    : isSum
      ? "remove '+'; add(from=h) adds what the layer with the label h gives"
      : `write ${next.image} after a space, or as an argument, such as activation=relu`;
  const consumed = isArrow ? 2 : 1;
  return { ...mend(token, 'layers follow one another without a sign between them', hint, [], consumed), once: true };
};

/** `dense(8)(x)`, as in Keras. */
const calledLayer: CommonMistake = ({ frame, previous, token, next, afterNext }) => {
  if (frame.holds !== 'layers' || !is(previous, t.RightParenthesis) || !is(token, t.LeftParenthesis)) return null;
  if (!is(next, t.Word) || !is(afterNext, t.RightParenthesis)) return null;
  const hint = `remove '(${next.image})'; add(from=${next.image}) and concat(from=${next.image}) take an earlier layer`;
  return mend(token, 'a layer takes what the layer before it gives', hint, [], 3);
};

const labelledFigure: CommonMistake = ({ frame, token, next }) => {
  if (frame.holds !== 'calls' || !is(token, t.Word) || !is(next, t.Colon)) return null;
  return mend(token, 'there are no labels here', `remove '${token.image}:'`, [], 2);
};

const unquotedFile: CommonMistake = ({ frame, beforePrevious, previous, token, next, afterNext }) => {
  if (frame.holds !== 'experiments') return null;
  if (is(previous, t.Use) && is(token, t.Word) && is(next, t.Dot) && is(afterNext, t.Word)) {
    const path = `"${token.image}.${afterNext.image}"`;
    return mend(token, 'a file name must be in quotes', `write use ${path}`, [readAs(t.StringLiteral, token, path)], 3);
  }
  if (!is(beforePrevious, t.Extends) || !is(token, t.Dot) || !is(next, t.Word)) return null;
  const hint = `write extends "${previous.image}.${next.image}"`;
  return mend(token, 'a file name must be in quotes', hint, [], 2);
};

/** What a misspelled word at the top of a file was meant to be, to judge by what follows. */
function meantBeginning(token: IToken, next: IToken): TokenType | null {
  const { image } = token;
  const possible = is(next, t.StringLiteral)
    ? [t.Use]
    : isOneOf(next, [t.Loss, t.Identifier])
      ? [t.Experiment, t.Define]
      : [];
  if (is(next, t.StringLiteral) && ['import', 'include', 'require', 'using', 'from'].includes(image)) return t.Use;
  if (possible.includes(t.Define) && ['def', 'function', 'func', 'fn', 'fun'].includes(image)) return t.Define;
  const suggestion = closest(
    image,
    possible.map(({ PATTERN }) => String(PATTERN)),
  );
  return possible.find(({ PATTERN }) => PATTERN === suggestion) ?? null;
}

const unknownBeginning: CommonMistake = ({ frame, previous, token, next }) => {
  if (frame.holds !== 'experiments' || isOneOf(previous, [t.Experiment, t.Extends])) return null;
  if (is(token, t.StatementKeyword) || isOneOf(token, [t.Define, t.Use])) return null;
  const isDefinition = isOneOf(frame.statement, [t.Define, t.Use]);
  if (isDefinition && !endsOperand(previous)) return null;
  if (!isDefinition && (is(previous, t.Identifier) || is(previous, t.StringLiteral))) return null;
  const meant = is(token, t.Identifier) ? meantBeginning(token, next) : null;
  if (meant !== null) {
    const corrected = readAs(meant, token, String(meant.PATTERN));
    const hint = `did you mean '${meant.PATTERN}'?`;
    return mend(token, `expected '${meant.PATTERN}', not ${shown(token)}`, hint, [corrected]);
  }
  // The parser says what the expression lacks.
  if (isDefinition && !is(previous, t.RightBrace)) return null;
  const hint = 'a file contains experiments: experiment name { … }';
  return { ...mend(token, `expected 'experiment', not ${shown(token)}`, hint, []), skip: true };
};

const commonMistakes: readonly CommonMistake[] = [
  weightsOfModel,
  prefixedWord,
  statementAsCall,
  dataByPath,
  definitionInside,
  condition,
  foreignComment,
  tuple,
  reservedName,
  labelledFigure,
  unquotedFile,
  commaBetweenItems,
  notIn,
  argumentWithColon,
  argumentWithoutEquals,
  indexedShape,
  missingComma,
  settingWithoutEquals,
  declarationWithoutEquals,
  keywordWithEquals,
  labelWithEquals,
  signBetweenLayers,
  calledLayer,
  comparisonWithOneEquals,
  wordWithoutParentheses,
  misspelledStatement,
  addedCorruptions,
  missingProduct,
  unknownStatement,
  unknownBeginning,
];
