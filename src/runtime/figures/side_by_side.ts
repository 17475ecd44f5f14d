import { decode, encode } from 'fast-png';

/** Pixels between the two pictures. */
const gap = 12;

/**
 * Two pictures beside each other, at the top of a white page.
 * @param left, right PNG files of 8 bits a channel
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
          // Grey pictures have one channel for all three colours.
          data[to + channel] = picture.data[from + (picture.channels < 3 ? 0 : channel)] ?? 255;
        }
      }
    }
    offset += picture.width + gap;
  }
  return encode({ width, height, data, channels: 3, depth: 8 });
}
