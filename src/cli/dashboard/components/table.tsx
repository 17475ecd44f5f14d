import { largest } from '../../../numerics/extremes.js';
import { bar, sparkline } from '../drawing/bars.js';
import { cells, fitted, type Line, span, widthOf } from '../drawing/line.js';
import { signOf } from '../drawing/signs.js';
import { hue } from '../drawing/theme.js';
import { type Column, metricText } from '../state/columns.js';
import { hiddenParameters } from '../state/filter.js';
import { settingSummary } from '../state/replicates.js';
import { filterText, selectedRow, type Row as TableRow } from '../state/rows.js';
import { progressOf } from '../state/trial.js';
import { type Model, useModel } from './model.js';
import { inside, Pane, type Size } from './pane.js';
import { Remark, Row } from './text.js';

const curveCells = 16;
const barCells = 10;
const mostCells = 28;

/** The trials, one a row, or one setting a row with all its seeds. */
export function TablePane(size: Size) {
  const model = useModel();
  const { state, rows, objective } = model;
  const { width, height } = inside(size);
  const page = Math.max(0, height - 1);
  const selected = selectedRow(state, rows.rows);
  const first = Math.max(0, Math.min(rows.rows.length - page, selected - Math.floor(page / 2)));
  const visible = rows.rows.slice(first, first + page);
  const columns = chosen(
    state.ui.grouped ? settingColumns(model) : trialColumns(model, rows.columns),
    visible,
    width - 1,
  );
  const filter = filterText(state);
  const note: Line = [
    span(`${objective.goal === 'min' ? 'least' : 'greatest'} ${objective.metric} · `, { fg: 'muted' }),
    span(filter === '' ? '' : `/${filter} `, { fg: rows.error === null ? 'accent' : 'bad' }),
    span(visible.length === 0 ? 'none' : `${Math.max(0, selected) + 1} of ${rows.rows.length}`, { fg: 'muted' }),
  ];
  const hidden = hiddenParameters(filter, rows.columns).map((name) => `; the param is ${name}`);
  return (
    <Pane {...size} title={state.ui.grouped ? 'settings' : 'trials'} note={note}>
      <Row line={headings(model, columns)} width={width} />
      {visible.map((row, i) => (
        <Row key={row.trial.trial} line={rowLine(model, columns, row, first + i === selected, width)} width={width} />
      ))}
      {visible.length === 0 && (
        <Remark>
          {state.trials.length === 0 ? 'no trials yet' : `no trial fits the filter${hidden.join('')}; esc drops it`}
        </Remark>
      )}
    </Pane>
  );
}

/** A column with what its cells show. */
interface Cells {
  readonly id: string;
  readonly title: string;
  readonly side: Column['side'];
  readonly rank: number;
  /** Where all cells are of one width, whatever is in them. */
  readonly cells: number | null;
  readonly draw: (row: TableRow) => Line;
}

interface Placed extends Cells {
  readonly width: number;
}

function trialColumns(model: Model, columns: readonly Column[]): readonly Cells[] {
  const sort = model.state.ui.sort;
  return columns.map((column): Cells => {
    const { id, side, rank } = column;
    const mark = sort.column === id ? (sort.descending ? '▾' : '▴') : '';
    const title = `${column.title}${mark}`;
    const common = { id, title, side, rank };
    switch (id) {
      case 'status':
        return { ...common, cells: null, draw: ({ trial }) => stateCell(trial.state) };
      case 'progress':
        return { ...common, cells: barCells, draw: ({ trial }) => progressCell(progressOf(trial)) };
      case 'curve':
        return { ...common, title: model.metric ?? title, cells: curveCells, draw: (row) => curveCell(model, row) };
      case 'best':
        return {
          ...common,
          cells: null,
          draw: ({ trial }) => [
            span(column.text(trial), trial === model.best?.trial ? { fg: 'good', bold: true } : {}),
          ],
        };
      default:
        return { ...common, cells: null, draw: ({ trial }) => [span(column.text(trial))] };
    }
  });
}

