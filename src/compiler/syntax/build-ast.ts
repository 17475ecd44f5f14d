import type { IToken } from 'chevrotain';
import type {
  CallsCstNode,
  ExperimentCstNode,
  FileCstNode,
  ParentCstNode,
  SettingsCstNode,
  StageCstNode,
  StatementCstNode,
  WithoutStatementCstNode,
} from '../../../grammar/cst.generated.js';
import {
  type CallExpression,
  type DecoderStatement,
  type ExperimentNode,
  type FileNode,
  type ParentReference,
  removableStatements,
  type Setting,
  type Statement,
} from './ast.js';
import { buildDefinition, buildUse } from './build-definition.js';
import { buildArguments, buildCall, buildExpression, buildLayers } from './build-expression.js';
import { type Building, identifier, only, stretch } from './building.js';
import { stringValue } from './literals.js';
import { type Span, spanning } from './source.js';
import { spanOf } from './tokenize.js';

/** Converts the concrete syntax tree to the AST. */
export function buildFile({ children }: FileCstNode, building: Building): FileNode {
  return {
    kind: 'file',
    source: building.source,
    uses: (children.use ?? []).map((node) => buildUse(node, building)),
    definitions: (children.definition ?? []).flatMap((node) => buildDefinition(node, building) ?? []),
    experiments: (children.experiment ?? []).map((node) => buildExperiment(node, building)),
  };
}

function buildExperiment({ children }: ExperimentCstNode, building: Building): ExperimentNode {
  const [parent] = children.parent ?? [];
  return {
    kind: 'experiment',
    name: identifier(only(children.Identifier), building),
    parent: parent ? buildParent(parent, building) : null,
    statements: (children.statement ?? []).map((node) => buildStatement(node, building)),
    span: stretch(only(children.Experiment), only(children.RightBrace), building),
  };
}

function buildParent({ children }: ParentCstNode, building: Building): ParentReference {
  const [path] = children.StringLiteral ?? [];
  if (path) return { kind: 'file', path: stringValue(path.image), span: spanOf(path, building.source) };
  return { kind: 'name', name: identifier(only(children.Identifier), building) };
}

function buildStatement({ children }: StatementCstNode, building: Building): Statement {
  const from = (keyword: readonly IToken[], end: Span): Span => spanning(spanOf(only(keyword), building.source), end);

  const [param] = children.paramStatement ?? [];
  if (param) {
    const { Param, Identifier, value: valueNode, constraint: constraintNode } = param.children;
    const value = buildExpression(only(valueNode), 0, building);
    const constraint = constraintNode ? buildExpression(only(constraintNode), 0, building) : null;
    const name = identifier(only(Identifier), building);
    return { kind: 'param', name, value, constraint, span: from(Param, (constraint ?? value).span) };
  }
  const [constant] = children.letStatement ?? [];
  if (constant) {
    const { Let, Identifier, expression } = constant.children;
    const value = buildExpression(only(expression), 0, building);
    return { kind: 'let', name: identifier(only(Identifier), building), value, span: from(Let, value.span) };
  }
  const [data] = children.dataStatement ?? [];
  if (data) {
    const call = buildCall(only(data.children.call), 0, building);
    return { kind: 'data', call, span: from(data.children.Data, call.span) };
  }
  const [target] = children.targetStatement ?? [];
  if (target) {
    const call = buildCall(only(target.children.call), 0, building);
    return { kind: 'target', call, span: from(target.children.Target, call.span) };
  }
  const [corrupt] = children.corruptStatement ?? [];
  if (corrupt) {
    const { Corrupt, calls: block, call } = corrupt.children;
    const { calls, span } = block ? buildCalls(only(block), building) : oneCall(only(call), building);
    return { kind: 'corrupt', calls, span: from(Corrupt, span) };
  }
  const [encoder] = children.encoderStatement ?? [];
  if (encoder) {
    const { layers, span } = buildLayers(only(encoder.children.layers), 0, building);
    return { kind: 'encoder', layers, span: from(encoder.children.Encoder, span) };
  }
  const [decoder] = children.decoderStatement ?? [];
  if (decoder) {
    const { Decoder, layers, call } = decoder.children;
    const { body, span } = layers ? writtenOut(only(layers), building) : derived(only(call), building);
    return { kind: 'decoder', body, span: from(Decoder, span) };
  }
  const [loss] = children.lossStatement ?? [];
  if (loss) {
    const value = buildExpression(only(loss.children.expression), 0, building);
    return { kind: 'loss', value, span: from(loss.children.Loss, value.span) };
  }
  const [pretrain] = children.pretrainStatement ?? [];
  if (pretrain) {
    const { call, settings, span } = buildStage(only(pretrain.children.stage), building);
    return { kind: 'pretrain', call, settings, span: from(pretrain.children.Pretrain, span) };
  }
  const [train] = children.trainStatement ?? [];
  if (train) {
    const { call, settings, span } = buildStage(only(train.children.stage), building);
    return { kind: 'train', call, settings, span: from(train.children.Train, span) };
  }
  const [show] = children.showStatement ?? [];
  if (show) {
    const { calls, span } = buildCalls(only(show.children.calls), building);
    return { kind: 'show', calls, span: from(show.children.Show, span) };
  }
  const [evaluate] = children.evaluateStatement ?? [];
  if (evaluate) {
    const { calls, span } = buildCalls(only(evaluate.children.calls), building);
    return { kind: 'evaluate', calls, span: from(evaluate.children.Evaluate, span) };
  }
  const [sweep] = children.sweepStatement ?? [];
  if (sweep) {
    const { settings, span } = buildSettings(only(sweep.children.settings), building);
    return { kind: 'sweep', settings, span: from(sweep.children.Sweep, span) };
  }
  return buildWithout(only(children.withoutStatement), building);
}

