import { elementCount, type Shape, sameShape } from '../../compiler/ir/shape.js';
import { largest } from '../../numerics/extremes.js';
import { drawNotice } from './notice.js';
import { baselineShift, bodyText, measureWidest, renderPage, shortened, type TextStyle, textLine } from './page.js';
import { drawProfiles } from './profiles.js';
import { encodePng } from './raster.js';
import { drawTile, imageAt, type Levels, pixelLevels, type TileGeometry, tileOfShape } from './tile.js';
import { SEPARATOR, scaleForWidth } from './tile-grid.js';

/** One kind of picture for every example: `input`, `corrupted`, `reconstruction`. */
export interface ReconstructionRow {
  readonly label: string;
  /** `[count, ...shape]`, row-major; in raw units. */
  readonly images: ArrayLike<number>;
  /** Shape of one of them, and its grey levels, where they are others than those of the picture. */
  readonly shape?: Shape;
  readonly levels?: Levels;
}

export interface ReconstructionsInput {
  /** From top to bottom. */
  readonly rows: readonly ReconstructionRow[];
  readonly count: number;
  /** Shape of one example: `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
  /** `[count]`, written below the examples; absent if their classes have no names. */
  readonly names?: readonly string[];
  /** Maps values of images to grey levels; defaults to [0, 1] from black to white. */
  readonly levels?: Levels;
}

/** Most examples in one row; further ones wrap. */
const LARGEST_COLUMNS = 16;
const MINIMUM_WIDTH = 520;
const MARGIN = 12;
const LABEL_GAP = 10;
const BLOCK_GAP = 16;
/** A few very large tiles show no more than medium ones. */
const LARGEST_TILE = 96;
const LONGEST_NAME = 16;
const NAME_GAP = 4;
const nameText: TextStyle = { size: 11, weight: 400, anchor: 'start' };

/**
 * Examples side by side, each above its reconstruction: a row of originals, then corrupted inputs if there are any,
 * then reconstructions, labelled at the left, and the names of their classes, upright if they are wider than a tile.
 * More than 16 examples continue in further blocks of the same rows.
 *
 * Images are drawn on an absolute scale, black 0 and white 1 or as `levels` says, so that tiles can be compared; values
 * outside are clipped, NaN and infinities are magenta. Three channels are red, green and blue; any other number is laid
 * out side by side. Rows of smaller images are drawn larger, as far as whole pixels go.
 *
 * Examples that are not images are small plots of their values over their features instead, with a line for each row of
 * that shape.
 *
 * @returns PNG
 * @throws RangeError unless each row has `count` examples of this shape
 */
export async function drawReconstructions({
  rows,
  count,
  shape,
  names = [],
  levels = pixelLevels,
}: ReconstructionsInput): Promise<Uint8Array> {
  for (const { label, images, shape: own = shape } of rows) {
    const size = elementCount(own);
    if (images.length !== count * size) {
      throw new RangeError(`'${label}' has ${images.length} values, not ${count} times ${size}`);
    }
  }
  const size = elementCount(shape);
  if (count === 0 || rows.length === 0 || size === 0) return drawNotice('no examples to show');
  const tiled = rows.flatMap((row) => {
    const tile = tileOfShape(row.shape ?? shape);
    return tile ? [{ ...row, tile, levels: row.levels ?? levels }] : [];
  });
  if (tiled.length === rows.length) return drawBlocks({ rows: tiled, count, names });
  const alike = rows.filter((row) => row.shape === undefined || sameShape(row.shape, shape));
  return drawProfiles({ rows: alike, count, names, features: size });
}

interface TiledRow extends ReconstructionRow {
  readonly tile: TileGeometry;
  readonly levels: Levels;
}

interface Blocks {
  readonly rows: readonly TiledRow[];
  readonly count: number;
  readonly names: readonly string[];
}

async function drawBlocks({ rows, count, names }: Blocks): Promise<Uint8Array> {
  const tile = {
    width: largest(
      rows.map((row) => row.tile.width),
      1,
    ),
    height: largest(
      rows.map((row) => row.tile.height),
      1,
    ),
  };
  const blocks = Math.ceil(count / LARGEST_COLUMNS);
  const columns = Math.ceil(count / blocks);
  const scale = Math.min(
    scaleForWidth(MINIMUM_WIDTH, columns, tile),
    Math.max(1, Math.floor(LARGEST_TILE / Math.max(tile.width, tile.height))),
  );
  const stepX = tile.width * scale + SEPARATOR;
  const stepY = tile.height * scale + SEPARATOR;
  const shown = names.map((name) => shortened(name, LONGEST_NAME));
  const widestName = await measureWidest(shown, nameText);
  const areUpright = widestName > stepX - SEPARATOR;
  const nameHeight = shown.length === 0 ? 0 : NAME_GAP + (areUpright ? widestName : nameText.size);
  const blockHeight = rows.length * stepY - SEPARATOR + nameHeight + BLOCK_GAP;
  const labelWidth = await measureWidest(
    rows.map(({ label }) => label),
    bodyText,
  );
  const left = MARGIN + labelWidth + LABEL_GAP;
  const width = left + columns * stepX - SEPARATOR + MARGIN;
  const height = MARGIN + blocks * blockHeight - BLOCK_GAP + MARGIN;

  const rowTop = (block: number, row: number) => MARGIN + block * blockHeight + row * stepY;
  const labels = Array.from({ length: blocks }, (_, block) =>
    rows.map(({ label }, row) => {
      const baseline = rowTop(block, row) + (tile.height * scale) / 2 + baselineShift(bodyText);
      return textLine(label, left - LABEL_GAP, baseline, { ...bodyText, anchor: 'end' });
    }),
  );
  const written = shown.map((name, example) => {
    const x = left + (example % columns) * stepX + (tile.width * scale) / 2;
    const y = rowTop(Math.floor(example / columns), rows.length) - SEPARATOR + NAME_GAP;
    if (!areUpright) return textLine(name, x, y + nameText.size - 2, { ...nameText, anchor: 'middle' });
    const [along, across] = [-y, x + baselineShift(nameText)];
    return textLine(name, along, across, { ...nameText, anchor: 'end' }, { transform: 'rotate(-90)' });
  });
  const page = await renderPage(width, height, [...labels.flat(), ...written]);
  rows.forEach(({ images, tile: own, levels }, row) => {
    const times = Math.max(1, Math.floor(scale * Math.min(tile.width / own.width, tile.height / own.height)));
    for (let example = 0; example < count; example++) {
      const x = left + (example % columns) * stepX + Math.floor((tile.width * scale - own.width * times) / 2);
      const y = rowTop(Math.floor(example / columns), row) + Math.floor((tile.height * scale - own.height * times) / 2);
      drawTile(page, { x, y, scale: times }, imageAt(images, example, own), own, levels);
    }
  });
  return encodePng(page);
}
