import type { DrawnFigure } from '../runtime/figures/figure.js';
import type { Words } from '../words/word.js';

/** A decoded picture: three bytes or more per pixel, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
}

/** The tiles of a figure, without the lines between them and the text beside them. */
export interface Tiles {
  /** Width of a tile, in pixels of its image. */
  readonly width: number;
  readonly height: number;
  /** Tiles that belong together, top to bottom: an example, its input, its reconstruction. */
  readonly groups: readonly Uint8Array[];
  /** Tiles per group. */
  readonly rows: number;
}

interface Span {
  readonly from: number;
  readonly length: number;
}

const black = 0;
const white = 255;
/** Widest margin beside a figure's last tile. */
const widestMargin = 12;

/** Finds the figure word of a picture. @param name `filters(code)` */
export function figureNamed(name: string, words: Words): DrawnFigure | undefined {
  return words.find('figure', name.replace(/\(.*/s, ''));
}

/**
 * Finds the tiles of a figure by the blank space between them. Null for a figure without tiles, or if they cannot be
 * distinguished from the background.
 *
 * @param name `filters(code)`
 */
export function tilesOf(name: string, picture: Pixels, words: Words): Tiles | null {
  const style = figureNamed(name, words)?.tiles;
  if (!style) return null;
  const colour = style.paper === 'black' ? black : white;
  const isPaper = (x: number, y: number) => {
    const at = (y * picture.width + x) * picture.channels;
    return picture.data[at] === colour && picture.data[at + 1] === colour && picture.data[at + 2] === colour;
  };
  const all = { from: 0, length: picture.height };
  const columns = rightmostAlike(spans(picture.width, (x) => blank(all, (y) => isPaper(x, y))));
  const [left, right] = [columns[0]?.from ?? 0, end(columns.at(-1))];
  const across = { from: left, length: right - left };
  const lines = spans(picture.height, (y) => blank(across, (x) => isPaper(x, y)));
  const [width = 0, height = 0] = [columns[0]?.length, lines[0]?.length];
  if (
    width === 0 ||
    height === 0 ||
    picture.width - right > widestMargin ||
    lines.some(({ length }) => length !== height)
  )
    return null;

  const rows = style.grouped ? linesOfBlock(lines) : 1;
  if (lines.length % rows !== 0) return null;
  const places = lines.flatMap((_, i) =>
    i % rows === 0 ? columns.map((column) => ({ column, block: lines.slice(i, i + rows) })) : [],
  );
  const used = places.filter(
    ({ column, block: [first] }) => first && !blank(column, (x) => blank(first, (y) => isPaper(x, y))),
  );
  const scale = scaleOf(picture, used[0]?.column, used[0]?.block[0]);
  const size = { width: width / scale, height: height / scale };
  const groups = used.map(({ column, block }) =>
    Uint8Array.from(block.flatMap((line) => pixelsOf(picture, column.from, line.from, size, scale))),
  );
  return { ...size, groups, rows };
}

/** Stretches that are not blank. */
function spans(length: number, isBlank: (at: number) => boolean): readonly Span[] {
  const found: { from: number; length: number }[] = [];
  let open = false;
  for (let at = 0; at < length; at++) {
    const full = !isBlank(at);
    const last = found.at(-1);
    if (full && open && last) last.length++;
    else if (full) found.push({ from: at, length: 1 });
    open = full;
  }
  return found;
}

function blank({ from, length }: Span, isPaper: (at: number) => boolean): boolean {
  for (let at = from; at < from + length; at++) if (!isPaper(at)) return false;
  return true;
}

function end(span: Span | undefined): number {
  return span === undefined ? 0 : span.from + span.length;
}

/** From the right, spans of equal width and distance; text is to the left of them. */
function rightmostAlike(all: readonly Span[]): readonly Span[] {
  const last = all.at(-1);
  const gap = last ? last.from - end(all.at(-2)) : 0;
  const first = all.findLastIndex(({ length, from }, i) => {
    const next = all[i + 1];
    return length !== last?.length || (next !== undefined && next.from - from - length !== gap);
  });
  return all.slice(first + 1);
}

/** How many lines have the distance of the first two. */
function linesOfBlock(lines: readonly Span[]): number {
  const gap = (i: number) => (lines[i]?.from ?? Number.POSITIVE_INFINITY) - end(lines[i - 1]);
  const further = lines.findIndex((_, i) => i > 0 && gap(i) > gap(1));
  return further < 0 ? lines.length : further;
}

/** Figure pixels per image pixel: the largest uniform squares that make up the tile. */
function scaleOf(picture: Pixels, across: Span | undefined, down: Span | undefined): number {
  if (!across || !down) return 1;
  const colour = (x: number, y: number) => {
    const at = ((down.from + y) * picture.width + across.from + x) * picture.channels;
    return `${picture.data[at]} ${picture.data[at + 1]} ${picture.data[at + 2]}`;
  };
  for (let scale = Math.min(across.length, down.length); scale > 1; scale--) {
    if (across.length % scale !== 0 || down.length % scale !== 0) continue;
    let uniform = true;
    for (let y = 0; y < down.length && uniform; y++) {
      for (let x = 0; x < across.length && uniform; x++) {
        uniform = colour(x, y) === colour(x - (x % scale), y - (y % scale));
      }
    }
    if (uniform) return scale;
  }
  return 1;
}

function pixelsOf(
  { width, channels, data }: Pixels,
  left: number,
  top: number,
  size: { readonly width: number; readonly height: number },
  scale: number,
): readonly number[] {
  const pixels: number[] = [];
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = ((top + y * scale) * width + left + x * scale) * channels;
      pixels.push(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
    }
  }
  return pixels;
}
