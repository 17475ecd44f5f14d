import { decode, encode } from 'fast-png';

/** Pixels between the two pictures. */
const gap = 12;

/**
 * Places two pictures next to each other, aligned at the top, on white.
 * @param left, right PNG files with 8 bits per channel
 */
export function sideBySide(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pictures = [decode(left), decode(right)] as const;
  const [a, b] = pictures;
  const width = a.width + gap + b.width;
  const height = Math.max(a.height, b.height);
  const data = new Uint8Array(width * height * 3).fill(255);
  let offset = 0;
  for (const picture of pictures) {
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const to = (y * width + offset + x) * 3;
        const from = (y * picture.width + x) * picture.channels;
        for (let channel = 0; channel < 3; channel++) {
          // A grey picture's only channel is used for all three colours.
          data[to + channel] = picture.data[from + (picture.channels < 3 ? 0 : channel)] ?? 255;
        }
      }
    }
    offset += picture.width + gap;
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}
