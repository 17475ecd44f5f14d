import { createToken, Lexer, type TokenType } from 'chevrotain';

/*
 * Categories come first, then the tokens in the order in which the lexer tries them. A category is matched by every
 * token that names it, so that the grammar can ask for "any word" or "a binary operator" with one token of look-ahead.
 */

const category = (name: string, label: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, label, pattern: Lexer.NA, categories });

/** Anything spelled like a name, reserved or not: what may follow a dot. */
export const Word = category('Word', 'a name');
/** What may precede `=` in arguments and settings: names, and the keywords of statements (`corrupt=…`, `data = …`). */
export const SettingName = category('SettingName', 'a name', Word);
/** Reserved words that begin or join statements. */
export const StatementKeyword = category('StatementKeyword', 'a statement', SettingName);
/** Statements that a child experiment can remove with `without`. */
export const RemovableKeyword = category('RemovableKeyword', 'a statement', StatementKeyword);

export const BinaryOperator = category('BinaryOperator', 'an operator');
export const PrefixOperator = category('PrefixOperator', 'an operator');

export const Identifier = createToken({
  name: 'Identifier',
  label: 'a name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [SettingName],
});

const keyword = (name: string, text: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, label: `'${text}'`, pattern: text, longer_alt: Identifier, categories });

export const Experiment = keyword('Experiment', 'experiment', StatementKeyword);
export const Extends = keyword('Extends', 'extends', StatementKeyword);
export const Without = keyword('Without', 'without', StatementKeyword);
export const Param = keyword('Param', 'param', StatementKeyword);
export const Where = keyword('Where', 'where', StatementKeyword);
export const Let = keyword('Let', 'let', StatementKeyword);
export const Data = keyword('Data', 'data', RemovableKeyword);
export const Corrupt = keyword('Corrupt', 'corrupt', RemovableKeyword);
export const Encoder = keyword('Encoder', 'encoder', RemovableKeyword);
export const Decoder = keyword('Decoder', 'decoder', RemovableKeyword);
export const Loss = keyword('Loss', 'loss', RemovableKeyword);
export const Pretrain = keyword('Pretrain', 'pretrain', RemovableKeyword);
export const Train = keyword('Train', 'train', RemovableKeyword);
export const Show = keyword('Show', 'show', RemovableKeyword);
export const Evaluate = keyword('Evaluate', 'evaluate', RemovableKeyword);
export const Sweep = keyword('Sweep', 'sweep', RemovableKeyword);

/** Begins a statement before the name of a data set; anywhere else it is a name, as in `output - target`. */
export const Target = keyword('Target', 'target', Identifier, RemovableKeyword);

/** Begin a definition, and a reference to a file of definitions, at the top of a file; elsewhere both are names. */
export const Define = keyword('Define', 'define', Identifier);
export const Use = keyword('Use', 'use', Identifier);

export const And = keyword('And', 'and', BinaryOperator, Word);
export const Or = keyword('Or', 'or', BinaryOperator, Word);
export const Not = keyword('Not', 'not', PrefixOperator, Word);
export const In = keyword('In', 'in', BinaryOperator, Word);
export const True = keyword('True', 'true', Word);
export const False = keyword('False', 'false', Word);

/** `15`, `0.01`, `1e-4`, `50_000`: digits on both sides of the point and of every underscore. */
export const NumberLiteral = createToken({
  name: 'NumberLiteral',
  label: 'a number',
  pattern: /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_.])/,
});
/** Stands in for a number in the grammar, so that a malformed one causes a single error. */
export const MalformedNumber = createToken({
  name: 'MalformedNumber',
  label: 'a number',
  pattern: /\.?\d(?:[eE][+-]|[A-Za-z0-9_.])*/,
  categories: [NumberLiteral],
});

const stringPattern = /"(?:[^"\\\r\n]|\\[^\r\n])*"/y;
/** The last unclosed string, cached only if it is long. */
let unclosed = { text: '', start: 0, end: 0 };
const shortLine = 1000;

/**
 * Scans a line that lacks a closing quotation mark only once. Every further mark in it follows a backslash, so no
 * string that begins there is closed either.
 */
function closedString(text: string, offset: number): RegExpExecArray | null {
  if (offset > unclosed.start && offset < unclosed.end && text === unclosed.text) return null;
  stringPattern.lastIndex = offset;
  const match = stringPattern.exec(text);
  if (match === null && text[offset] === '"') {
    const rest = text.slice(offset).search(/[\r\n]/);
    const end = rest < 0 ? text.length : offset + rest;
    if (end - offset > shortLine) unclosed = { text, start: offset, end };
  }
  return match;
}

/** `"sparse.ae"`, on one line, with the escapes `\"`, `\\`, `\n` and `\t`. */
export const StringLiteral = createToken({
  name: 'StringLiteral',
  label: 'a string',
  pattern: closedString,
  line_breaks: false,
  start_chars_hint: ['"'],
});
/** Ends before a bracket or a comma, which were probably not meant to be part of it. */
export const UnclosedString = createToken({
  name: 'UnclosedString',
  label: 'a string',
  pattern: /"(?:[^"\\\r\n()[\]{},]|\\[^\r\n])*\\?/,
  categories: [StringLiteral],
});
export const SingleQuotedString = createToken({
  name: 'SingleQuotedString',
  label: 'a string',
  pattern: /'[^'\r\n]*'/,
  categories: [StringLiteral],
});

