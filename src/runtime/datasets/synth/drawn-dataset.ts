import { createHash } from 'node:crypto';
import { arrayChecksum } from '../checksum.js';
import type { Dataset, Part } from '../dataset.js';
import { drawExamples } from '../drawn-rows.js';
import type { DrawnPart, WorldSpec } from './spec.js';
import { worldOf } from './world.js';

/** Examples of each part that the checksum is of, however many are used. */
const summed = 64;

/** A data set that draws its examples. Of its world, a division decides only how many there are. */
export function drawnDataset(
  name: string,
  world: WorldSpec,
  counts: { readonly train: number; readonly test: number },
): Dataset {
  const part = (of: DrawnPart): Part => ({ count: counts[of], values: { world, part: of }, labels: null });
  return {
    name,
    shape: [world.dim],
    train: part('train'),
    test: part('test'),
    classes: null,
    classNames: null,
    columns: null,
    unusedColumns: [],
    truth: world,
    checksum: checksumOf(world),
  };
}

const known = new WeakMap<object, string>();

/**
 * SHA-256 of the lines `aedsl-synth-1`, the sum of the directions, and for each part that of its first examples, each ended
 * by a line feed: a machine that draws other bits is found out.
 */
function checksumOf(spec: WorldSpec): string {
  const world = worldOf(spec);
  const found = known.get(world);
  if (found !== undefined) return found;
  const first = Uint32Array.from({ length: summed }, (_, i) => i);
  const drawn = (part: DrawnPart) => {
    const values = new Float32Array(summed * spec.dim);
    drawExamples({ world: spec, part }, first, values);
    return arrayChecksum([summed, spec.dim], values);
  };
  const lines = [
    'aedsl-synth-1',
    `directions ${arrayChecksum([spec.features, spec.dim], world.directions)}`,
    `train.values ${drawn('train')}`,
    `test.values ${drawn('test')}`,
  ];
  const sum = createHash('sha256')
    .update(`${lines.join('\n')}\n`)
    .digest('hex');
  known.set(world, sum);
  return sum;
}
