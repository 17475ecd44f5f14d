import { decode } from 'fast-png';
import type { PreviewPicture } from '../runtime/sweep/events.js';
import type { Picture } from './pictures.js';

const mostPixels = 320;

/** At most {@link mostPixels} wide and high, each pixel the mean of those it stands for. */
export function shrunk({ name, png }: Picture): PreviewPicture {
  const { width, height, channels, data } = decode(png);
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / mostPixels));
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
  return { name, width: across, height: down, rgb };
}
