import { bar, sparkline } from '../drawing/bars.js';
import { fitted, type Line, type Span, span } from '../drawing/line.js';
import { signOf } from '../drawing/signs.js';
import { type TableColumn, tableLines } from '../drawing/table.js';
import { hue } from '../drawing/theme.js';
import { type Column, metricText } from '../state/columns.js';
import { hiddenParameters, unseenMetrics } from '../state/filter.js';
import { metricNames, settingSummary } from '../state/metrics.js';
import { filterText, selectedRow, type Row as TableRow } from '../state/rows.js';
import { progressOf } from '../state/trial.js';
import { type Model, useModel } from './model.js';
import { inside, Pane, type Size } from './pane.js';
import { Remark, Rows } from './text.js';

const curveCells = 16;
const barCells = 10;

/** The trials, one a row; or a row for each setting with all its seeds. */
export function TablePane(size: Size) {
  const model = useModel();
  const { state, rows, objective } = model;
  const { width, height } = inside(size);
  const page = Math.max(0, height - 1);
  const selected = selectedRow(state, rows.rows);
  const first = Math.max(0, Math.min(rows.rows.length - page, selected - Math.floor(page / 2)));
  const visible = rows.rows.slice(first, first + page);
  const columns = state.ui.grouped ? settingColumns(model) : trialColumns(model, rows.columns);
  const [head, ...lines] = tableLines(columns, visible, width - 2);
  const rowLine = (row: TableRow, i: number): Line => {
    const isSelected = first + i === selected;
    const line = [...rowSigns(model, row, isSelected), ...(lines[i] ?? [])];
    return isSelected
      ? fitted(line, width).map(({ text, look }) => ({ text, look: { ...look, bg: 'selection' } }))
      : line;
  };
  const filter = filterText(state);
  const note: Line = [
    span(`${objective.goal === 'min' ? 'lowest' : 'highest'} ${objective.metric} · `, { fg: 'muted' }),
    span(filter === '' ? '' : `/${filter} `, { fg: rows.error === null ? 'accent' : 'bad' }),
    span(visible.length === 0 ? 'none' : `${Math.max(0, selected) + 1} of ${rows.rows.length}`, { fg: 'muted' }),
  ];
  const hints = [
    ...hiddenParameters(filter, rows.columns).map((name) => `; the param is ${name}`),
    ...unseenMetrics(filter, rows.columns, metricNames(state.trials)).map((text) => `; ${text}`),
  ].join('');
  return (
    <Pane {...size} title={state.ui.grouped ? 'settings' : 'trials'} note={note}>
      <Rows lines={[[span('  '), ...head], ...visible.map(rowLine)]} width={width} />
      {visible.length === 0 && (
        <Remark>
          {state.trials.length === 0 ? 'no trials yet' : `no trial matches the filter${hints}; esc clears it`}
        </Remark>
      )}
    </Pane>
  );
}

function trialColumns(
  { state, metric, best, hues }: Model,
  columns: readonly Column[],
): readonly TableColumn<TableRow>[] {
  const { sort, grouped } = state.ui;
  return columns.map((column): TableColumn<TableRow> => {
    const { id, title, side, rank } = column;
    const isSorted = sort.column === id;
    const common = {
      title: isSorted ? `${title}${sort.descending ? '▾' : '▴'}` : title,
      side,
      rank,
      ...(isSorted && !grouped ? { titleLook: { fg: 'accent', bold: true } as const } : {}),
      draw: ({ trial }: TableRow) => column.text(trial),
    };
    switch (id) {
      case 'status':
        return { ...common, draw: ({ trial }) => [stateSpan(trial.state, ` ${trial.state}`)] };
      case 'progress':
        return { ...common, cells: barCells, draw: ({ trial }) => progressCell(progressOf(trial)) };
      case 'curve':
        return curveColumn(metric, hues, rank);
      case 'best':
        return {
          ...common,
          draw: ({ trial }) => [span(column.text(trial), trial === best?.trial ? { fg: 'good', bold: true } : {})],
        };
      default:
        return common;
    }
  });
}

function settingColumns(model: Model): readonly TableColumn<TableRow>[] {
  const { objective, rows, metric, hues } = model;
  const summary = ({ replicates }: TableRow) => settingSummary(replicates, objective);
  const interval = (row: TableRow) => summary(row).summary?.interval;
  const parameters = rows.columns.filter(({ parameter }) => parameter !== null);
  return [
    ...trialColumns(model, parameters),
    { title: 'seeds', rank: 1, draw: (row) => `${summary(row).values.length}/${row.replicates.length}` },
    {
      title: `mean ${objective.metric}`,
      rank: 1,
      draw: (row) => metricText(summary(row).summary?.mean ?? null),
    },
    {
      title: '95% interval (Student)',
      side: 'start',
      rank: 2,
      draw: (row) => {
        const { low = null, high = null } = interval(row) ?? {};
        return low === null ? '' : `${metricText(low)} … ${metricText(high)}`;
      },
    },
    { title: 'sd', rank: 3, draw: (row) => metricText(summary(row).summary?.sd ?? null) },
    { title: 'best seed', rank: 4, draw: (row) => metricText(summary(row).best) },
    {
      title: 'status',
      side: 'start',
      rank: 3,
      draw: ({ replicates }) => replicates.map(({ state }) => stateSpan(state)),
    },
    curveColumn(metric, hues, 5),
  ];
}

function rowSigns({ state, hues }: Model, { trial, replicates }: TableRow, isSelected: boolean): Line {
  const isMarked = replicates.some(({ trial: number }) => state.ui.marked.has(number));
  const hueNumber = hues.get(trial.trial);
  return [
    span(isSelected ? '›' : ' ', { fg: 'accent', bold: true }),
    span(isMarked ? '◆' : hueNumber === undefined ? ' ' : '•', hueNumber === undefined ? {} : { fg: hue(hueNumber) }),
  ];
}

function stateSpan(state: TableRow['trial']['state'], name = ''): Span {
  const { sign, colour } = signOf(state);
  return span(`${sign}${name}`, { fg: colour });
}

function progressCell(share: number | null): Line {
  return share === null ? [] : bar(share, barCells, share >= 1 ? 'good' : 'accent');
}

function curveColumn(metric: string | null, hues: Model['hues'], rank: number): TableColumn<TableRow> {
  return {
    title: metric ?? 'curve',
    side: 'start',
    rank,
    cells: curveCells,
    draw: ({ trial }) => {
      if (metric === null) return '';
      const values = trial.steps.get(metric)?.mean ?? (trial.epochs.get(metric) ?? []).map(({ value }) => value);
      const hueNumber = hues.get(trial.trial);
      return [span(sparkline(values, curveCells), { fg: hueNumber === undefined ? 'muted' : hue(hueNumber) })];
    },
  };
}
