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
  /** First dimension of the code for each column, from the left. */
  readonly first: ArrayLike<number>;
  /** Second dimension of the code for each row, from the top. */
  readonly second: ArrayLike<number>;
  /** Decodes of the `[second.length, first.length]` grid of codes, each of this shape; row-major, in raw units. */
  readonly images: ArrayLike<number>;
  /** `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
  /** Maps values of images to grey levels; defaults to [0, 1] from black to white. */
  readonly levels?: Levels;
}

const MARGIN = 14;
const MINIMUM_WIDTH = 520;
/** Distance between tick labels in pixels. */
const TICK_DISTANCE = 70;

/**
 * Decodes of a grid of two-dimensional codes, which vary along the axes (Kingma and Welling, "Auto-encoding variational
 * Bayes", 2014, figure 4). Tiles touch, so that smooth changes look smooth; values are drawn as in
 * `drawReconstructions`. Outputs that are not images get one tile per feature, showing its value over the plane of
 * codes: black at its lowest, white at its highest.
 *
 * @returns PNG
 * @throws RangeError unless there is one image of this shape per code
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

export interface WalksInput extends Omit<WalkInput, 'images'> {
  /** Decodes of the same codes, each with a condition that its title names. */
  readonly walks: readonly { readonly title: string; readonly images: ArrayLike<number> }[];
}

/** Least width of one of several walks, and what is between them. */
const WALK_WIDTH = 220;
const GAP = 12;
const TITLE_HEIGHT = 22;

/**
 * Several walks over the same codes side by side, each below its title, as Kingma et al., "Semi-supervised learning with
 * deep generative models", 2014, figure 1 shows them by class.
 *
 * @returns PNG
 * @throws RangeError like `drawWalk`
 */
export async function drawWalks({
  first,
  second,
  walks,
  shape,
  levels = pixelLevels,
}: WalksInput): Promise<Uint8Array> {
  const size = elementCount(shape);
  const count = first.length * second.length;
  const wrong = walks.find(({ images }) => images.length !== count * size);
  if (wrong)
    throw new RangeError(`${count} codes to ${size} values each need ${count * size}, not ${wrong.images.length}`);
  if (walks.length === 0 || count === 0) return drawNotice('no codes to show');
  const tile = tileOfShape(shape);
  const pictures = walks.map(({ images }) =>
    tile
      ? tilesOverCodes(first.length, images, tile, levels)
      : drawFeaturesOverCodes(images, size, second.length, first.length),
  );
  const [{ width, height } = { width: 0, height: 0 }] = pictures;
  const columns = nearSquareColumns(walks.length);
  const rows = Math.ceil(walks.length / columns);
  const corner = (n: number) => ({
    x: MARGIN + (n % columns) * (width + GAP),
    y: MARGIN + TITLE_HEIGHT + Math.floor(n / columns) * (height + TITLE_HEIGHT + GAP),
  });
  const caption = `first dimension of the code ${extentLabel(first)} to the right, second ${extentLabel(second)} upwards`;
  const right = MARGIN + columns * (width + GAP) - GAP;
  const bottom = MARGIN + rows * (height + TITLE_HEIGHT + GAP);
  const pageWidth = Math.max(right, MARGIN + (await measureWidest([caption], bodyText))) + MARGIN;
  const page = await renderPage(pageWidth, bottom + TITLE_HEIGHT + MARGIN, [
    ...walks.map(({ title }, n) => textLine(title, corner(n).x, corner(n).y - 7, bodyText)),
    textLine(caption, MARGIN, bottom + 14, bodyText),
  ]);
  for (const [n, picture] of pictures.entries()) copyInto(page, picture, corner(n));
  return encodePng(page);
}

/** From the least to the greatest: `−1.6 to 1.6`. */
function extentLabel(codes: ArrayLike<number>): string {
  const { low, high } = extentOf(Array.from(codes)) ?? { low: 0, high: 0 };
  return `${codeLabel(low)} to ${codeLabel(high)}`;
}

function tilesOverCodes(columns: number, images: ArrayLike<number>, tile: TileGeometry, levels: Levels): Raster {
  const scale = scaleForWidth(WALK_WIDTH, columns, tile, 0);
  const count = images.length / (tile.channels * tile.rows * tile.columns);
  const [stepX, stepY] = [tile.width * scale, tile.height * scale];
  const raster = createRaster(columns * stepX, Math.ceil(count / columns) * stepY, white);
  for (let n = 0; n < count; n++) {
    const place = { x: (n % columns) * stepX, y: Math.floor(n / columns) * stepY, scale };
    drawTile(raster, place, imageAt(images, n, tile), tile, levels);
  }
  return raster;
}

function copyInto(page: Raster, picture: Raster, { x, y }: { readonly x: number; readonly y: number }): void {
  for (let row = 0; row < picture.height; row++) {
    const line = picture.pixels.subarray(row * picture.width * 3, (row + 1) * picture.width * 3);
    page.pixels.set(line, ((y + row) * page.width + x) * 3);
  }
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

/** Transposes `[rows, columns, features]` to a tile `[rows, columns]` per feature. */
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

/** Maps the lowest finite value to 0 and the highest to 255; 128 if all are equal. */
function levelsFromLowToHigh(values: Float64Array): Levels {
  const { low, high } = extentOf(values) ?? { low: 0, high: 0 };
  return (value) => (low === high ? 128 : Math.round(((value - low) / (high - low)) * 255));
}

/** Labels every n-th code, as densely as `TICK_DISTANCE` allows. */
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
