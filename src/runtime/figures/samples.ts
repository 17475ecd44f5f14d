import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { white } from './colour.js';
import { drawNotice } from './notice.js';
import { drawProfiles } from './profiles.js';
import { createRaster, encodePng } from './raster.js';
import { drawTile, imageAt, type Levels, pixelLevels, type TileGeometry, tileOfShape } from './tile.js';
import { gridOfTiles, nearSquareColumns, tileCorner } from './tile-grid.js';

export interface SamplesInput {
  /** `[count, ...shape]`, row-major; in raw units. */
  readonly images: ArrayLike<number>;
  readonly count: number;
  /** Shape of one sample: `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
  /** Pictures in a row; a nearly square grid if absent. */
  readonly columns?: number;
  /** Maps values of images to grey levels; defaults to [0, 1] from black to white. */
  readonly levels?: Levels;
}

/**
 * Decodes of codes drawn from the prior (Kingma and Welling, "Auto-encoding variational Bayes", 2014, figure 5), in a
 * nearly square grid. Values are drawn as in `drawReconstructions`; samples that are not images are small plots of
 * their values over their features.
 *
 * @returns PNG
 * @throws RangeError unless there are `count` samples of this shape
 */
export async function drawSamples(input: SamplesInput): Promise<Uint8Array> {
  const { images, count, shape, levels = pixelLevels, columns = nearSquareColumns(count) } = input;
  const size = elementCount(shape);
  if (images.length !== count * size) {
    throw new RangeError(`${count} samples of ${size} values need ${count * size}, not ${images.length}`);
  }
  if (images.length === 0) return drawNotice('no samples to show');
  const tile = tileOfShape(shape);
  if (!tile) return drawProfiles({ rows: [{ label: 'sample', images }], count, features: size });
  return drawSampleTiles(images, count, columns, tile, levels);
}

function drawSampleTiles(
  images: ArrayLike<number>,
  count: number,
  columns: number,
  tile: TileGeometry,
  levels: Levels,
): Uint8Array {
  const grid = gridOfTiles(count, columns, tile);
  const raster = createRaster(grid.width, grid.height, white);
  for (let n = 0; n < count; n++) {
    const place = { ...tileCorner(n, grid, tile), scale: grid.scale };
    drawTile(raster, place, imageAt(images, n, tile), tile, levels);
  }
  return encodePng(raster);
}
