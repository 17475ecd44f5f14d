import type { IToken } from 'chevrotain';
import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver';
import * as t from '../../grammar/tokens.js';
import { type Family, ownValue } from '../compiler/ir/value.js';
import type { Parameters } from '../compiler/library/parameter.js';
import { describeParameters, firstSentence, signature } from '../compiler/library/reference.js';
import { trainSettings } from '../compiler/library/settings/train.js';
import { axisUsages, inputMembers, statementUsages, sweepSettingUsages } from '../compiler/library/statements.js';
import { definitionRoles, removableStatements } from '../compiler/syntax/ast.js';
import { endsOperand, is, isOneOf, noToken } from '../compiler/syntax/token-kinds.js';
import { namesAt } from './formulas.js';
import type { CallFrame, DefinitionFrame, Frame, Wanted } from './frames.js';
import { code, joined, parameterMarkdown } from './markdown.js';
import { type Asked, type Declaration, knownAt, type Located } from './names.js';
import { rangeOf } from './positions.js';
import { quotedText } from './quoted-text.js';
import { familyOf, parameterAt, wantedBy } from './reader.js';
import { type Cursor, cursorAt, endOf } from './reading.js';
import { numbered, plain, statementSnippets, wordSnippet } from './snippets.js';

/** A completion item before its edit range is known. */
interface Proposal {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly detail?: string;
  readonly doc?: string;
  /** With `<text>` where something is to be filled in; the label if it is left out. */
  readonly snippet?: string;
  /** Those with a smaller number come first; 5 by default. */
  readonly rank?: number;
}

