import { CstParser, type IOrAlt, type IParserErrorMessageProvider } from 'chevrotain';
import {
  allTokens,
  BinaryOperator,
  Colon,
  Comma,
  Corrupt,
  Data,
  Decoder,
  Define,
  Dot,
  Encoder,
  Equals,
  Evaluate,
  Experiment,
  Extends,
  False,
  Identifier,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Let,
  Loss,
  NumberLiteral,
  Param,
  PrefixOperator,
  Pretrain,
  RemovableKeyword,
  RightBrace,
  RightBracket,
  RightParenthesis,
  SettingName,
  Show,
  StringLiteral,
  Sweep,
  Target,
  Train,
  True,
  Use,
  Where,
  Without,
  Word,
} from './tokens.js';

const oneOf = (...alternatives: readonly (() => unknown)[]): IOrAlt<unknown>[] =>
  alternatives.map((alternative) => ({ ALT: alternative }));

/**
 * The grammar of `.ae` files. It builds a concrete syntax tree and knows no words of the library. Operators stay in a
 * flat list (`operand operator operand …`); `binaryPrecedence` in tokens.ts says how they group. That way the tree is
 * only as deep as the nesting in the text.
 */
export class AeParser extends CstParser {
  /**
   * @param errorMessageProvider called once per syntax error
   * @param recovers whether to go on after an error, which takes further tables
   * @param validate whether to check the grammar itself for ambiguities, which need not be done at every start
   */
  constructor(
    errorMessageProvider: IParserErrorMessageProvider,
    { recovers = true, validate = false }: { readonly recovers?: boolean; readonly validate?: boolean } = {},
  ) {
    super([...allTokens], {
      maxLookahead: 2,
      recoveryEnabled: recovers,
      errorMessageProvider,
      skipValidations: !validate,
    });
    this.performSelfAnalysis();
  }

  readonly file = this.RULE('file', () => {
    this.MANY(() =>
      this.OR(
        oneOf(
          () => this.SUBRULE(this.use),
          () => this.SUBRULE(this.definition),
          () => this.SUBRULE(this.experiment),
        ),
      ),
    );
  });

  readonly use = this.RULE('use', () => {
    this.CONSUME(Use);
    this.CONSUME(StringLiteral);
  });

  readonly definition = this.RULE('definition', () => {
    this.CONSUME(Define);
    this.OR(
      oneOf(
        () => this.CONSUME(Loss, { LABEL: 'role' }),
        () => this.CONSUME1(Identifier, { LABEL: 'role' }),
      ),
    );
    this.CONSUME2(Identifier, { LABEL: 'name' });
    this.SUBRULE(this.parameters);
    this.SUBRULE(this.meaning);
  });

  readonly meaning = this.RULE('meaning', () => {
    this.OR(
      oneOf(
        () => {
          this.CONSUME(Equals);
          this.SUBRULE(this.expression);
        },
        () => this.SUBRULE(this.layers),
      ),
    );
  });

