import type { PreviewPicture } from '../../../api/events.js';
import type { Rgb } from '../../../api/figures.js';
import { type Line, plain, type Span } from './line.js';
import type { Theme } from './theme.js';

/** Shades for terminals without colour, dark to light. */
const shades = [' ', '░', '▒', '▓', '█'] as const;

/** Draws a picture in at most `columns`×`rows` cells of two square pixels each, keeping its proportions. */
export function halfBlocks(picture: PreviewPicture, columns: number, rows: number, theme: Theme): readonly Line[] {
  const scale = scaleOf(picture, columns, rows * 2);
  const width = Math.max(1, Math.min(columns, Math.round(picture.width * scale)));
  const height = Math.max(1, Math.min(rows * 2, Math.round(picture.height * scale)));
  const at = scaledPixels(picture, width, height);
  return Array.from({ length: Math.ceil(height / 2) }, (_, row) => {
    const spans: Span[] = [];
    for (let x = 0; x < width; x++) {
      const upper = at(x, row * 2);
      // With an odd height, the last cell is half empty.
      const lower = row * 2 + 1 < height ? at(x, row * 2 + 1) : null;
      if (!theme.colour) spans.push({ text: shade(upper, lower ?? upper), look: plain });
      else spans.push({ text: '▀', look: lower === null ? { fg: upper } : { fg: upper, bg: lower } });
    }
    return merged(spans);
  });
}

/** The scale of a picture; integer when enlarging, so that its pixels stay equal in size. */
function scaleOf({ width, height }: PreviewPicture, across: number, down: number): number {
  const most = Math.min(across / Math.max(1, width), down / Math.max(1, height));
  return most >= 1 ? Math.floor(most) : most;
}

/** Averages pixels when shrinking; takes the nearest when enlarging. */
function scaledPixels(
  { width, height, rgb }: PreviewPicture,
  across: number,
  down: number,
): (x: number, y: number) => Rgb {
  return (x, y) => {
    const [left, right] = [Math.floor((x * width) / across), Math.max(1, Math.ceil(((x + 1) * width) / across))];
    const [top, bottom] = [Math.floor((y * height) / down), Math.max(1, Math.ceil(((y + 1) * height) / down))];
    let [red, green, blue, count] = [0, 0, 0, 0];
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const i = (row * width + column) * 3;
        red += rgb[i] ?? 0;
        green += rgb[i + 1] ?? 0;
        blue += rgb[i + 2] ?? 0;
        count++;
      }
    }
    const n = Math.max(1, count);
    return [Math.round(red / n), Math.round(green / n), Math.round(blue / n)];
  };
}

function shade(upper: Rgb, lower: Rgb): string {
  const light = (upper[0] + upper[1] + upper[2] + lower[0] + lower[1] + lower[2]) / (6 * 255);
  return shades[Math.min(4, Math.floor(light * 5))] ?? ' ';
}

/** Merges neighbours with the same look, to save escape sequences. */
function merged(spans: readonly Span[]): Line {
  const result: Span[] = [];
  for (const { text, look } of spans) {
    const last = result.at(-1);
    if (last && String(last.look.fg) === String(look.fg) && String(last.look.bg) === String(look.bg)) {
      result[result.length - 1] = { text: last.text + text, look };
    } else result.push({ text, look });
  }
  return result;
}
