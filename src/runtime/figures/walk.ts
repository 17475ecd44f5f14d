import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { AXIS_LABEL_HEIGHT, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, yAxisLabel } from './axes.js';
import { extentOf } from './axis-scale.js';
import { white } from './colour.js';
import { drawNotice } from './notice.js';
import { baselineShift, bodyText, measureWidest, renderPage, textLine } from './page.js';
import { createRaster, encodePng, type Raster, type Rectangle } from './raster.js';
import { drawTile, imageAt, type Levels, pixelLevels, type TileGeometry, tileOfShape } from './tile.js';
import { gridOfTiles, nearSquareColumns, scaleForWidth, tileCorner } from './tile-grid.js';

export interface WalkInput {
  /** The first dimension of the code at each column, from the left. */
  readonly first: ArrayLike<number>;
  /** The second dimension of the code at each row, from the top. */
  readonly second: ArrayLike<number>;
  /** What the decoder makes of `[second.length, first.length]` codes, each of this shape; row-major, in raw units. */
  readonly images: ArrayLike<number>;
  /** `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
  /** What images' values are drawn as; [0, 1] from black to white where it is left out. */
  readonly levels?: Levels;
}

const MARGIN = 14;
const MINIMUM_WIDTH = 520;
/** Pixels from one tick label to the next. */
const TICK_DISTANCE = 70;

/**
 * What a decoder makes of a grid of codes of two dimensions, which go along the axes (Kingma and Welling, "Auto-encoding
 * variational Bayes", 2014, figure 4). Tiles touch, so that a smooth change looks smooth; values are drawn as in
 * `drawReconstructions`. What is no image has a tile for each feature instead, its value over the plane of codes: black at
 * its lowest, white at its highest.
 *
 * @returns PNG
 * @throws RangeError when there isn't one image of this shape for each code
 */
export async function drawWalk({ first, second, images, shape, levels = pixelLevels }: WalkInput): Promise<Uint8Array> {
  const size = elementCount(shape);
  const count = first.length * second.length;
  if (images.length !== count * size) {
    throw new RangeError(`${count} codes to ${size} values each need ${count * size}, not ${images.length}`);
  }
  if (images.length === 0) return drawNotice('no codes to show');
  const tile = tileOfShape(shape);
  return tile
    ? encodePng(await drawImagesOverCodes(first, second, images, tile, levels))
    : encodePng(drawFeaturesOverCodes(images, size, second.length, first.length));
}

async function drawImagesOverCodes(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  images: ArrayLike<number>,
  tile: TileGeometry,
  levels: Levels,
): Promise<Raster> {
  const columns = first.length;
  const rows = second.length;
  const scale = scaleForWidth(MINIMUM_WIDTH, columns, tile, 0);
  const stepX = tile.width * scale;
  const stepY = tile.height * scale;
  const columnLabels = sparseLabels(first, stepX);
  const rowLabels = sparseLabels(second, stepY);
  const rowLabelWidth = await measureWidest(
    rowLabels.map(({ label }) => label),
    bodyText,
  );
  const area: Rectangle = {
    x: MARGIN + AXIS_LABEL_HEIGHT + rowLabelWidth + TICK_GAP,
    y: MARGIN,
    width: columns * stepX,
    height: rows * stepY,
  };
  const height = area.y + area.height + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + MARGIN;
  const page = await renderPage(area.x + area.width + MARGIN, height, [
    ...columnLabels.map(({ index, label }) => {
      const x = area.x + (index + 0.5) * stepX;
      return textLine(label, x, area.y + area.height + 17, { ...bodyText, anchor: 'middle' });
    }),
    ...rowLabels.map(({ index, label }) => {
      const y = area.y + (index + 0.5) * stepY + baselineShift(bodyText);
      return textLine(label, area.x - TICK_GAP, y, { ...bodyText, anchor: 'end' });
    }),
    xAxisLabel('first dimension of the code', area),
    yAxisLabel('second dimension of the code', MARGIN + 10, area),
  ]);
  for (let n = 0; n < rows * columns; n++) {
    const place = { x: area.x + (n % columns) * stepX, y: area.y + Math.floor(n / columns) * stepY, scale };
    drawTile(page, place, imageAt(images, n, tile), tile, levels);
  }
  return page;
}

/** `[rows, columns, features]` as a tile `[rows, columns]` for each feature. */
function drawFeaturesOverCodes(values: ArrayLike<number>, features: number, rows: number, columns: number): Raster {
  const plane: TileGeometry = { channels: 1, rows, columns, inColour: false, width: columns, height: rows };
  const grid = gridOfTiles(features, nearSquareColumns(features), plane);
  const raster = createRaster(grid.width, grid.height, white);
  for (let feature = 0; feature < features; feature++) {
    const surface = Float64Array.from(
      { length: rows * columns },
      (_, code) => values[code * features + feature] ?? Number.NaN,
    );
    const place = { ...tileCorner(feature, grid, plane), scale: grid.scale };
    drawTile(raster, place, surface, plane, levelsFromLowToHigh(surface));
  }
  return raster;
}

/** The lowest finite value to 0, the highest to 255; 128 where all are equal. */
function levelsFromLowToHigh(values: Float64Array): Levels {
  const { low, high } = extentOf(values) ?? { low: 0, high: 0 };
  return (value) => (low === high ? 128 : Math.round(((value - low) / (high - low)) * 255));
}

/** Labels as close to one another as `TICK_DISTANCE` allows, at every n-th code. */
function sparseLabels(codes: ArrayLike<number>, step: number): readonly { index: number; label: string }[] {
  const stride = Math.ceil(TICK_DISTANCE / step);
  const first = Math.floor(((codes.length - 1) % stride) / 2);
  const count = Math.floor((codes.length - 1 - first) / stride) + 1;
  return Array.from({ length: count }, (_, n) => {
    const index = first + n * stride;
    return { index, label: codeLabel(codes[index] ?? Number.NaN) };
  });
}

function codeLabel(code: number): string {
  return Number(code.toPrecision(2)).toString().replaceAll('-', '−');
}
