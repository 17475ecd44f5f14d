import type { Shape } from '../../compiler/ir/shape.js';
import { nonFiniteColour, type Rgb } from './colour.js';
import { fillRectangle, type Raster } from './raster.js';

/** How an image lies in a picture: in colour, or each of its channels as a grey image, from left to right. */
export interface TileGeometry {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly inColour: boolean;
  /** Of the tile, in image pixels. */
  readonly width: number;
  readonly height: number;
}

/** A value to a level from 0 (black) to 255 (white). */
export type Levels = (value: number) => number;

/** The tile of an image `[channels, height, width]`; undefined for a shape that is no image. */
export function tileOfShape(shape: Shape): TileGeometry | undefined {
  const [channels, rows, columns] = shape;
  if (shape.length !== 3 || channels === undefined || rows === undefined || columns === undefined) return undefined;
  const inColour = channels === 3;
  return { channels, rows, columns, inColour, width: inColour ? columns : columns * channels, height: rows };
}

/** The n-th of images that lie one behind the other; NaN where there is nothing. */
export function imageAt(images: ArrayLike<number>, n: number, { channels, rows, columns }: TileGeometry): Float64Array {
  const size = channels * rows * columns;
  return Float64Array.from({ length: size }, (_, i) => images[n * size + i] ?? Number.NaN);
}

/** Pixels of [0, 1] to levels; what lies outside of it is cut off. */
export const pixelLevels: Levels = (value) => Math.round(Math.min(1, Math.max(0, value)) * 255);

/**
 * Levels of the raw values of a data set: pixels of [0, 1] where all its values are such, else from the least of them, black,
 * to the greatest, white.
 */
export function levelsOfRange({ low, high }: { readonly low: number; readonly high: number }): Levels {
  if ((low >= 0 && high <= 1) || !Number.isFinite(high - low) || high === low) return pixelLevels;
  return (value) => pixelLevels((value - low) / (high - low));
}

/**
 * Draws one image with its top left corner at (x, y), each of its pixels as a square of `scale` pixels: no interpolation,
 * because what is looked at are the values. What is not finite gets `nonFiniteColour`.
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