  readonly parameters = this.RULE('parameters', () => {
    this.CONSUME(LeftParenthesis);
    this.OPTION1(() => {
      this.SUBRULE1(this.parameter);
      this.MANY(() => {
        this.CONSUME1(Comma);
        this.SUBRULE2(this.parameter);
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(RightParenthesis);
  });

  readonly parameter = this.RULE('parameter', () => {
    this.CONSUME(Identifier);
    this.OPTION1(() => {
      this.CONSUME(Equals);
      this.SUBRULE1(this.expression, { LABEL: 'value' });
    });
    this.OPTION2(() => {
      this.CONSUME(Where);
      this.SUBRULE2(this.expression, { LABEL: 'constraint' });
    });
  });

  readonly experiment = this.RULE('experiment', () => {
    this.CONSUME(Experiment);
    this.CONSUME(Identifier);
    this.OPTION(() => this.SUBRULE(this.parent));
    this.CONSUME(LeftBrace);
    this.MANY(() => this.SUBRULE(this.statement));
    this.CONSUME(RightBrace);
  });

  readonly parent = this.RULE('parent', () => {
    this.CONSUME(Extends);
    this.OR(
      oneOf(
        () => this.CONSUME(Identifier),
        () => this.CONSUME(StringLiteral),
      ),
    );
  });

  readonly statement = this.RULE('statement', () => {
    this.OR(
      oneOf(
        () => this.SUBRULE(this.paramStatement),
        () => this.SUBRULE(this.letStatement),
        () => this.SUBRULE(this.dataStatement),
        () => this.SUBRULE(this.targetStatement),
        () => this.SUBRULE(this.corruptStatement),
        () => this.SUBRULE(this.encoderStatement),
        () => this.SUBRULE(this.decoderStatement),
        () => this.SUBRULE(this.lossStatement),
        () => this.SUBRULE(this.pretrainStatement),
        () => this.SUBRULE(this.trainStatement),
        () => this.SUBRULE(this.showStatement),
        () => this.SUBRULE(this.evaluateStatement),
        () => this.SUBRULE(this.sweepStatement),
        () => this.SUBRULE(this.withoutStatement),
      ),
    );
  });

  readonly paramStatement = this.RULE('paramStatement', () => {
    this.CONSUME(Param);
    this.CONSUME(Identifier);
    this.CONSUME(Equals);
    this.SUBRULE1(this.expression, { LABEL: 'value' });
    this.OPTION(() => {
      this.CONSUME(Where);
      this.SUBRULE2(this.expression, { LABEL: 'constraint' });
    });
  });

  readonly letStatement = this.RULE('letStatement', () => {
    this.CONSUME(Let);
    this.CONSUME(Identifier);
    this.CONSUME(Equals);
    this.SUBRULE(this.expression);
  });

  readonly dataStatement = this.RULE('dataStatement', () => {
    this.CONSUME(Data);
    this.SUBRULE(this.call);
  });

  readonly targetStatement = this.RULE('targetStatement', () => {
    this.CONSUME(Target);
    this.SUBRULE(this.call);
  });

  readonly corruptStatement = this.RULE('corruptStatement', () => {
    this.CONSUME(Corrupt);
    this.OR(
      oneOf(
        () => this.SUBRULE(this.calls),
        () => this.SUBRULE(this.call),
      ),
    );
  });

  readonly encoderStatement = this.RULE('encoderStatement', () => {
    this.CONSUME(Encoder);
    this.SUBRULE(this.layers);
  });

  readonly decoderStatement = this.RULE('decoderStatement', () => {
    this.CONSUME(Decoder);
    this.OR(
      oneOf(
        () => this.SUBRULE(this.layers),
        () => this.SUBRULE(this.call),
      ),
    );
  });

  readonly lossStatement = this.RULE('lossStatement', () => {
    this.CONSUME(Loss);
    this.SUBRULE(this.expression);
  });

  readonly pretrainStatement = this.RULE('pretrainStatement', () => {
    this.CONSUME(Pretrain);
    this.SUBRULE(this.stage);
  });

  readonly trainStatement = this.RULE('trainStatement', () => {
    this.CONSUME(Train);
    this.SUBRULE(this.stage);
  });

  readonly stage = this.RULE('stage', () => {
    this.CONSUME(Identifier);
    this.SUBRULE(this.arguments);
    this.OPTION(() => this.SUBRULE(this.settings));
  });

  readonly showStatement = this.RULE('showStatement', () => {
    this.CONSUME(Show);
    this.SUBRULE(this.calls);
  });

  readonly evaluateStatement = this.RULE('evaluateStatement', () => {
    this.CONSUME(Evaluate);
    this.SUBRULE(this.calls);
  });

  readonly sweepStatement = this.RULE('sweepStatement', () => {
    this.CONSUME(Sweep);
    this.SUBRULE(this.settings);
  });

  readonly withoutStatement = this.RULE('withoutStatement', () => {
    this.CONSUME(Without);
    this.CONSUME(RemovableKeyword);
  });

  readonly layers = this.RULE('layers', () => {
    this.CONSUME(LeftBrace);
    this.MANY(() => this.SUBRULE(this.labelledCall));
    this.CONSUME(RightBrace);
  });

  readonly labelledCall = this.RULE('labelledCall', () => {
    this.OPTION(() => {
      this.CONSUME(Identifier);
      this.CONSUME(Colon);
    });
    this.SUBRULE(this.call);
  });

  readonly calls = this.RULE('calls', () => {
    this.CONSUME(LeftBrace);
    this.MANY(() => this.SUBRULE(this.call));
    this.CONSUME(RightBrace);
  });

  readonly settings = this.RULE('settings', () => {
    this.CONSUME(LeftBrace);
    this.MANY(() => this.SUBRULE(this.setting));
    this.CONSUME(RightBrace);
  });

  readonly setting = this.RULE('setting', () => {
    this.CONSUME(SettingName);
    this.CONSUME(Equals);
    this.SUBRULE(this.expression);
  });

  readonly call = this.RULE('call', () => {
    this.CONSUME(Identifier);
    this.OR(
      oneOf(
        () => {
          this.SUBRULE(this.arguments);
          this.OPTION(() => this.SUBRULE1(this.layers));
        },
        () => this.SUBRULE2(this.layers),
      ),
    );
  });

  readonly arguments = this.RULE('arguments', () => {
    this.CONSUME(LeftParenthesis);
    this.OPTION1(() => {
      this.SUBRULE1(this.argument);
      this.MANY(() => {
        this.CONSUME1(Comma);
        this.SUBRULE2(this.argument);
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(RightParenthesis);
  });

  readonly argument = this.RULE('argument', () => {
    this.OPTION(() => {
      this.CONSUME(SettingName);
      this.CONSUME(Equals);
    });
    this.SUBRULE(this.expression);
  });

  readonly expression = this.RULE('expression', () => {
    this.SUBRULE1(this.operand);
    this.MANY(() => {
      this.CONSUME(BinaryOperator);
      this.SUBRULE2(this.operand);
    });
  });

  readonly operand = this.RULE('operand', () => {
    this.MANY1(() => this.CONSUME(PrefixOperator));
    this.SUBRULE(this.primary);
    this.MANY2(() => {
      this.CONSUME(Dot);
      this.CONSUME(Word);
    });
  });

  readonly primary = this.RULE('primary', () => {
    this.OR(
      oneOf(
        () => this.CONSUME(NumberLiteral),
        () => this.CONSUME(StringLiteral),
        () => this.CONSUME(True),
        () => this.CONSUME(False),
        () => this.SUBRULE(this.list),
        () => this.SUBRULE(this.call),
        () => this.SUBRULE(this.choice),
        () => this.CONSUME(Identifier),
        () => this.CONSUME(Encoder),
        () => this.SUBRULE(this.parenthesised),
      ),
    );
  });

  /** `where(condition, a, b)`: the only function that is spelled like a keyword. */
  readonly choice = this.RULE('choice', () => {
    this.CONSUME(Where);
    this.SUBRULE(this.arguments);
  });

  readonly list = this.RULE('list', () => {
    this.CONSUME(LeftBracket);
    this.OPTION1(() => {
      this.SUBRULE1(this.expression);
      this.MANY(() => {
        this.CONSUME1(Comma);
        this.SUBRULE2(this.expression);
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(RightBracket);
  });

  readonly parenthesised = this.RULE('parenthesised', () => {
    this.CONSUME(LeftParenthesis);
    this.SUBRULE(this.expression);
    this.CONSUME(RightParenthesis);
  });
}
