import type { CstNode, ICstVisitor, IToken } from "chevrotain";

export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

export type FileCstChildren = {
  use?: UseCstNode[];
  definition?: DefinitionCstNode[];
  experiment?: ExperimentCstNode[];
};

export interface UseCstNode extends CstNode {
  name: "use";
  children: UseCstChildren;
}

export type UseCstChildren = {
  Use: IToken[];
  StringLiteral: IToken[];
};

export interface DefinitionCstNode extends CstNode {
  name: "definition";
  children: DefinitionCstChildren;
}

export type DefinitionCstChildren = {
  Define: IToken[];
  role?: (IToken)[];
  name: IToken[];
  parameters: ParametersCstNode[];
  meaning: MeaningCstNode[];
};

export interface MeaningCstNode extends CstNode {
  name: "meaning";
  children: MeaningCstChildren;
}

export type MeaningCstChildren = {
  Equals?: IToken[];
  expression?: ExpressionCstNode[];
  layers?: LayersCstNode[];
};

export interface ParametersCstNode extends CstNode {
  name: "parameters";
  children: ParametersCstChildren;
}

export type ParametersCstChildren = {
  LeftParenthesis: IToken[];
  parameter?: (ParameterCstNode)[];
  Comma?: (IToken)[];
  RightParenthesis: IToken[];
};

export interface ParameterCstNode extends CstNode {
  name: "parameter";
  children: ParameterCstChildren;
}

export type ParameterCstChildren = {
  Identifier: IToken[];
  Equals?: IToken[];
  value?: ExpressionCstNode[];
  Where?: IToken[];
  constraint?: ExpressionCstNode[];
};

export interface ExperimentCstNode extends CstNode {
  name: "experiment";
  children: ExperimentCstChildren;
}

export type ExperimentCstChildren = {
  Experiment: IToken[];
  Identifier: IToken[];
  parent?: ParentCstNode[];
  LeftBrace: IToken[];
  statement?: StatementCstNode[];
  RightBrace: IToken[];
};

export interface ParentCstNode extends CstNode {
  name: "parent";
  children: ParentCstChildren;
}

export type ParentCstChildren = {
  Extends: IToken[];
  Identifier?: IToken[];
  StringLiteral?: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  paramStatement?: ParamStatementCstNode[];
  letStatement?: LetStatementCstNode[];
  dataStatement?: DataStatementCstNode[];
  targetStatement?: TargetStatementCstNode[];
  corruptStatement?: CorruptStatementCstNode[];
  encoderStatement?: EncoderStatementCstNode[];
  decoderStatement?: DecoderStatementCstNode[];
  lossStatement?: LossStatementCstNode[];
  pretrainStatement?: PretrainStatementCstNode[];
  trainStatement?: TrainStatementCstNode[];
  showStatement?: ShowStatementCstNode[];
  evaluateStatement?: EvaluateStatementCstNode[];
  sweepStatement?: SweepStatementCstNode[];
  withoutStatement?: WithoutStatementCstNode[];
};

export interface ParamStatementCstNode extends CstNode {
  name: "paramStatement";
  children: ParamStatementCstChildren;
}

export type ParamStatementCstChildren = {
  Param: IToken[];
  Identifier: IToken[];
  Equals: IToken[];
  value: ExpressionCstNode[];
  Where?: IToken[];
  constraint?: ExpressionCstNode[];
};

export interface LetStatementCstNode extends CstNode {
  name: "letStatement";
  children: LetStatementCstChildren;
}

