import { largest } from '../../../api/statistics.js';
import { cells, fitted, type Line, span, widthOf } from './line.js';
import type { Look } from './theme.js';

export interface TableColumn<Row> {
  readonly title: string;
  readonly side?: 'start' | 'end';
  /** Columns with the lowest ranks are kept if space is short. */
  readonly rank?: number;
  /** Fixed width of the cells, if they have one. */
  readonly cells?: number;
  readonly titleLook?: Look;
  readonly draw: (row: Row) => Line | string;
}

const mostCells = 28;
const plainTitle: Look = { fg: 'muted', bold: true };

/** The heading and rows of a table, with as many columns as fit. */
export function tableLines<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
  room: number,
): readonly [head: Line, ...rows: Line[]] {
  const placed = columns.map((column) => {
    const widest =
      column.cells ??
      Math.min(
        mostCells,
        largest(
          rows.map((row) => widthOf(drawn(column, row))),
          0,
        ),
      );
    return { column, width: Math.max(cells(column.title), widest) };
  });
  const kept = new Set<TableColumn<Row>>();
  let left = room + 1;
  for (const { column, width } of placed.toSorted((a, b) => (a.column.rank ?? 0) - (b.column.rank ?? 0))) {
    if (width + 2 > left) continue;
    kept.add(column);
    left -= width + 2;
  }
  const shown = placed.filter(({ column }) => kept.has(column));
  const line = (cell: (column: TableColumn<Row>) => Line): Line =>
    shown.flatMap(({ column, width }, i) => [
      span(i === 0 ? ' ' : '  '),
      ...fitted(cell(column), width, column.side ?? 'end'),
    ]);
  return [
    line(({ title, titleLook = plainTitle }) => [span(title, titleLook)]),
    ...rows.map((row) => line((column) => drawn(column, row))),
  ];
}

function drawn<Row>({ draw }: TableColumn<Row>, row: Row): Line {
  const cell = draw(row);
  return typeof cell === 'string' ? [span(cell)] : cell;
}
