import type { IToken } from 'chevrotain';
import type {
  ArgumentCstNode,
  ArgumentsCstNode,
  CallCstNode,
  CallsCstNode,
  DefinitionCstNode,
  ExperimentCstNode,
  FileCstNode,
  LabelledCallCstNode,
  LayersCstNode,
  ParameterCstNode,
  ParametersCstNode,
  SettingsCstNode,
  StageCstNode,
  StatementCstNode,
  UseCstNode,
} from '../../../../grammar/cst.generated.js';
import { only } from '../building.js';
import { firstToken } from '../tree-order.js';
import { column, concat, type Document, group, indent, nothing, text } from './document.js';
import { ExpressionLayout } from './expression-layout.js';
import type { TokenPrinter } from './token-printer.js';

const space = text(' ');

/** A lazily printed item in braces. */
interface Item {
  readonly first: IToken;
  print(): Document;
}

/**
 * Lays the syntax tree out as a document. Parts must be created in source order, which is JavaScript's evaluation
 * order, because the token printer tracks comments.
 */
export class Layout {
  readonly #print: TokenPrinter;
  readonly #expressions: ExpressionLayout;

  constructor(printer: TokenPrinter) {
    this.#print = printer;
    this.#expressions = new ExpressionLayout(
      printer,
      (node) => this.call(node),
      (node) => this.#arguments(node),
    );
  }

  file({ children }: FileCstNode): Document {
    const items: readonly Item[] = [
      ...(children.use ?? []).map((node) => ({ first: firstToken(node), print: () => this.#use(node) })),
      ...(children.definition ?? []).map((node) => ({ first: firstToken(node), print: () => this.#define(node) })),
      ...(children.experiment ?? []).map((node) => ({ first: firstToken(node), print: () => this.#experiment(node) })),
    ].sort((a, b) => a.first.startOffset - b.first.startOffset);
    const parts = items.map(({ first, print }, index) => {
      const separator = index === 0 ? nothing : this.#print.newlineBefore(first);
      return concat([separator, print()]);
    });
    return concat([...parts, this.#print.end(items.length === 0)]);
  }

  #use({ children }: UseCstNode): Document {
    return concat([this.#token(children.Use), space, this.#token(children.StringLiteral)]);
  }

  #define({ children }: DefinitionCstNode): Document {
    const { Define, role, name, parameters, meaning } = children;
    const { Equals, expression, layers } = only(meaning).children;
    return concat([
      this.#token(Define),
      space,
      this.#token(role),
      space,
      this.#token(name),
      this.#parameters(only(parameters)),
      space,
      Equals ? concat([this.#token(Equals), space, this.#expressions.expression(only(expression))]) : nothing,
      layers ? this.#layers(only(layers)) : nothing,
    ]);
  }

  #parameters({ children }: ParametersCstNode): Document {
    const items = (children.parameter ?? []).map((parameter) => () => this.#parameter(parameter));
    const open = this.#print.close(only(children.LeftParenthesis));
    return this.#expressions.bracketed(open, items, children.Comma ?? [], children.RightParenthesis);
  }

  #parameter({ children }: ParameterCstNode): Document {
    const { Identifier, Equals, value, Where, constraint } = children;
    return concat([
      this.#token(Identifier),
      Equals ? concat([space, this.#token(Equals), space, this.#expressions.expression(only(value))]) : nothing,
      Where ? concat([space, this.#token(Where), space, this.#expressions.expression(only(constraint))]) : nothing,
    ]);
  }

  /** A call that may omit its parentheses, as in `reparameterize { … }`. */
  call({ children }: CallCstNode): Document {
    const [given] = children.arguments ?? [];
    const [block] = children.layers ?? [];
    return concat([
      this.#token(children.Identifier),
      given ? this.#argumentsBefore(given, block !== undefined) : nothing,
      block ? concat([space, this.#layers(block)]) : nothing,
    ]);
  }

  #experiment({ children }: ExperimentCstNode): Document {
    const [parent] = children.parent ?? [];
    return concat([
      this.#token(children.Experiment),
      space,
      this.#token(children.Identifier),
      space,
      parent
        ? concat([
            this.#token(parent.children.Extends),
            space,
            this.#token(parent.children.Identifier ?? parent.children.StringLiteral),
            space,
          ])
        : nothing,
      this.#braces(
        children.LeftBrace,
        (children.statement ?? []).map((node) => ({ first: firstToken(node), print: () => this.#statement(node) })),
        children.RightBrace,
      ),
    ]);
  }

  #statement({ children }: StatementCstNode): Document {
    const [param] = children.paramStatement ?? [];
    if (param) {
      const { Param, Identifier, Equals, value, Where, constraint } = param.children;
      return concat([
        this.#definition(Param, Identifier, Equals),
        this.#expressions.expression(only(value)),
        Where ? this.#constraint(only(Where), only(constraint)) : nothing,
      ]);
    }
    const [constant] = children.letStatement ?? [];
    if (constant) {
      const { Let, Identifier, Equals, expression } = constant.children;
      return concat([this.#definition(Let, Identifier, Equals), this.#expressions.expression(only(expression))]);
    }
    const [loss] = children.lossStatement ?? [];
    if (loss) {
      const { Loss, expression } = loss.children;
      return concat([this.#token(Loss), space, this.#expressions.expression(only(expression))]);
    }
    const [without] = children.withoutStatement ?? [];
    if (without) {
      return concat([this.#token(without.children.Without), space, this.#token(without.children.RemovableKeyword)]);
    }
    const [data] = children.dataStatement ?? [];
    if (data) return this.#calling(data.children.Data, data.children.call);
    const [target] = children.targetStatement ?? [];
    if (target) return this.#calling(target.children.Target, target.children.call);
    const [corrupt] = children.corruptStatement ?? [];
    if (corrupt) {
      const { Corrupt, call, calls } = corrupt.children;
      if (call) return this.#calling(Corrupt, call);
      return concat([this.#token(Corrupt), space, this.#calls(only(calls))]);
    }
    const [encoder] = children.encoderStatement ?? [];
    if (encoder) {
      return concat([this.#token(encoder.children.Encoder), space, this.#layers(only(encoder.children.layers))]);
    }
    const [decoder] = children.decoderStatement ?? [];
    if (decoder) {
      const { Decoder, layers, call } = decoder.children;
      if (call) return this.#calling(Decoder, call);
      return concat([this.#token(Decoder), space, this.#layers(only(layers))]);
    }
    const [pretrain] = children.pretrainStatement ?? [];
    if (pretrain) return this.#stage(pretrain.children.Pretrain, only(pretrain.children.stage));
    const [train] = children.trainStatement ?? [];
    if (train) return this.#stage(train.children.Train, only(train.children.stage));
    const [show] = children.showStatement ?? [];
    if (show) return concat([this.#token(show.children.Show), space, this.#calls(only(show.children.calls))]);
    const [evaluate] = children.evaluateStatement ?? [];
    if (evaluate) {
      return concat([this.#token(evaluate.children.Evaluate), space, this.#calls(only(evaluate.children.calls))]);
    }
    const { Sweep, settings } = only(children.sweepStatement).children;
    return concat([this.#token(Sweep), space, this.#settings(only(settings))]);
  }

  /** `param name = `, which may be aligned with its neighbours. */
  #definition(keyword: readonly IToken[], name: readonly IToken[], equals: readonly IToken[]): Document {
    return concat([this.#token(keyword), space, this.#token(name), column('='), space, this.#token(equals), space]);
  }

  #constraint(where: IToken, condition: Parameters<ExpressionLayout['expression']>[0]): Document {
    return group(
      indent(
        concat([
          column('where'),
          this.#print.line(' '),
          this.#print.token(where),
          space,
          this.#expressions.expression(condition),
        ]),
      ),
    );
  }

  /** A statement that calls a word, always with parentheses. */
  #calling(keyword: readonly IToken[], call: readonly CallCstNode[]): Document {
    const { Identifier, arguments: given, layers } = only(call).children;
    return concat([
      this.#token(keyword),
      space,
      this.#token(Identifier),
      given ? this.#arguments(only(given)) : text('()'),
      layers ? concat([space, this.#layers(only(layers))]) : nothing,
    ]);
  }

  #stage(keyword: readonly IToken[], { children }: StageCstNode): Document {
    const [settings] = children.settings ?? [];
    return concat([
      this.#token(keyword),
      space,
      this.#token(children.Identifier),
      this.#arguments(only(children.arguments)),
      settings ? concat([space, this.#settings(settings)]) : nothing,
    ]);
  }

  #argumentsBefore(node: ArgumentsCstNode, isBlockNext: boolean): Document {
    const [left, right] = [only(node.children.LeftParenthesis), only(node.children.RightParenthesis)];
    if (!isBlockNext || node.children.argument !== undefined) return this.#arguments(node);
    return concat([this.#print.omitted(left), this.#print.omitted(right)]);
  }

  #arguments({ children }: ArgumentsCstNode): Document {
    const items = (children.argument ?? []).map((argument) => () => this.#argument(argument));
    const open = this.#print.close(only(children.LeftParenthesis));
    return this.#expressions.bracketed(open, items, children.Comma ?? [], children.RightParenthesis);
  }

  #argument({ children }: ArgumentCstNode): Document {
    const { SettingName, Equals, expression } = children;
    const name = SettingName ? concat([this.#token(SettingName), this.#print.close(only(Equals))]) : nothing;
    return concat([name, this.#expressions.expression(only(expression))]);
  }

  #layers({ children }: LayersCstNode): Document {
    const items = (children.labelledCall ?? []).map((node) => ({
      first: firstToken(node),
      print: () => this.#labelledCall(node),
    }));
    return this.#braces(children.LeftBrace, items, children.RightBrace);
  }

  #labelledCall({ children }: LabelledCallCstNode): Document {
    const { Identifier, Colon, call } = children;
    const label = Identifier ? concat([this.#token(Identifier), this.#print.close(only(Colon)), space]) : nothing;
    return concat([label, this.call(only(call))]);
  }

  #calls({ children }: CallsCstNode): Document {
    const items = (children.call ?? []).map((node) => ({ first: firstToken(node), print: () => this.call(node) }));
    return this.#braces(children.LeftBrace, items, children.RightBrace);
  }

  #settings({ children }: SettingsCstNode): Document {
    const items = (children.setting ?? []).map((node) => ({
      first: firstToken(node),
      print: () => {
        const { SettingName, Equals, expression } = node.children;
        return concat([
          this.#token(SettingName),
          space,
          this.#token(Equals),
          space,
          this.#expressions.expression(only(expression)),
        ]);
      },
    }));
    return this.#braces(children.LeftBrace, items, children.RightBrace);
  }

  /** Keeps items on one line if they were and fit; otherwise one per line. */
  #braces(left: readonly IToken[], items: readonly Item[], right: readonly IToken[]): Document {
    const [opener, closer] = [only(left), only(right)];
    const isOneLine = !this.#print.spansLines(opener, closer);
    const open = this.#print.token(opener);
    const parts: Document[] = [];
    for (const [index, { first, print }] of items.entries()) {
      const separator =
        index === 0
          ? this.#print.lineInBraces(isOneLine)
          : isOneLine
            ? this.#print.line('  ')
            : this.#print.newlineBefore(first);
      parts.push(separator, print());
    }
    const comments = this.#print.commentsBeforeCloser(closer, items.length === 0, ' ');
    const inside = concat([...parts, comments]);
    const isEmpty = items.length === 0 && comments === nothing;
    const end = isEmpty ? nothing : this.#print.lineInBraces(isOneLine);
    return concat([open, group(concat([indent(inside), end])), this.#print.closer(closer)]);
  }

  #token(tokens: readonly IToken[] | undefined): Document {
    return this.#print.token(only(tokens));
  }
}
