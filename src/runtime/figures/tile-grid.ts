import type { TileGeometry } from './tile.js';

/** Tiles of one size in rows and columns, with a line between them and around them all. */
export interface TileGrid {
  readonly columns: number;
  readonly rows: number;
  /** Pixels of the picture for one pixel of an image. */
  readonly scale: number;
  /** Pixels of the picture. */
  readonly separator: number;
  readonly width: number;
  readonly height: number;
}

export const SEPARATOR = 2;

/** So that single pixels of an image can be seen without a magnifying glass. */
const MINIMUM_WIDTH = 560;

/** As few columns as make the grid at least as wide as high: 100 tiles are 10 by 10, 64 are 8 by 8, 12 are 4 by 3. */
export function nearSquareColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** The smallest whole scale that makes the grid at least 560 pixels wide. */
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

/** The smallest whole scale at which this many tiles and the lines between them take at least `width` pixels. */
export function scaleForWidth(width: number, columns: number, tile: TileGeometry, separator = SEPARATOR): number {
  return Math.max(1, Math.ceil((width - (columns + 1) * separator) / (columns * tile.width)));
}

/** The top left corner of the n-th tile, row by row from the top left. */
export function tileCorner(n: number, grid: TileGrid, tile: TileGeometry): { readonly x: number; readonly y: number } {
  const column = n % grid.columns;
  const row = Math.floor(n / grid.columns);
  return {
    x: grid.separator + column * (tile.width * grid.scale + grid.separator),
    y: grid.separator + row * (tile.height * grid.scale + grid.separator),
  };
}
