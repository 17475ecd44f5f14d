import type { PreviewPicture, PreviewTiles } from '../../../api/events.js';

/** Groups of tiles that stay visible, shrunk if necessary. */
const fewest = 6;
const largestScale = 4;
/** Sizes for shrunk tiles, in pixels. */
const shrunkSides = [24, 20, 16, 14, 12, 10, 8, 7, 6] as const;

/** The layout of tiles: their scale, and how many are side by side. */
export interface TileLayout {
  readonly scale: number;
  readonly columns: number;
  readonly lines: number;
  /** Number of groups shown. */
  readonly shown: number;
}

/**
 * Lays out all groups as large as possible; if they do not fit at full resolution, as many as do; if those are too few,
 * shrinks them.
 * @param width in square pixels
 */
export function tileLayout(tiles: PreviewTiles, width: number, height: number): TileLayout {
  const at = (scale: number) => layoutAt(tiles, scale, width, height);
  for (let scale = largestScale; scale > 1; scale--) {
    const layout = at(scale);
    if (layout.shown === tiles.count) return layout;
  }
  const side = Math.max(tiles.width, tiles.height);
  const scales = [1, ...shrunkSides.filter((shrunk) => shrunk < side).map((shrunk) => shrunk / side)];
  const layouts = scales.map(at);
  const enough = layouts.find(({ shown }) => shown >= Math.min(fewest, tiles.count));
  return enough ?? layouts.reduce((most, layout) => (layout.shown > most.shown ? layout : most));
}

/** Rearranges the tiles of a picture; null if none fits. */
export function laidOut(picture: PreviewPicture, tiles: PreviewTiles, layout: TileLayout): PreviewPicture | null {
  const { scale, columns, lines, shown } = layout;
  if (shown === 0) return null;
  const tile = drawn(tiles, scale);
  const sheet = { width: columns * (tile.width + 1) - 1, height: lines * tiles.rows * (tile.height + 1) - 1 };
  const rgb = new Uint8Array(sheet.width * sheet.height * 3);
  for (let i = 0; i < shown * tiles.rows; i++) {
    const [group, row] = [Math.floor(i / tiles.rows), i % tiles.rows];
    const from = placeOf(group, row, tiles.columns, tiles.rows, tiles);
    const to = placeOf(group, row, columns, tiles.rows, tile);
    for (let y = 0; y < tile.height; y++) {
      for (let x = 0; x < tile.width; x++) {
        const left = from.x + (x * tiles.width) / tile.width;
        const top = from.y + (y * tiles.height) / tile.height;
        const mean = meanOf(
          picture,
          left,
          top,
          Math.max(1, tiles.width / tile.width),
          Math.max(1, tiles.height / tile.height),
        );
        rgb.set(mean, ((to.y + y) * sheet.width + to.x + x) * 3);
      }
    }
  }
  return { name: picture.name, ...sheet, rgb, tiles: null };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function layoutAt(tiles: PreviewTiles, scale: number, width: number, height: number): TileLayout {
  const tile = drawn(tiles, scale);
  const across = Math.max(0, Math.floor((width + 1) / (tile.width + 1)));
  const down = Math.max(0, Math.floor((height + 1) / (tiles.rows * (tile.height + 1))));
  const shown = Math.min(tiles.count, across * down);
  const columns = Math.min(across, shown);
  return { scale, columns, lines: columns === 0 ? 0 : Math.ceil(shown / columns), shown };
}

function drawn({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function placeOf(group: number, row: number, columns: number, rows: number, { width, height }: Size) {
  return { x: (group % columns) * (width + 1), y: (Math.floor(group / columns) * rows + row) * (height + 1) };
}

function meanOf(
  { width, rgb }: PreviewPicture,
  left: number,
  top: number,
  across: number,
  down: number,
): readonly number[] {
  const sums = [0, 0, 0];
  let count = 0;
  for (let y = Math.floor(top); y < Math.ceil(top + down - 1e-9); y++) {
    for (let x = Math.floor(left); x < Math.ceil(left + across - 1e-9); x++) {
      for (let i = 0; i < 3; i++) sums[i] = (sums[i] ?? 0) + (rgb[(y * width + x) * 3 + i] ?? 0);
      count++;
    }
  }
  return sums.map((sum) => Math.round(sum / Math.max(1, count)));
}
