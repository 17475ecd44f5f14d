import type { TileGeometry } from './tile.js';

/** Equally sized tiles in rows and columns, with lines between and around them. */
export interface TileGrid {
  readonly columns: number;
  readonly rows: number;
  /** Picture pixels per image pixel. */
  readonly scale: number;
  /** Line width in picture pixels. */
  readonly separator: number;
  readonly width: number;
  readonly height: number;
}

export const SEPARATOR = 2;

/** Makes single pixels of an image easy to see. */
const MINIMUM_WIDTH = 560;

/** Fewest columns that make the grid at least as wide as high: 100 tiles are 10 by 10, 64 are 8 by 8, 12 are 4 by 3. */
export function nearSquareColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** Grid at the smallest integer scale that makes it at least 560 pixels wide. */
export function gridOfTiles(count: number, columns: number, tile: TileGeometry): TileGrid {
  const scale = scaleForWidth(MINIMUM_WIDTH, columns, tile);
  const rows = Math.max(1, Math.ceil(count / columns));
  return {
    columns,
    rows,
    scale,
    separator: SEPARATOR,
    width: columns * (tile.width * scale + SEPARATOR) + SEPARATOR,
    height: rows * (tile.height * scale + SEPARATOR) + SEPARATOR,
  };
}

/** Smallest integer scale at which this many tiles, with the lines between them, are at least `width` pixels wide. */
export function scaleForWidth(
  width: number,
  columns: number,
  tile: Pick<TileGeometry, 'width'>,
  separator = SEPARATOR,
): number {
  return Math.max(1, Math.ceil((width - (columns + 1) * separator) / (columns * tile.width)));
}

/** Top left corner of the n-th tile, in row-major order. */
export function tileCorner(n: number, grid: TileGrid, tile: TileGeometry): { readonly x: number; readonly y: number } {
  const column = n % grid.columns;
  const row = Math.floor(n / grid.columns);
  return {
    x: grid.separator + column * (tile.width * grid.scale + grid.separator),
    y: grid.separator + row * (tile.height * grid.scale + grid.separator),
  };
}