/** Completion items for the syntactic position at an offset. */
export function completionsAt(asked: Asked, offset: number, hasSnippets: boolean): readonly CompletionItem[] {
  const { reading, library } = asked;
  const cursor = cursorAt(reading, offset, library);
  if (cursor === null) return [];
  const { typed, next } = cursor;
  const isName = typed !== null && /^\w/.test(typed.image);
  const quoted = typed === null || isName ? null : quotedAt(typed, asked, cursor, offset);
  if (quoted !== null) return quoted;
  const [start, end] = typed === null ? [offset, offset] : [typed.startOffset, endOf(typed)];
  const range = rangeOf(reading.source, start, Math.max(end, offset));
  const isCalled = isOneOf(isName ? next : noToken, [t.LeftParenthesis, t.LeftBrace, t.Equals, t.Colon]);
  // A name written as text, as in PyTorch, loses its quotation marks.
  const mark = typed !== null && !isName ? typed.image.charAt(0) : '';
  const seen = new Set<string>();
  return new Proposer(asked, cursor).proposals().flatMap(({ label, kind, detail, doc, snippet, rank = 5 }) => {
    if (seen.has(label)) return [];
    seen.add(label);
    const isSnippet = hasSnippets && snippet !== undefined && !isCalled;
    const item: CompletionItem = {
      label,
      kind,
      sortText: `${rank}${label}`,
      textEdit: {
        range,
        newText: isSnippet ? numbered(snippet) : isCalled || snippet === undefined ? label : plain(snippet),
      },
      ...(mark === '' ? {} : { filterText: mark + label }),
      ...(isSnippet ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
      ...(detail === undefined ? {} : { detail }),
      ...(doc === undefined ? {} : { documentation: { kind: 'markdown', value: doc } }),
    };
    return [item];
  });
}

/** Completion items for the contents of a string; null where none is wanted. */
function quotedAt(
  string: IToken,
  asked: Asked,
  { frames, experiment }: Cursor,
  offset: number,
): readonly CompletionItem[] | null {
  const { reading, names } = asked;
  const start = string.startOffset + 1;
  const typed = reading.source.text.slice(start, offset);
  const quoted = quotedText(typed, frames, names.located(reading, experiment), asked);
  if (quoted === null) return null;
  const isClosed = string.image.length > 1 && string.image.endsWith(string.image.charAt(0));
  const range = rangeOf(reading.source, start + quoted.from, isClosed ? endOf(string) - 1 : offset);
  return quoted.choices.map(({ text, kind, rank }) => ({
    label: text,
    kind,
    sortText: `${rank}${text}`,
    textEdit: { range, newText: text },
  }));
}

class Proposer {
  readonly #asked: Asked;
  readonly #cursor: Cursor;
  readonly #from: Located | null;

  constructor(asked: Asked, cursor: Cursor) {
    this.#asked = asked;
    this.#cursor = cursor;
    this.#from = asked.names.located(asked.reading, cursor.experiment);
  }

  proposals(): readonly Proposal[] {
    const [frame, outer] = this.#cursor.frames;
    if (is(this.#cursor.previous, t.Dot)) return this.#members();
    switch (frame?.kind) {
      case undefined:
      case 'file':
        return [
          { label: 'experiment', kind: CompletionItemKind.Keyword, snippet: 'experiment <name> {\n  <>\n}' },
          {
            label: 'define',
            kind: CompletionItemKind.Keyword,
            snippet: 'define loss <name>(<>) = <mean(abs(output - target))>',
          },
          { label: 'use', kind: CompletionItemKind.Keyword, snippet: 'use "<>"' },
        ];
      case 'definition':
        return frame.step === 'role'
          ? definitionRoles.map((label) => ({ label, kind: CompletionItemKind.Keyword }))
          : this.#formula(frame);
      case 'use':
        return [];
      case 'header':
        return this.#header(frame);
      case 'statements':
        return this.#statements();
      case 'statement':
        return this.#statement(frame);
      case 'items':
        return this.#items(frame);
      case 'setting':
        return this.#isAfterOperand && outer?.kind === 'items' ? this.#items(outer) : this.#values(frame.wanted);
      case 'call':
        return this.#arguments(frame);
      case 'list':
      case 'group':
        return this.#isAfterOperand ? [] : this.#values(frame.wanted);
    }
  }

  #formula(frame: DefinitionFrame): readonly Proposal[] {
    const { reading, library } = this.#asked;
    if (this.#isAfterOperand) {
      const where: Proposal = { label: 'where', kind: CompletionItemKind.Keyword };
      return frame.step === 'parameters' && frame.value === 'default' && frame.open.length === 1 ? [where] : [];
    }
    return namesAt(frame, this.#cursor, reading, library).map(({ label, kind, detail, doc, snippet }) => ({
      ...{ label, kind: formulaKinds[kind].item, rank: formulaKinds[kind].rank, detail },
      ...(doc === '' ? {} : { doc }),
      ...(snippet === null ? {} : { snippet }),
    }));
  }

  /** Whether a value is complete, so that what comes next is another item. */
  get #isAfterOperand(): boolean {
    return endsOperand(this.#cursor.previous);
  }

  #header(frame: Extract<Frame, { kind: 'header' }>): readonly Proposal[] {
    if (frame.step === 'extends')
      return [{ label: 'extends', kind: CompletionItemKind.Keyword, snippet: 'extends <>' }];
    if (frame.step !== 'parent') return [];
    const { reading } = this.#asked;
    const own = this.#cursor.experiment;
    return reading.experiments.flatMap(({ name }, i) =>
      name === null || i === own ? [] : [{ label: name.token.image, kind: CompletionItemKind.Class }],
    );
  }

  #statements(): readonly Proposal[] {
    const present = this.#from?.experiment.statements ?? new Set();
    return Object.entries(statementUsages).flatMap(([label, { usage, doc, often }]): Proposal[] => {
      if (often !== 'any number' && present.has(label)) return [];
      const snippet = ownValue(statementSnippets, label);
      return [
        {
          label,
          kind: CompletionItemKind.Keyword,
          detail: usage.replaceAll('`', ''),
          doc,
          ...(snippet ? { snippet } : {}),
        },
      ];
    });
  }

  #statement(frame: Extract<Frame, { kind: 'statement' }>): readonly Proposal[] {
    const { statement, called, declared, wanted } = frame;
    if (statement === 'without') {
      return removableStatements.map((label) => ({ label, kind: CompletionItemKind.Keyword }));
    }
    if (wanted !== null) {
      if (!this.#isAfterOperand) return this.#values(wanted);
      const where: Proposal = { label: 'where', kind: CompletionItemKind.Keyword, rank: 1 };
      return [...(statement === 'param' && wanted.kind === 'anything' ? [where] : []), ...this.#statements()];
    }
    const family = familyOf(statement);
    if (family !== null && called === null) return this.#words(family);
    const isEnded = called !== null && is(this.#cursor.previous, t.RightParenthesis);
    return isEnded && declared === null ? this.#statements() : [];
  }

  #items(frame: Extract<Frame, { kind: 'items' }>): readonly Proposal[] {
    switch (frame.holds) {
      case 'layers':
        return [...this.#words('layer'), ...this.#words('structure')];
      case 'heads': {
        if (is(this.#cursor.previous, t.Colon)) return this.#words('layer');
        const heads = frame.owner?.family === 'layer' ? frame.owner.heads : [];
        return heads
          .filter((head) => !frame.given.has(head))
          .map((head) => ({ label: head, kind: CompletionItemKind.Field, snippet: `${head}: <>` }));
      }
      case 'transforms':
        return this.#words('transform');
      case 'figures':
        return this.#words('figure');
      case 'measures':
        return this.#words('evaluation');
      case 'corruptions':
        return this.#words('corruption');
      case 'settings':
        return this.#named(frame.owner?.family === 'stage' ? frame.owner.settings : trainSettings, frame.given, ' = ');
      case 'axes':
        return this.#axes(frame.given);
    }
  }

  #axes(given: ReadonlySet<string>): readonly Proposal[] {
    const params = this.#declared().filter(({ kind }) => kind === 'param');
    const names = [...params.map(({ place }) => place.token.image), 'seeds', 'data'];
    const axes = names.map((label): Proposal => {
      const snippet = label === 'seeds' ? 'seeds = <3>' : `${label} = [<>]`;
      return { label, kind: CompletionItemKind.Variable, snippet, rank: 1 };
    });
    const settings = Object.entries(sweepSettingUsages).map(([label, { usage, doc }]): Proposal => {
      return { label, kind: CompletionItemKind.Property, detail: usage, doc, snippet: `${label} = <>` };
    });
    return [...axes, ...settings].filter(({ label }) => !given.has(label));
  }

  #arguments(frame: CallFrame): readonly Proposal[] {
    const { previous } = this.#cursor;
    const wanted = wantedBy(frame);
    if (!isOneOf(previous, [t.LeftParenthesis, t.Comma])) return this.#isAfterOperand ? [] : this.#values(wanted);
    const given = new Set(frame.given);
    const names = frame.definition === null ? [] : this.#named(frame.definition.parameters, given, '=');
    // An argument without a name may not follow one with a name.
    const positional = frame.name === null && parameterAt(frame) !== null && !this.#isNamedBefore(frame);
    return [...names, ...(positional || frame.definition === null ? this.#values(wanted) : [])];
  }

  #isNamedBefore({ given, position }: CallFrame): boolean {
    return given.size > position;
  }

  #named(parameters: Parameters, given: ReadonlySet<string>, equals: ' = ' | '='): readonly Proposal[] {
    return describeParameters(parameters)
      .filter(({ name }) => !given.has(name))
      .map((parameter) => ({
        label: parameter.name,
        kind: CompletionItemKind.Property,
        detail: parameter.values.replaceAll('`', ''),
        doc: parameterMarkdown(parameter),
        snippet: `${parameter.name}${equals}<>`,
        rank: parameter.isRequired ? 1 : 3,
      }));
  }

  #values(wanted: Wanted): readonly Proposal[] {
    switch (wanted.kind) {
      case 'loss':
        return [...this.#words('loss'), ...this.#words('schedule', 7), ...this.#numbers()];
      case 'condition':
        return this.#numbers();
      case 'anything':
        return [
          ...this.#numbers(),
          ...this.#bare('layer', true),
          ...this.#words('schedule', 6),
          ...this.#words('initializer', 7),
        ];
      case 'axis':
        return this.#axisValues(wanted.name);
      case 'parameter':
        return this.#parameterValues(wanted);
    }
  }

  #axisValues(name: string): readonly Proposal[] {
    if (name === 'data') return this.#words('dataset');
    const options = ownValue(sweepOptions, name);
    if (options !== undefined) return options.map((label) => ({ label, kind: CompletionItemKind.EnumMember, rank: 1 }));
    if (name === 'zip' || name === 'table' || name === 'metric') return [];
    return Object.entries(axisUsages).map(([label, { usage, doc }]) => ({
      label,
      kind: CompletionItemKind.Function,
      detail: usage,
      doc,
      snippet: `${label}(<>)`,
    }));
  }

  #parameterValues({ parameter }: Extract<Wanted, { kind: 'parameter' }>): readonly Proposal[] {
    const choices = (labels: readonly string[]) =>
      labels.map((label): Proposal => ({ label, kind: CompletionItemKind.EnumMember, rank: 1 }));
    switch (parameter.type) {
      case 'boolean':
        return [...choices(['true', 'false']), ...this.#variables()];
      case 'choice':
        return [...choices(parameter.options), ...this.#variables()];
      case 'layer':
        return this.#labels();
      case 'word':
        if (parameter.activation) return [...this.#bare('layer', true), ...this.#variables()];
        return [...this.#words(parameter.family, 2), ...this.#variables()];
      case 'list':
        return parameter.of === 'layer' ? this.#labels() : parameter.of === 'text' ? [] : this.#numbers();
      case 'integer':
      case 'pair':
        return this.#numbers();
      case 'real':
        return [...this.#numbers(), ...(parameter.schedulable ? this.#words('schedule', 6) : [])];
      case 'text':
        return [];
    }
  }

  #members(): readonly Proposal[] {
    const object = this.#asked.reading.tokens[this.#indexOfPrevious - 1]?.image;
    if (object === 'input' || (object === 'target' && !this.#isDeclared('target'))) {
      const shapes = knownAt(this.#cursor, this.#asked)?.shapes;
      const shape = (object === 'input' ? shapes?.data : shapes?.target)?.at(-1)?.output;
      return Object.entries(inputMembers).map(([label, doc]) => ({
        label,
        kind: CompletionItemKind.Property,
        doc: joined([doc, shape === undefined ? '' : `The ${object} is ${code(shape.join('×'))}.`]),
      }));
    }
    const heads = this.#asked.library.byFamily.layer.flatMap((word) => word.heads);
    const isLabel =
      object === 'code' ||
      object === 'output' ||
      this.#declared().some(({ kind, place }) => kind === 'label' && place.token.image === object);
    return isLabel ? [...new Set(heads)].map((label) => ({ label, kind: CompletionItemKind.Field })) : [];
  }

  get #indexOfPrevious(): number {
    const { tokens } = this.#asked.reading;
    return tokens.indexOf(this.#cursor.previous);
  }

  #declared(): readonly Declaration[] {
    return this.#from === null ? [] : this.#asked.names.all(this.#from);
  }

  /** The block whose layers are being written; undefined in an experiment. */
  get #block(): DefinitionFrame | undefined {
    return this.#cursor.frames.find((frame) => frame.kind === 'definition');
  }

  #isDeclared(name: string): boolean {
    return this.#declared().some(({ place }) => place.token.image === name);
  }

  #variables(): readonly Proposal[] {
    const parameters = (this.#block?.parameters ?? []).map(
      (label): Proposal => ({ label, kind: CompletionItemKind.Variable, detail: 'parameter', rank: 2 }),
    );
    const declared = this.#declared().flatMap(({ kind, place: { token } }): Proposal[] =>
      kind === 'label' || token === this.#cursor.typed
        ? []
        : [{ label: token.image, kind: CompletionItemKind.Variable, detail: kind, rank: 2 }],
    );
    return [...parameters, ...declared];
  }

  #numbers(): readonly Proposal[] {
    const input: Proposal = {
      label: 'input',
      kind: CompletionItemKind.Variable,
      doc: 'the data as the network sees it',
      rank: 4,
    };
    const isThere = (knownAt(this.#cursor, this.#asked)?.shapes.target.length ?? 0) > 0;
    const target: Proposal = { ...input, label: 'target', doc: 'what the decoder must give' };
    return [...this.#variables(), input, ...(isThere ? [target] : [])];
  }

  /** Labels of the block that is being written. */
  #labelsOfBlock(): readonly Proposal[] {
    if (this.#block === undefined) return [];
    const { places, tokens } = this.#asked.reading;
    const before = places.filter(({ token }) => token.startOffset <= this.#cursor.previous.startOffset);
    const start = before.findLastIndex(({ role }) => role.kind === 'defined');
    return before.slice(start).flatMap(({ role, token, index }): Proposal[] => {
      if (role.kind !== 'label') return [];
      const detail = tokens[index + 2]?.image ?? 'label';
      return [{ label: token.image, kind: CompletionItemKind.Field, detail, rank: 1 }];
    });
  }

  #labels(): readonly Proposal[] {
    if (this.#block !== undefined) return [...this.#labelsOfBlock(), ...this.#variables()];
    const labels = this.#declared().filter(({ kind }) => kind === 'label');
    const own = labels.map(({ place: { token }, at }): Proposal => {
      const word = at.reading.tokens[at.reading.tokens.indexOf(token) + 2]?.image;
      return {
        label: token.image,
        kind: CompletionItemKind.Field,
        ...(word === undefined ? {} : { detail: word }),
        rank: 1,
      };
    });
    const ends = [
      { label: 'code', detail: 'the output of the encoder' },
      { label: 'output', detail: 'the output of the decoder' },
    ].filter(({ label }) => own.every((each) => each.label !== label));
    return [...own, ...ends.map((end) => ({ ...end, kind: CompletionItemKind.Field, rank: 2 }))];
  }

  #words(family: Family, rank = 5): readonly Proposal[] {
    return this.#asked.library.words
      .filter((word) => word.family === family)
      .map((word) => ({
        label: word.name,
        kind: CompletionItemKind.Function,
        detail: signature(word),
        doc: firstSentence(word.doc),
        snippet: wordSnippet(word),
        rank,
      }));
  }

  /** Words that need no arguments, without parentheses. */
  #bare(family: Family, isActivation: boolean): readonly Proposal[] {
    return this.#asked.library.words
      .filter((word) => word.family === family && (!isActivation || (word.family === 'layer' && word.activation)))
      .filter((word) => describeParameters(word.parameters).every(({ isRequired }) => !isRequired))
      .map((word) => ({
        label: word.name,
        kind: CompletionItemKind.EnumMember,
        detail: signature(word),
        doc: firstSentence(word.doc),
        rank: 3,
      }));
  }
}

const formulaKinds = {
  argument: { item: CompletionItemKind.Property, rank: 1 },
  axis: { item: CompletionItemKind.EnumMember, rank: 1 },
  parameter: { item: CompletionItemKind.Variable, rank: 2 },
  tensor: { item: CompletionItemKind.Field, rank: 3 },
  word: { item: CompletionItemKind.Function, rank: 4 },
  function: { item: CompletionItemKind.Function, rank: 5 },
} as const;

const sweepOptions: Readonly<Record<string, readonly string[]>> = {
  method: ['random', 'sobol', 'tpe', 'cmaes'],
  goal: ['min', 'max'],
  of: ['best', 'last'],
  prune: ['halving', 'asha', 'median'],
};
