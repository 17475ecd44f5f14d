import type { PreviewPicture } from '../../../api/events.js';
import type { Cells } from './graphics.js';

/** Palette levels of red, green and blue: 6×7×6 of at most 256 colours. */
const levels = [6, 7, 6] as const;

/**
 * Encodes a picture as Sixels (DEC STD 070) within the given cells: bands of six rows, with one run-length coded row of
 * six-bit columns per colour.
 */
export function sixelSequence(
  picture: PreviewPicture,
  { width: columns, height: rows }: Cells,
  cell: { readonly cellWidth: number; readonly cellHeight: number },
): string {
  const scale = Math.min((columns * cell.cellWidth) / picture.width, (rows * cell.cellHeight) / picture.height);
  const [width, height] = [
    Math.max(1, Math.floor(picture.width * scale)),
    Math.max(1, Math.floor(picture.height * scale)),
  ];
  const colours = new Uint8Array(width * height);
  const used = new Set<number>();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / scale), Math.floor(y / scale)];
      const colour = quantized(picture, Math.min(picture.width - 1, column), Math.min(picture.height - 1, row));
      colours[y * width + x] = colour;
      used.add(colour);
    }
  }
  const palette = [...used].map((colour) => `#${colour};2;${percentages(colour).join(';')}`).join('');
  const bands = Array.from({ length: Math.ceil(height / 6) }, (_, band) => bandText(colours, width, height, band * 6));
  return `\x1bPq"1;1;${width};${height}${palette}${bands.join('-')}\x1b\\`;
}

function quantized({ width, rgb }: PreviewPicture, x: number, y: number): number {
  const at = (y * width + x) * 3;
  return levels.reduce((colour, count, i) => colour * count + Math.round(((rgb[at + i] ?? 0) / 255) * (count - 1)), 0);
}

function percentages(colour: number): readonly number[] {
  const [reds, greens, blues] = levels;
  const parts = [
    Math.floor(colour / (greens * blues)) / (reds - 1),
    (Math.floor(colour / blues) % greens) / (greens - 1),
    (colour % blues) / (blues - 1),
  ];
  return parts.map((part) => Math.round(part * 100));
}

function bandText(colours: Uint8Array, width: number, height: number, top: number): string {
  const masks = new Map<number, Uint8Array>();
  for (let row = 0; row < Math.min(6, height - top); row++) {
    for (let x = 0; x < width; x++) {
      const colour = colours[(top + row) * width + x] ?? 0;
      const mask = masks.get(colour) ?? new Uint8Array(width);
      mask[x] = (mask[x] ?? 0) | (1 << row);
      masks.set(colour, mask);
    }
  }
  return [...masks].map(([colour, mask]) => `#${colour}${runs(mask)}`).join('$');
}

function runs(mask: Uint8Array): string {
  let text = '';
  for (let x = 0; x < mask.length; ) {
    const value = mask[x] ?? 0;
    let length = 1;
    while (x + length < mask.length && mask[x + length] === value) length++;
    const character = String.fromCharCode(63 + value);
    text += length > 3 ? `!${length}${character}` : character.repeat(length);
    x += length;
  }
  return text;
}
