import { describeShape, elementCount, type Shape } from '../compiler/ir/shape.js';
import type { NamedLayer, NamedLayers } from '../compiler/library/word.js';

/** The layers that an argument names. @throws RangeError where the compiler has not found them */
export function layersOf(named: NamedLayers | undefined, argument: string): readonly NamedLayer[] {
  const layers = named?.[argument];
  if (layers === undefined || layers.length === 0) throw new RangeError(`'${argument}' names no layer`);
  return layers;
}

/** The one layer that an argument names. @throws RangeError as `layersOf` */
export function only(named: NamedLayers | undefined, argument: string): NamedLayer {
  const [layer] = layersOf(named, argument);
  if (layer === undefined) throw new RangeError(`'${argument}' names no layer`);
  return layer;
}

/** Says how a shape that is skipped gets that of the layer that it is added to. */
export function hintForShortcut(from: Shape, to: Shape, written: (shortcut: string) => string): string {
  const shortcut = shortcutFor(from, to);
  if (shortcut !== null) return `give it a shortcut: ${written(shortcut)}`;
  return elementCount(from) === elementCount(to)
    ? 'put flatten() before both'
    : `the layers on the way have to give ${describeShape(from)}`;
}

/** A layer that makes one shape of another; null where there is none to recommend. */
function shortcutFor(from: Shape, to: Shape): string | null {
  if (from.length === 1 && to.length === 1) return `dense(${to[0]})`;
  const [channels, height = 0, width = 0] = to;
  if (from.length !== 3 || to.length !== 3) return null;
  const stride = Math.round((from[1] ?? 0) / height);
  const halved = [height, width].every((size, i) => Math.ceil((from[i + 1] ?? 0) / stride) === size);
  if (stride < 1 || !halved) return null;
  return stride === 1 ? `conv2d(${channels}, kernel=1)` : `conv2d(${channels}, kernel=1, stride=${stride})`;
}