function settingColumns(model: Model): readonly Cells[] {
  const parametersOnly = model.rows.columns.filter(({ parameter }) => parameter !== null);
  const parameters = trialColumns(model, parametersOnly);
  const summary = (row: TableRow) => settingSummary(row.replicates, model.objective);
  const number = (id: string, title: string, rank: number, value: (row: TableRow) => number | null): Cells => ({
    id,
    title,
    side: 'end',
    rank,
    cells: null,
    draw: (row) => [span(metricText(value(row)))],
  });
  return [
    ...parameters,
    {
      id: 'seeds',
      title: 'seeds',
      side: 'end',
      rank: 1,
      cells: null,
      draw: (row) => [span(`${summary(row).values.length}/${row.replicates.length}`)],
    },
    number('mean', `mean ${model.objective.metric}`, 1, (row) => summary(row).summary?.mean ?? null),
    {
      id: 'interval',
      title: '95% interval (Student)',
      side: 'start',
      rank: 2,
      cells: null,
      draw: (row) => {
        const interval = summary(row).summary?.interval;
        return [span(!interval ? '' : `${metricText(interval.low)} … ${metricText(interval.high)}`)];
      },
    },
    number('sd', 'sd', 3, (row) => summary(row).summary?.sd ?? null),
    number('best', 'best seed', 4, (row) => summary(row).best),
    {
      id: 'states',
      title: 'status',
      side: 'start',
      rank: 3,
      cells: null,
      draw: ({ replicates }) => replicates.map(({ state }) => span(signOf(state).sign, { fg: signOf(state).colour })),
    },
    {
      id: 'curve',
      title: model.metric ?? 'curve',
      side: 'start',
      rank: 5,
      cells: curveCells,
      draw: (row) => curveCell(model, row),
    },
  ];
}

/** The columns that there is room for, in their order; what remains is shared out between them. */
function chosen(all: readonly Cells[], rows: readonly TableRow[], room: number): readonly Placed[] {
  const placed = all.map((column): Placed => {
    const widest =
      column.cells ??
      largest(
        rows.map((row) => widthOf(column.draw(row))),
        0,
      );
    return { ...column, width: Math.min(mostCells, Math.max(cells(column.title), widest)) };
  });
  const kept = new Set<string>();
  let left = room;
  for (const column of [...placed].sort((a, b) => a.rank - b.rank)) {
    if (column.width + 2 > left) continue;
    kept.add(column.id);
    left -= column.width + 2;
  }
  return placed.filter(({ id }) => kept.has(id));
}

function headings({ state }: Model, columns: readonly Placed[]): Line {
  return columns.flatMap(({ id, title, width, side }, i) => {
    const active = !state.ui.grouped && state.ui.sort.column === id;
    const text = span(title, active ? { fg: 'accent', bold: true } : { fg: 'muted', bold: true });
    return [span(i === 0 ? '   ' : '  '), ...fitted([text], width, side)];
  });
}

function rowLine(model: Model, columns: readonly Placed[], row: TableRow, isSelected: boolean, width: number): Line {
  const { marked } = model.state.ui;
  const hueNumber = model.hues.get(row.trial.trial);
  const isMarked = row.replicates.some(({ trial }) => marked.has(trial));
  const line = [
    span(isSelected ? '›' : ' ', { fg: 'accent', bold: true }),
    span(isMarked ? '◆' : hueNumber === undefined ? ' ' : '•', hueNumber === undefined ? {} : { fg: hue(hueNumber) }),
    ...columns.flatMap(({ draw, width: size, side }, i) => [
      span(i === 0 ? ' ' : '  '),
      ...fitted(draw(row), size, side),
    ]),
  ];
  if (!isSelected) return line;
  return fitted(line, width).map(({ text, look }) => ({ text, look: { ...look, bg: 'selection' } }));
}

function stateCell(state: TableRow['trial']['state']): Line {
  const { sign, colour } = signOf(state);
  return [span(`${sign} ${state}`, { fg: colour })];
}

function progressCell(share: number | null): Line {
  return share === null ? [] : bar(share, barCells, share >= 1 ? 'good' : 'accent');
}

function curveCell(model: Model, { trial }: TableRow): Line {
  const metric = model.metric;
  if (metric === null) return [];
  const values = trial.steps.get(metric)?.mean ?? (trial.epochs.get(metric) ?? []).map(({ value }) => value);
  const hueNumber = model.hues.get(trial.trial);
  return [span(sparkline(values, curveCells), { fg: hueNumber === undefined ? 'muted' : hue(hueNumber) })];
}