export type LetStatementCstChildren = {
  Let: IToken[];
  Identifier: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface DataStatementCstNode extends CstNode {
  name: "dataStatement";
  children: DataStatementCstChildren;
}

export type DataStatementCstChildren = {
  Data: IToken[];
  call: CallCstNode[];
};

export interface TargetStatementCstNode extends CstNode {
  name: "targetStatement";
  children: TargetStatementCstChildren;
}

export type TargetStatementCstChildren = {
  Target: IToken[];
  call: CallCstNode[];
};

export interface CorruptStatementCstNode extends CstNode {
  name: "corruptStatement";
  children: CorruptStatementCstChildren;
}

export type CorruptStatementCstChildren = {
  Corrupt: IToken[];
  calls?: CallsCstNode[];
  call?: CallCstNode[];
};

export interface EncoderStatementCstNode extends CstNode {
  name: "encoderStatement";
  children: EncoderStatementCstChildren;
}

export type EncoderStatementCstChildren = {
  Encoder: IToken[];
  layers: LayersCstNode[];
};

export interface DecoderStatementCstNode extends CstNode {
  name: "decoderStatement";
  children: DecoderStatementCstChildren;
}

export type DecoderStatementCstChildren = {
  Decoder: IToken[];
  layers?: LayersCstNode[];
  call?: CallCstNode[];
};

export interface LossStatementCstNode extends CstNode {
  name: "lossStatement";
  children: LossStatementCstChildren;
}

export type LossStatementCstChildren = {
  Loss: IToken[];
  expression: ExpressionCstNode[];
};

export interface PretrainStatementCstNode extends CstNode {
  name: "pretrainStatement";
  children: PretrainStatementCstChildren;
}

export type PretrainStatementCstChildren = {
  Pretrain: IToken[];
  stage: StageCstNode[];
};

export interface TrainStatementCstNode extends CstNode {
  name: "trainStatement";
  children: TrainStatementCstChildren;
}

export type TrainStatementCstChildren = {
  Train: IToken[];
  stage: StageCstNode[];
};

export interface StageCstNode extends CstNode {
  name: "stage";
  children: StageCstChildren;
}

export type StageCstChildren = {
  Identifier: IToken[];
  arguments: ArgumentsCstNode[];
  settings?: SettingsCstNode[];
};

export interface ShowStatementCstNode extends CstNode {
  name: "showStatement";
  children: ShowStatementCstChildren;
}

export type ShowStatementCstChildren = {
  Show: IToken[];
  calls: CallsCstNode[];
};

export interface EvaluateStatementCstNode extends CstNode {
  name: "evaluateStatement";
  children: EvaluateStatementCstChildren;
}

export type EvaluateStatementCstChildren = {
  Evaluate: IToken[];
  calls: CallsCstNode[];
};

export interface SweepStatementCstNode extends CstNode {
  name: "sweepStatement";
  children: SweepStatementCstChildren;
}

export type SweepStatementCstChildren = {
  Sweep: IToken[];
  settings: SettingsCstNode[];
};

export interface WithoutStatementCstNode extends CstNode {
  name: "withoutStatement";
  children: WithoutStatementCstChildren;
}

export type WithoutStatementCstChildren = {
  Without: IToken[];
  RemovableKeyword: IToken[];
};

export interface LayersCstNode extends CstNode {
  name: "layers";
  children: LayersCstChildren;
}

export type LayersCstChildren = {
  LeftBrace: IToken[];
  labelledCall?: LabelledCallCstNode[];
  RightBrace: IToken[];
};

export interface LabelledCallCstNode extends CstNode {
  name: "labelledCall";
  children: LabelledCallCstChildren;
}

export type LabelledCallCstChildren = {
  Identifier?: IToken[];
  Colon?: IToken[];
  call: CallCstNode[];
};

export interface CallsCstNode extends CstNode {
  name: "calls";
  children: CallsCstChildren;
}

export type CallsCstChildren = {
  LeftBrace: IToken[];
  call?: CallCstNode[];
  RightBrace: IToken[];
};

export interface SettingsCstNode extends CstNode {
  name: "settings";
  children: SettingsCstChildren;
}

export type SettingsCstChildren = {
  LeftBrace: IToken[];
  setting?: SettingCstNode[];
  RightBrace: IToken[];
};

export interface SettingCstNode extends CstNode {
  name: "setting";
  children: SettingCstChildren;
}

export type SettingCstChildren = {
  SettingName: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface CallCstNode extends CstNode {
  name: "call";
  children: CallCstChildren;
}

export type CallCstChildren = {
  Identifier: IToken[];
  arguments?: ArgumentsCstNode[];
  layers?: (LayersCstNode)[];
};

export interface ArgumentsCstNode extends CstNode {
  name: "arguments";
  children: ArgumentsCstChildren;
}

export type ArgumentsCstChildren = {
  LeftParenthesis: IToken[];
  argument?: (ArgumentCstNode)[];
  Comma?: (IToken)[];
  RightParenthesis: IToken[];
};

export interface ArgumentCstNode extends CstNode {
  name: "argument";
  children: ArgumentCstChildren;
}

export type ArgumentCstChildren = {
  SettingName?: IToken[];
  Equals?: IToken[];
  expression: ExpressionCstNode[];
};

export interface ExpressionCstNode extends CstNode {
  name: "expression";
  children: ExpressionCstChildren;
}

export type ExpressionCstChildren = {
  operand: (OperandCstNode)[];
  BinaryOperator?: IToken[];
};

export interface OperandCstNode extends CstNode {
  name: "operand";
  children: OperandCstChildren;
}

export type OperandCstChildren = {
  PrefixOperator?: IToken[];
  primary: PrimaryCstNode[];
  Dot?: IToken[];
  Word?: IToken[];
};

export interface PrimaryCstNode extends CstNode {
  name: "primary";
  children: PrimaryCstChildren;
}

export type PrimaryCstChildren = {
  NumberLiteral?: IToken[];
  StringLiteral?: IToken[];
  True?: IToken[];
  False?: IToken[];
  list?: ListCstNode[];
  call?: CallCstNode[];
  choice?: ChoiceCstNode[];
  Identifier?: IToken[];
  Encoder?: IToken[];
  parenthesised?: ParenthesisedCstNode[];
};

export interface ChoiceCstNode extends CstNode {
  name: "choice";
  children: ChoiceCstChildren;
}

export type ChoiceCstChildren = {
  Where: IToken[];
  arguments: ArgumentsCstNode[];
};

export interface ListCstNode extends CstNode {
  name: "list";
  children: ListCstChildren;
}

export type ListCstChildren = {
  LeftBracket: IToken[];
  expression?: (ExpressionCstNode)[];
  Comma?: (IToken)[];
  RightBracket: IToken[];
};

export interface ParenthesisedCstNode extends CstNode {
  name: "parenthesised";
  children: ParenthesisedCstChildren;
}

export type ParenthesisedCstChildren = {
  LeftParenthesis: IToken[];
  expression: ExpressionCstNode[];
  RightParenthesis: IToken[];
};

export interface ICstNodeVisitor<IN, OUT> extends ICstVisitor<IN, OUT> {
  file(children: FileCstChildren, param?: IN): OUT;
  use(children: UseCstChildren, param?: IN): OUT;
  definition(children: DefinitionCstChildren, param?: IN): OUT;
  meaning(children: MeaningCstChildren, param?: IN): OUT;
  parameters(children: ParametersCstChildren, param?: IN): OUT;
  parameter(children: ParameterCstChildren, param?: IN): OUT;
  experiment(children: ExperimentCstChildren, param?: IN): OUT;
  parent(children: ParentCstChildren, param?: IN): OUT;
  statement(children: StatementCstChildren, param?: IN): OUT;
  paramStatement(children: ParamStatementCstChildren, param?: IN): OUT;
  letStatement(children: LetStatementCstChildren, param?: IN): OUT;
  dataStatement(children: DataStatementCstChildren, param?: IN): OUT;
  targetStatement(children: TargetStatementCstChildren, param?: IN): OUT;
  corruptStatement(children: CorruptStatementCstChildren, param?: IN): OUT;
  encoderStatement(children: EncoderStatementCstChildren, param?: IN): OUT;
  decoderStatement(children: DecoderStatementCstChildren, param?: IN): OUT;
  lossStatement(children: LossStatementCstChildren, param?: IN): OUT;
  pretrainStatement(children: PretrainStatementCstChildren, param?: IN): OUT;
  trainStatement(children: TrainStatementCstChildren, param?: IN): OUT;
  stage(children: StageCstChildren, param?: IN): OUT;
  showStatement(children: ShowStatementCstChildren, param?: IN): OUT;
  evaluateStatement(children: EvaluateStatementCstChildren, param?: IN): OUT;
  sweepStatement(children: SweepStatementCstChildren, param?: IN): OUT;
  withoutStatement(children: WithoutStatementCstChildren, param?: IN): OUT;
  layers(children: LayersCstChildren, param?: IN): OUT;
  labelledCall(children: LabelledCallCstChildren, param?: IN): OUT;
  calls(children: CallsCstChildren, param?: IN): OUT;
  settings(children: SettingsCstChildren, param?: IN): OUT;
  setting(children: SettingCstChildren, param?: IN): OUT;
  call(children: CallCstChildren, param?: IN): OUT;
  arguments(children: ArgumentsCstChildren, param?: IN): OUT;
  argument(children: ArgumentCstChildren, param?: IN): OUT;
  expression(children: ExpressionCstChildren, param?: IN): OUT;
  operand(children: OperandCstChildren, param?: IN): OUT;
  primary(children: PrimaryCstChildren, param?: IN): OUT;
  choice(children: ChoiceCstChildren, param?: IN): OUT;
  list(children: ListCstChildren, param?: IN): OUT;
  parenthesised(children: ParenthesisedCstChildren, param?: IN): OUT;
}
