import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { black } from './colour.js';
import { drawHeatMap } from './heat-map.js';
import { drawNotice } from './notice.js';
import { createRaster, encodePng } from './raster.js';
import { drawTile, imageAt, type Levels, type TileGeometry, tileOfShape } from './tile.js';
import { gridOfTiles, nearSquareColumns, tileCorner } from './tile-grid.js';

export interface FiltersInput {
  /** `[units, inputs]`, row-major. */
  readonly weights: ArrayLike<number>;
  readonly units: number;
  /** Shape of one input: `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
}

/** Most tiles in one picture; of a layer with more units only the first ones are drawn. */
export const MAXIMUM_TILES = 4096;

/**
 * Draws what each unit responds to: the input of norm 1 that maximises its activation, `w / ‖w‖` (Ng, "Sparse
 * autoencoder", CS294A lecture notes, section 4), one tile per unit in a nearly square grid.
 *
 * Images are grey, each tile scaled on its own as in the notes: black (1) is -max|w| of the unit, mid-grey (128) zero,
 * white (255) max|w|, so that small weights show as well as large ones (‖w‖ cancels). Three channels are red, green and
 * blue; any other number is laid out side by side. A unit with all-zero weights is mid-grey. Inputs that are not images
 * give a heat map of `w / ‖w‖`, one row per unit, on a common scale.
 *
 * NaN and infinities are magenta and don't affect the scale.
 *
 * Draws only the first 4,096 units if inputs are images.
 *
 * @returns PNG
 * @throws RangeError unless there are units × inputs weights
 */
export async function drawFilters({ weights, units, shape }: FiltersInput): Promise<Uint8Array> {
  const inputs = elementCount(shape);
  if (weights.length !== units * inputs) {
    throw new RangeError(`${units} units of ${inputs} inputs need ${units * inputs} weights, not ${weights.length}`);
  }
  if (weights.length === 0) return drawNotice('no units to show');
  const tile = tileOfShape(shape);
  if (tile) return drawFilterTiles(weights, Math.min(units, MAXIMUM_TILES), tile);
  return drawHeatMap({
    values: unitNormRows(weights, units, inputs),
    rows: units,
    columns: inputs,
    rowLabel: 'unit',
    columnLabel: 'input',
    valueLabel: 'w / |w|',
  });
}

function drawFilterTiles(weights: ArrayLike<number>, count: number, tile: TileGeometry): Uint8Array {
  const grid = gridOfTiles(count, nearSquareColumns(count), tile);
  const raster = createRaster(grid.width, grid.height, black);
  for (let unit = 0; unit < count; unit++) {
    const row = imageAt(weights, unit, tile);
    drawTile(raster, { ...tileCorner(unit, grid, tile), scale: grid.scale }, row, tile, levelsAroundZero(row));
  }
  return encodePng(raster);
}

/** Maps -max|w| to 1, 0 to 128 and max|w| to 255. */
function levelsAroundZero(values: Float64Array): Levels {
  const largest = largestMagnitude(values);
  return (value) => (largest === 0 ? 128 : Math.round(128 + (value / largest) * 127));
}

function unitNormRows(weights: ArrayLike<number>, units: number, inputs: number): Float64Array {
  const rows = new Float64Array(units * inputs);
  for (let unit = 0; unit < units; unit++) {
    const row = Float64Array.from({ length: inputs }, (_, i) => weights[unit * inputs + i] ?? 0);
    const norm = finiteNorm(row);
    rows.set(norm === 0 ? row : row.map((w) => w / norm), unit * inputs);
  }
  return rows;
}

/** ‖w‖ over the finite weights, scaled so that squares neither overflow nor underflow. */
function finiteNorm(values: Float64Array): number {
  const largest = largestMagnitude(values);
  if (largest === 0) return 0;
  let sum = 0;
  for (const value of values) if (Number.isFinite(value)) sum += (value / largest) * (value / largest);
  return largest * Math.sqrt(sum);
}

/** Largest magnitude of the finite values; 0 if there are none. */
function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] ?? 0);
    if (Number.isFinite(magnitude) && magnitude > largest) largest = magnitude;
  }
  return largest;
}
