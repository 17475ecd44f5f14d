import { CompletionItemKind } from 'vscode-languageserver';
import { StringLiteral } from '../../grammar/tokens.js';
import { stringValue } from '../compiler/syntax/literals.js';
import { is } from '../compiler/syntax/token-kinds.js';
import { recordedQuantities } from '../metrics/definitions.js';
import { dataParts, partMetric } from '../metrics/metric-name.js';
import type { FolderEntry } from '../project/data-entries.js';
import type { Frame, Wanted } from './frames.js';
import type { Asked, Located } from './names.js';
import { wantedBy } from './reader.js';

/** What a string may be, as far as the cursor is from its opening quotation mark. */
export interface QuotedText {
  /** Offset in the string's contents after which the text is replaced. */
  readonly from: number;
  readonly choices: readonly QuotedChoice[];
}

export interface QuotedChoice {
  readonly text: string;
  readonly kind: CompletionItemKind;
  readonly rank: number;
}

/**
 * Proposes the contents of a string: files of the project and the data folder, columns of a table, experiments of a file,
 * metrics.
 * @param typed the contents before the cursor
 * @returns null where no string is wanted
 */
export function quotedText(
  typed: string,
  frames: readonly Frame[],
  experiment: Located | null,
  asked: Asked,
): QuotedText | null {
  const [frame] = frames;
  if (frame?.kind === 'header') return frame.step === 'parent' ? parents(typed, asked) : null;
  if (frame?.kind === 'use') return files(typed, /\.ae$/, asked);
  const wanted = wantedIn(frame);
  if (wanted?.kind === 'axis') {
    if (wanted.name === 'table') return files(typed, /\.csv$/, asked);
    return wanted.name === 'metric' ? { from: 0, choices: metrics(experiment, asked) } : null;
  }
  if (wanted?.kind !== 'parameter') return null;
  const { parameter } = wanted;
  const isText = parameter.type === 'text' || (parameter.type === 'list' && parameter.of === 'text');
  if (!isText) return null;
  if (parameter.type === 'text' && parameter.path) return files(typed, fileNames(frames), asked);
  if (parameter.type === 'text' && parameter.metricOf !== undefined) {
    const choices = quantities(experiment, asked).map((text) => ({ text, kind: CompletionItemKind.Value, rank: 1 }));
    return { from: 0, choices };
  }
  const isColumn = (parameter.type === 'text' || parameter.type === 'list') && parameter.namesColumn === true;
  const names = isColumn && experiment !== null ? columns(frames, experiment, asked) : [];
  return { from: 0, choices: names.map((text) => ({ text, kind: CompletionItemKind.Field, rank: 1 })) };
}

/** Columns of the table of the experiment's data, or of its target within one. */
function columns(frames: readonly Frame[], experiment: Located, { names, columnsOf }: Asked): readonly string[] {
  const statement = frames.some((frame) => frame.kind === 'statement' && frame.statement === 'target')
    ? 'target'
    : 'data';
  for (const { reading, index } of names.lineage(experiment)) {
    const own = reading.places.filter((place) => place.experiment === index);
    const keyword = own.findIndex(({ role }) => role.kind === 'keyword' && role.statement === statement);
    const path = keyword < 0 ? undefined : own.slice(keyword).find(({ token }) => is(token, StringLiteral));
    if (path !== undefined)
      return columnsOf(stringValue(path.token.image), reading).filter((name) => !/["\\]/.test(name));
  }
  return [];
}

function wantedIn(frame: Frame | undefined): Wanted | null {
  switch (frame?.kind) {
    case 'call':
      return wantedBy(frame);
    case 'setting':
    case 'list':
    case 'group':
      return frame.wanted;
    default:
      return null;
  }
}

/** Names of the files that the data set around a place reads. */
function fileNames(frames: readonly Frame[]): RegExp | null {
  const call = frames.find((frame) => frame.kind === 'call');
  const definition = call?.kind === 'call' ? call.definition : null;
  return definition?.family === 'dataset' && definition.format?.areFolders === false ? definition.format.names : null;
}

/** `first.ae`, and after a colon the experiments in it. */
function parents(typed: string, asked: Asked): QuotedText {
  const colon = typed.indexOf(':');
  if (colon < 0) return files(typed, /\.ae$/, asked);
  const names = asked.names.experimentsIn(typed.slice(0, colon), asked.reading);
  return {
    from: colon + 1,
    choices: names.map((text) => ({ text, kind: CompletionItemKind.Class, rank: 1 })),
  };
}

/** @param names of the files that come first; null if folders are wanted as well */
function files(typed: string, names: RegExp | null, { entriesOf }: Asked): QuotedText {
  const from = typed.lastIndexOf('/') + 1;
  const choices = entriesOf(typed.slice(0, from)).flatMap((entry): readonly QuotedChoice[] => {
    if (!isWritable(entry)) return [];
    if (entry.isFolder) return [{ text: entry.name, kind: CompletionItemKind.Folder, rank: names === null ? 1 : 2 }];
    const isMeant = names?.test(entry.name.toLowerCase().replace(/\.gz$/, '')) ?? false;
    return [{ text: entry.name, kind: CompletionItemKind.File, rank: isMeant ? 1 : 3 }];
  });
  return { from, choices };
}

/** Whether a name can stand in a string as it is. */
function isWritable({ name }: FolderEntry): boolean {
  return !/["\\\p{Cc}]/u.test(name);
}

/** Names that the loss of an experiment or of its nearest ancestor with a loss gives its terms. */
function quantities(experiment: Located | null, { names }: Asked): readonly string[] {
  const lineage = experiment === null ? [] : names.lineage(experiment);
  const found = lineage.find((each) => each.experiment.statements.has('loss'));
  const terms = found?.reading.places.flatMap(({ role, token, experiment: index }) =>
    index === found.index && role.kind === 'word' && role.family === 'loss' ? [{ name: token.image }] : [],
  );
  return recordedQuantities(terms ?? []);
}

function metrics(experiment: Located | null, asked: Asked): readonly QuotedChoice[] {
  return quantities(experiment, asked).flatMap((quantity) =>
    dataParts
      .filter((part) => part !== 'train_evaluated')
      .map((part) => ({
        text: partMetric(part, quantity),
        kind: CompletionItemKind.Value,
        rank: part === 'validation' ? 1 : 2,
      })),
  );
}
