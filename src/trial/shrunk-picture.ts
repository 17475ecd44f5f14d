import { decode } from 'fast-png';
import type { PreviewPicture } from '../runtime/events.js';
import type { Words } from '../words/word.js';
import { type Pixels, type Tiles, tilesOf } from './picture-tiles.js';
import type { Picture } from './pictures.js';

const mostPixels = 320;
/** Most tiles kept of a picture: more cannot be distinguished in a terminal. */
const mostTiles = 64;
const largestTile = 32;

/** Shrinks a picture for the terminal: its tiles, or the whole, at most {@link mostPixels} wide and high. */
export function shrunk({ name, png }: Picture, words: Words): PreviewPicture {
  const picture = decode(png);
  const tiles = tilesOf(name, picture, words);
  if (tiles !== null) return sheetOf(name, tiles);
  return {
    name,
    ...shrunkBy(Math.max(1, Math.ceil(Math.max(picture.width, picture.height) / mostPixels)), picture),
    tiles: null,
  };
}

/** Arranges tiles in a sheet that is about square. */
function sheetOf(name: string, { width: across, height: down, groups, rows }: Tiles): PreviewPicture {
  const factor = Math.max(1, Math.ceil(Math.max(across, down) / largestTile));
  const [width, height] = [Math.floor(across / factor), Math.floor(down / factor)];
  const count = Math.min(groups.length, mostTiles);
  const columns = Math.min(count, Math.ceil(Math.sqrt((count * rows * height) / width)));
  const lines = Math.ceil(count / columns);
  const sheet = { width: columns * (width + 1) - 1, height: lines * rows * (height + 1) - 1 };
  const rgb = new Uint8Array(sheet.width * sheet.height * 3);
  for (const [i, group] of groups.slice(0, count).entries()) {
    for (let row = 0; row < rows; row++) {
      const data = group.subarray(row * across * down * 3, (row + 1) * across * down * 3);
      const tile = shrunkBy(factor, { width: across, height: down, channels: 3, data });
      const top = (Math.floor(i / columns) * rows + row) * (height + 1);
      for (let y = 0; y < height; y++) {
        const line = tile.rgb.subarray(y * width * 3, (y + 1) * width * 3);
        rgb.set(line, ((top + y) * sheet.width + (i % columns) * (width + 1)) * 3);
      }
    }
  }
  return { name, ...sheet, rgb, tiles: { count, columns, width, height, rows } };
}

/** Averages blocks of pixels. */
function shrunkBy(factor: number, { width, height, channels, data }: Pixels): Omit<PreviewPicture, 'name' | 'tiles'> {
  const [across, down] = [Math.floor(width / factor), Math.floor(height / factor)];
  const rgb = new Uint8Array(across * down * 3);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) {
            sum +=
              data[((y * factor + dy) * width + x * factor + dx) * channels + Math.min(channel, channels - 1)] ?? 0;
          }
        }
        rgb[(y * across + x) * 3 + channel] = Math.round(sum / (factor * factor));
      }
    }
  }
  return { width: across, height: down, rgb };
}
