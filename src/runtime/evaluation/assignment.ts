import type { Matrix } from './matrix.js';
import type { Work } from './work.js';

/** For each row the column that it is assigned; -1 for a row that goes without, where there are more rows than columns. */
export type Assignment = Int32Array;

/**
 * Assigns rows to columns, one to one and as many as possible, so that the sum of their values is as great as can be.
 *
 * Each row in turn is assigned by a shortest augmenting path, with duals of rows and columns in double precision: O(n³)
 * (Jonker and Volgenant 1987, for any shape as by Crouse 2016, which SciPy's `linear_sum_assignment` is too).
 * Of equal values the first column is taken.
 */
export function* assign({ values, rows, columns }: Matrix): Work<Assignment> {
  if (rows <= columns) return yield* assignAll(rows, columns, (row, column) => -(values[row * columns + column] ?? 0));
  const assigned = yield* assignAll(columns, rows, (column, row) => -(values[row * columns + column] ?? 0));
  const ofRows = new Int32Array(rows).fill(-1);
  for (const [column, row] of assigned.entries()) ofRows[row] = column;
  return ofRows;
}

/** Assigns each row, of which there are no more than columns, at the least cost. */
function* assignAll(rows: number, columns: number, cost: (row: number, column: number) => number): Work<Assignment> {
  const [rowDuals, columnDuals] = [new Float64Array(rows), new Float64Array(columns)];
  const ofRows = new Int32Array(rows).fill(-1);
  const ofColumns = new Int32Array(columns).fill(-1);
  const shortest = new Float64Array(columns);
  /** The row before each column on the shortest path to it. */
  const before = new Int32Array(columns);
  const isDone = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    shortest.fill(Number.POSITIVE_INFINITY);
    isDone.fill(0);
    const passed: number[] = [];
    let row = start;
    let length = 0;
    let end = -1;
    while (end < 0) {
      let nearest = -1;
      const base = length - (rowDuals[row] ?? 0);
      for (let column = 0; column < columns; column++) {
        if (isDone[column] === 1) continue;
        const reduced = base + cost(row, column) - (columnDuals[column] ?? 0);
        if (reduced < (shortest[column] ?? 0)) {
          shortest[column] = reduced;
          before[column] = row;
        }
        // A free column ends the path, so of equally near ones it is taken.
        const [own, best] = [shortest[column] ?? 0, nearest < 0 ? Infinity : (shortest[nearest] ?? 0)];
        if (own < best || (own === best && nearest >= 0 && ofColumns[column] === -1 && ofColumns[nearest] !== -1)) {
          nearest = column;
        }
      }
      if (nearest < 0) throw new RangeError('values that are assigned have to be finite');
      length = shortest[nearest] ?? 0;
      isDone[nearest] = 1;
      passed.push(nearest);
      const owner = ofColumns[nearest] ?? -1;
      if (owner < 0) end = nearest;
      else row = owner;
    }
    rowDuals[start] = (rowDuals[start] ?? 0) + length;
    for (const column of passed) {
      const moved = length - (shortest[column] ?? 0);
      columnDuals[column] = (columnDuals[column] ?? 0) - moved;
      const owner = ofColumns[column] ?? -1;
      if (owner >= 0) rowDuals[owner] = (rowDuals[owner] ?? 0) + moved;
    }
    for (let column = end; ; ) {
      const owner = before[column] ?? 0;
      ofColumns[column] = owner;
      const next = ofRows[owner] ?? -1;
      ofRows[owner] = column;
      if (owner === start) break;
      column = next;
    }
    yield (start + 1) / rows;
  }
  return ofRows;
}
