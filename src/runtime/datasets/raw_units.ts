import { isCrop, type Transform } from './transforms/transform.js';

/** seen = gain * raw + shift: what the network sees of a raw value in [0, 1]. */
export interface ValueMap {
  readonly gain: number;
  readonly shift: number;
}

/**
 * The map from raw values to what the network sees, to undo it for pictures and for errors in raw units (a squared
 * error in what the network sees is gain² times the one in raw units). Values that `binarize` made are raw themselves.
 */
export function valueMap(transforms: readonly Transform[]): ValueMap {
  let map: ValueMap = { gain: 1, shift: 0 };
  for (const transform of transforms) {
    if (isCrop(transform)) continue;
    switch (transform.word) {
      case 'normalize':
        map = { gain: map.gain / transform.std, shift: (map.shift - transform.mean) / transform.std };
        break;
      case 'scale': {
        const span = transform.high - transform.low;
        map = { gain: map.gain * span, shift: map.shift * span + transform.low };
        break;
      }
      case 'binarize':
        map = { gain: 1, shift: 0 };
        break;
    }
  }
  return map;
}