function oneCall(node: Parameters<typeof buildCall>[0], building: Building): ReturnType<typeof buildCalls> {
  const call = buildCall(node, 0, building);
  return { calls: [call], span: call.span };
}

interface DecoderBody {
  readonly body: DecoderStatement['body'];
  readonly span: Span;
}

function writtenOut(node: Parameters<typeof buildLayers>[0], building: Building): DecoderBody {
  const { layers, span } = buildLayers(node, 0, building);
  return { body: { kind: 'layers', layers }, span };
}

function derived(node: Parameters<typeof buildCall>[0], building: Building): DecoderBody {
  const call = buildCall(node, 0, building);
  return { body: { kind: 'derived', call }, span: call.span };
}

function buildWithout({ children }: WithoutStatementCstNode, building: Building): Statement {
  const word = only(children.RemovableKeyword);
  const target = removableStatements.find((kind) => kind === word.image);
  if (target === undefined) throw new Error(`the grammar lets 'without' remove '${word.image}', but the tree does not`);
  const targetSpan = spanOf(word, building.source);
  return { kind: 'without', target, targetSpan, span: stretch(only(children.Without), word, building) };
}

interface Stage {
  readonly call: CallExpression;
  readonly settings: readonly Setting[];
  readonly span: Span;
}

/** Builds a stage's word and settings; its braces hold settings rather than layers, so the call ends before them. */
function buildStage({ children }: StageCstNode, building: Building): Stage {
  const word = identifier(only(children.Identifier), building);
  const given = buildArguments(only(children.arguments), 0, building);
  const callSpan = spanning(word.span, given.span);
  const call: CallExpression = { kind: 'call', word, arguments: given.arguments, block: null, span: callSpan };
  const [braces] = children.settings ?? [];
  if (!braces) return { call, settings: [], span: callSpan };
  const { settings, span } = buildSettings(braces, building);
  return { call, settings, span: spanning(callSpan, span) };
}

function buildSettings(
  { children }: SettingsCstNode,
  building: Building,
): { readonly settings: readonly Setting[]; readonly span: Span } {
  const settings = (children.setting ?? []).map(({ children: setting }): Setting => {
    const name = identifier(only(setting.SettingName), building);
    const value = buildExpression(only(setting.expression), 0, building);
    return { name, value, span: spanning(name.span, value.span) };
  });
  return { settings, span: stretch(only(children.LeftBrace), only(children.RightBrace), building) };
}

function buildCalls(
  { children }: CallsCstNode,
  building: Building,
): { readonly calls: readonly CallExpression[]; readonly span: Span } {
  return {
    calls: (children.call ?? []).map((call) => buildCall(call, 0, building)),
    span: stretch(only(children.LeftBrace), only(children.RightBrace), building),
  };
}