const symbol = (name: string, text: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, label: `'${text}'`, pattern: text, categories });

export const EqualEqual = symbol('EqualEqual', '==', BinaryOperator);
export const NotEqual = symbol('NotEqual', '!=', BinaryOperator);
export const LessEqual = symbol('LessEqual', '<=', BinaryOperator);
export const GreaterEqual = symbol('GreaterEqual', '>=', BinaryOperator);
export const Less = symbol('Less', '<', BinaryOperator);
export const Greater = symbol('Greater', '>', BinaryOperator);
export const Power = symbol('Power', '**', BinaryOperator);
export const Times = symbol('Times', '*', BinaryOperator);
export const Divide = symbol('Divide', '/', BinaryOperator);
export const Plus = symbol('Plus', '+', BinaryOperator);
export const Minus = symbol('Minus', '-', BinaryOperator, PrefixOperator);

export const Equals = symbol('Equals', '=');
export const Colon = symbol('Colon', ':');
export const Comma = symbol('Comma', ',');
export const Dot = symbol('Dot', '.');
export const LeftParenthesis = symbol('LeftParenthesis', '(');
export const RightParenthesis = symbol('RightParenthesis', ')');
export const LeftBracket = symbol('LeftBracket', '[');
export const RightBracket = symbol('RightBracket', ']');
export const LeftBrace = symbol('LeftBrace', '{');
export const RightBrace = symbol('RightBrace', '}');

/** The lexer keeps comments apart from the tokens that the parser sees. */
export const commentGroup = 'comments';
export const mistakeGroup = 'mistakes';

/** All white space is insignificant. A byte order mark counts as white space. */
export const WhiteSpace = createToken({ name: 'WhiteSpace', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });
export const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\r\n]*/, group: commentGroup });
export const BlockComment = createToken({
  name: 'BlockComment',
  pattern: /\/\*(?:[^*]|\*(?!\/))*\*\//,
  group: commentGroup,
  line_breaks: true,
});

/* What people write from the habit of other languages: lexed apart, so that each can be told how it is written here. */
export const UnclosedComment = createToken({
  name: 'UnclosedComment',
  pattern: /\/\*[\s\S]*/,
  group: mistakeGroup,
  line_breaks: true,
});
export const HashComment = createToken({ name: 'HashComment', pattern: /#[^\r\n]*/, group: mistakeGroup });
export const Semicolon = createToken({ name: 'Semicolon', pattern: /;/, group: mistakeGroup });

/** Words that can never be names. */
export const statementKeywords: readonly TokenType[] = [
  Experiment,
  Extends,
  Without,
  Param,
  Where,
  Let,
  Data,
  Corrupt,
  Encoder,
  Decoder,
  Loss,
  Pretrain,
  Train,
  Show,
  Evaluate,
  Sweep,
];
/** Words that mean something at the top of a file, and are names everywhere else. */
export const topWords: readonly TokenType[] = [Define, Use];
/** Words that begin a statement where one may stand, and are names everywhere else. */
export const statementNames: readonly TokenType[] = [Target];
export const operatorWords: readonly TokenType[] = [And, Or, Not, In];
export const constantWords: readonly TokenType[] = [True, False];
export const operatorSymbols: readonly TokenType[] = [
  EqualEqual,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Power,
  Times,
  Divide,
  Plus,
  Minus,
];
export const punctuation: readonly TokenType[] = [
  Equals,
  Colon,
  Comma,
  Dot,
  LeftParenthesis,
  RightParenthesis,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
];

/** All tokens in the order in which the lexer tries them; longer ones precede their prefixes. */
export const allTokens: readonly TokenType[] = [
  WhiteSpace,
  LineComment,
  BlockComment,
  UnclosedComment,
  HashComment,
  Semicolon,
  ...statementKeywords,
  ...topWords,
  ...statementNames,
  ...operatorWords,
  ...constantWords,
  Identifier,
  NumberLiteral,
  MalformedNumber,
  StringLiteral,
  UnclosedString,
  SingleQuotedString,
  ...operatorSymbols,
  ...punctuation,
  Word,
  SettingName,
  StatementKeyword,
  RemovableKeyword,
  BinaryOperator,
  PrefixOperator,
];

/**
 * Precedence of the binary operators, loosest first; operators in one row are equal. `not` comes between `and` and the
 * comparisons, the sign `-` between `*` and `**`. Comparisons chain as in Python; `**` is right-associative, all others
 * left-associative.
 */
export const binaryPrecedence: readonly (readonly TokenType[])[] = [
  [Or],
  [And],
  [Less, LessEqual, Greater, GreaterEqual, EqualEqual, NotEqual, In],
  [Plus, Minus],
  [Times, Divide],
  [Power],
];
