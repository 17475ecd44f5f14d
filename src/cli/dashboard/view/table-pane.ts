import { largest } from '../../../numerics/extremes.js';
import type { Rect } from '../layout.js';
import { type Column, metricText } from '../state/columns.js';
import { hiddenParameters } from '../state/filter.js';
import { settingSummary } from '../state/replicates.js';
import { filterText, type Row, selectedRow } from '../state/rows.js';
import { progressOf } from '../state/trial.js';
import { bar, sparkline } from './bars.js';
import { boxed, heading, inside } from './box.js';
import { aligned, cells, fitted, type Line, type Look, type Span, span } from './line.js';
import type { Model } from './model.js';
import { signOf } from './signs.js';
import { hue } from './theme.js';

const curveCells = 16;
const barCells = 10;

/** The trials, one a row, or one setting a row with all its seeds. */
export function tablePane(model: Model, rect: Rect): readonly Line[] {
  const { state, rows } = model;
  const { width, height } = inside(rect);
  const shown = rows.rows;
  const page = Math.max(0, height - 1);
  const selected = selectedRow(state, shown);
  const first = Math.max(0, Math.min(shown.length - page, Math.max(0, selected) - Math.floor(page / 2)));
  const visible = shown.slice(first, first + page);
  const table = state.ui.grouped ? groupCells(model) : trialCells(model, rows.columns);
  const fittedColumns = chosen(table, visible, width - 1);
  const lines = visible.map((row, i) => rowLine(model, fittedColumns, row, first + i === selected, width));
  const filter = filterText(state);
  const { metric, goal } = model.objective;
  const note: Line = [
    span(`${goal === 'min' ? 'least' : 'greatest'} ${metric} · `, { fg: 'muted' }),
    ...(filter === '' ? [] : [span(`/${filter} `, { fg: rows.error === null ? 'accent' : 'bad' })]),
    span(shown.length === 0 ? 'none' : `${Math.max(0, selected) + 1} of ${shown.length}`, { fg: 'muted' }),
  ];
  const title = heading(state.ui.grouped ? 'settings' : 'trials');
  const hidden = hiddenParameters(filter, rows.columns).map((name) => `; the param is ${name}`);
  const empty: Line = [
    span(state.trials.length === 0 ? ' no trials yet' : ` no trial fits the filter${hidden.join('')}; esc drops it`, {
      fg: 'muted',
    }),
  ];
  return boxed(rect, title, note, [headLine(model, fittedColumns, width), ...(lines.length === 0 ? [empty] : lines)]);
}

/** A column with what its cells show. */
interface Cells {
  readonly id: string;
  readonly title: string;
  readonly side: Column['side'];
  readonly rank: number;
  /** Where all cells are of one width, whatever is in them. */
  readonly cells: number | null;
  readonly draw: (row: Row) => Line;
}

interface Placed extends Cells {
  readonly width: number;
}

function trialCells(model: Model, columns: readonly Column[]): readonly Cells[] {
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

function groupCells(model: Model): readonly Cells[] {
  const parametersOnly = model.rows.columns.filter(({ parameter }) => parameter !== null);
  const parameters = trialCells(model, parametersOnly);
  const summary = (row: Row) => settingSummary(row.replicates, model.objective);
  const number = (id: string, title: string, rank: number, value: (row: Row) => number | null): Cells => ({
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
function chosen(all: readonly Cells[], rows: readonly Row[], room: number): readonly Placed[] {
  const placed = all.map((column): Placed => {
    const widest =
      column.cells ??
      largest(
        rows.map((row) => lineCells(column.draw(row))),
        0,
      );
    return { ...column, width: Math.min(28, Math.max(cells(column.title), widest)) };
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

function headLine({ state }: Model, columns: readonly Placed[], width: number): Line {
  const titles = columns.flatMap(({ id, title, width: size, side }, i) => {
    const active = !state.ui.grouped && state.ui.sort.column === id;
    return [
      span(i === 0 ? '   ' : '  '),
      span(aligned(title, size, side), active ? { fg: 'accent', bold: true } : { fg: 'muted', bold: true }),
    ];
  });
  return fitted(titles, width);
}

function rowLine(model: Model, columns: readonly Placed[], row: Row, isSelected: boolean, width: number): Line {
  const { marked } = model.state.ui;
  const hueNumber = model.hues.get(row.trial.trial);
  const isMarked = row.replicates.some(({ trial }) => marked.has(trial));
  const sign = isMarked ? '◆' : hueNumber === undefined ? ' ' : '•';
  const spans: Span[] = [
    span(isSelected ? '›' : ' ', { fg: 'accent', bold: true }),
    span(sign, hueNumber === undefined ? {} : { fg: hue(hueNumber) }),
  ];
  columns.forEach((column, i) => {
    const drawn = column.draw(row);
    const blank = Math.max(0, column.width - lineCells(drawn));
    const cell = column.side === 'end' ? [span(' '.repeat(blank)), ...drawn] : drawn;
    spans.push(span(i === 0 ? ' ' : '  '), ...fitted(cell, column.width));
  });
  const whole = fitted(spans, width);
  return isSelected ? whole.map(({ text, look }) => ({ text, look: selectedLook(look) })) : whole;
}

function selectedLook(look: Look): Look {
  return { ...look, bg: 'selection' };
}

function lineCells(spans: Line): number {
  return spans.reduce((total, { text }) => total + cells(text), 0);
}

function stateCell(state: Row['trial']['state']): Line {
  const { sign, colour } = signOf(state);
  return [span(`${sign} ${state}`, { fg: colour })];
}

function progressCell(share: number | null): Line {
  return share === null ? [] : bar(share, barCells, share >= 1 ? 'good' : 'accent');
}

function curveCell(model: Model, { trial }: Row): Line {
  const metric = model.metric;
  if (metric === null) return [];
  const values = trial.steps.get(metric)?.mean ?? (trial.epochs.get(metric) ?? []).map(({ value }) => value);
  const hueNumber = model.hues.get(trial.trial);
  return [span(sparkline(values, curveCells), { fg: hueNumber === undefined ? 'muted' : hue(hueNumber) })];
}
