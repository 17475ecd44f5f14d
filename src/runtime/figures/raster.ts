import { encode } from 'fast-png';
import type { Rgb } from './colour.js';

/** An opaque image: three bytes per pixel, row by row from the top. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]` */
  readonly pixels: Uint8Array;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function createRaster(width: number, height: number, background: Rgb): Raster {
  const raster = { width, height, pixels: new Uint8Array(width * height * 3) };
  fillRectangle(raster, { x: 0, y: 0, width, height }, background);
  return raster;
}

/** Clipped to the image. */
export function fillRectangle(raster: Raster, { x, y, width, height }: Rectangle, [red, green, blue]: Rgb): void {
  const right = Math.min(raster.width, x + width);
  const bottom = Math.min(raster.height, y + height);
  for (let row = Math.max(0, y); row < bottom; row++) {
    for (let column = Math.max(0, x); column < right; column++) {
      const at = (row * raster.width + column) * 3;
      raster.pixels[at] = red;
      raster.pixels[at + 1] = green;
      raster.pixels[at + 2] = blue;
    }
  }
}

/** Deterministic: equal pixels give equal bytes on every platform. */
export function encodePng({ width, height, pixels }: Raster): Uint8Array {
  return encode({ width, height, data: pixels, channels: 3, depth: 8 }, { zlib: { level: 6 } });
}
