import { decode } from 'fast-png';

/** A PNG as its pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue at column x and row y. */
  pixel(x: number, y: number): readonly number[];
  /** How many pixels are of this colour, here in the picture or all over it. */
  count(colour: readonly number[], area?: { x: number; y: number; width: number; height: number }): number;
}

export const MAGENTA = [255, 0, 200];
export const WHITE = [255, 255, 255];
export const BLACK = [0, 0, 0];

/** The first two hues of Okabe and Ito, in the order in which series get them. */
export const BLUE = [0, 114, 178];
export const VERMILLION = [213, 94, 0];

export function decodePicture(png: Uint8Array): Picture {
  const { width, height, data, channels } = decode(png);
  const pixel = (x: number, y: number) => Array.from(data.subarray((y * width + x) * channels).subarray(0, channels));
  return {
    width,
    height,
    pixel,
    count(colour, area = { x: 0, y: 0, width, height }) {
      let count = 0;
      for (let y = area.y; y < area.y + area.height; y++) {
        for (let x = area.x; x < area.x + area.width; x++) {
          const at = (y * width + x) * channels;
          if (colour.every((part, i) => data[at + i] === part)) count += 1;
        }
      }
      return count;
    },
  };
}
