import { titleOfPicture } from '../../runtime/figures/titled-picture.js';
import { labelOf } from '../../runtime/importance/levels.js';
import type { RunFile, RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { StoreError } from '../../runtime/store/store-error.js';
import { durationText } from '../../text/duration-text.js';
import { groupedText, numberText } from '../../text/number-text.js';
import type { Words } from '../../words/word.js';
import { metricMatrix, type PartsRow } from '../metric-matrix.js';
import type { TableTrial, TrialTable } from '../sweep-table.js';
import { type HtmlElement, type HtmlNode, html } from './html.js';
import { code, factsTable, reportTable } from './tables.js';

/** The settings, results and pictures of a trial. */
export function trialSection(
  store: Store,
  trial: TableTrial,
  { choice }: TrialTable,
  words: Words,
): readonly HtmlNode[] {
  if (trial.runId === null) return [];
  const run = store.findRun(trial.runId);
  const { parts, rows } = metricMatrix(store.readFinal(run.id), words);
  const epoch = trial.epoch === null ? '' : ` after epoch ${trial.epoch}`;
  const pictures = store.listFiles(run.id, 'figure').map((file) => picture(store, run, file));
  return [
    factsTable([
      ['run', code(run.id)],
      [choice.metric, `${numberText(trial.value)}${epoch}`],
      ['seed', String(run.seed)],
      ['weights trained', run.trainableParameters === null ? '-' : groupedText(run.trainableParameters)],
      ['time', run.seconds === null ? '-' : durationText(run.seconds)],
    ]),
    ...paramsTable(run.parameters),
    html('h3', {}, 'Metrics at the end'),
    reportTable<PartsRow>(
      [
        { heading: 'metric', number: false, cell: ({ name }) => name },
        ...parts.map((part) => ({
          heading: part,
          number: true,
          cell: ({ values }: PartsRow) => (values[part] === undefined ? '' : numberText(values[part])),
        })),
        { heading: '', number: false, cell: ({ note }) => note },
      ],
      rows,
    ),
    ...(pictures.length > 0 ? [html('h3', {}, 'Pictures'), html('div', { class: 'pictures' }, ...pictures)] : []),
  ];
}

/** The params of a run with their values; nothing for an experiment without any. */
export function paramsTable(params: RunRecord['parameters']): readonly HtmlNode[] {
  if (params.length === 0) return [];
  return [
    html('h3', {}, 'Parameters'),
    reportTable(
      [
        { heading: 'param', number: false, cell: ({ name }) => name },
        { heading: 'value', number: false, cell: ({ value }) => labelOf(value) },
        { heading: '', number: false, cell: ({ origin }) => origin },
      ],
      params,
    ),
  ];
}

function picture(store: Store, run: RunRecord, file: RunFile): HtmlElement {
  const bytes = contentOf(store, file);
  if (bytes === null) return html('p', { class: 'soft' }, `${file.name}: the file is gone or damaged`);
  const src = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
  return html(
    'figure',
    {},
    html('img', { src, alt: file.name }),
    html('figcaption', {}, titleOfPicture(run, file.name).join(' · ')),
  );
}

/** Null for a missing or damaged file: the rest of the report is still useful. */
function contentOf(store: Store, file: RunFile): Uint8Array | null {
  try {
    return store.readFile(file);
  } catch (error) {
    if (error instanceof StoreError && (error.reason === 'missing_object' || error.reason === 'altered_object'))
      return null;
    throw error;
  }
}
