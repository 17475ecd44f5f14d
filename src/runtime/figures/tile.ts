import type { Shape } from '../../compiler/ir/shape.js';
import { nonFiniteColour, type Rgb } from './colour.js';
import { fillRectangle, type Raster } from './raster.js';

/** Layout of an image: in colour, or its channels as grey images from left to right. */
export interface TileGeometry {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly inColour: boolean;
  /** Tile width in image pixels. */
  readonly width: number;
  readonly height: number;
}

/** Maps a value to a grey level from 0 (black) to 255 (white). */
export type Levels = (value: number) => number;

/** Tile for an image `[channels, height, width]`; undefined if the shape is not an image. */
export function tileOfShape(shape: Shape): TileGeometry | undefined {
  const [channels, rows, columns] = shape;
  if (shape.length !== 3 || channels === undefined || rows === undefined || columns === undefined) return undefined;
  const inColour = channels === 3;
  return { channels, rows, columns, inColour, width: inColour ? columns : columns * channels, height: rows };
}

/** The n-th of consecutive images; NaN past the end. */
export function imageAt(images: ArrayLike<number>, n: number, { channels, rows, columns }: TileGeometry): Float64Array {
  const size = channels * rows * columns;
  return Float64Array.from({ length: size }, (_, i) => images[n * size + i] ?? Number.NaN);
}

/** Maps [0, 1] to grey levels, clipping values outside. */
export const pixelLevels: Levels = (value) => Math.round(Math.min(1, Math.max(0, value)) * 255);

/**
 * Grey levels for the raw values of a data set: [0, 1] if all its values are within it, else from the smallest (black)
 * to the largest (white).
 */
export function levelsOfRange({ low, high }: { readonly low: number; readonly high: number }): Levels {
  if ((low >= 0 && high <= 1) || !Number.isFinite(high - low) || high === low) return pixelLevels;
  return (value) => pixelLevels((value - low) / (high - low));
}

/**
 * Draws an image with its top left corner at (x, y), each pixel as a square of `scale` pixels, without interpolation so
 * that the exact values show. Non-finite values get `nonFiniteColour`.
 *
 * @param image `[channels, height, width]`, row-major
 */
export function drawTile(
  raster: Raster,
  place: { readonly x: number; readonly y: number; readonly scale: number },
  image: ArrayLike<number>,
  tile: TileGeometry,
  levels: Levels,
): void {
  for (let row = 0; row < tile.height; row++) {
    for (let column = 0; column < tile.width; column++) {
      const { x, y, scale } = place;
      const square = { x: x + column * scale, y: y + row * scale, width: scale, height: scale };
      fillRectangle(raster, square, pixelColour(image, tile, row, column, levels));
    }
  }
}

function pixelColour(
  image: ArrayLike<number>,
  { rows, columns, inColour }: TileGeometry,
  row: number,
  column: number,
  levels: Levels,
): Rgb {
  const value = (channel: number) => image[(channel * rows + row) * columns + (column % columns)] ?? Number.NaN;
  if (inColour) {
    const colour = [value(0), value(1), value(2)] as const;
    return colour.every(Number.isFinite) ? [levels(colour[0]), levels(colour[1]), levels(colour[2])] : nonFiniteColour;
  }
  const grey = value(Math.floor(column / columns));
  return Number.isFinite(grey) ? [levels(grey), levels(grey), levels(grey)] : nonFiniteColour;
}
