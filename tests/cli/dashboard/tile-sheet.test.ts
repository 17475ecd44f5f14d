import { describe, expect, it } from 'vitest';
import { laidOut, tileLayout } from '../../../src/cli/dashboard/drawing/tile-sheet.js';
import type { PreviewTiles } from '../../../src/runtime/events.js';

const tiles: PreviewTiles = { count: 16, columns: 4, width: 10, height: 10, rows: 2 };

describe('tiles on a surface', () => {
  it('are all as large as they fit, by whole numbers', () => {
    expect(tileLayout(tiles, 200, 200)).toMatchObject({ scale: 3, columns: 6, shown: 16 });
  });

  it('are as many as fit pixel by pixel where not all do', () => {
    expect(tileLayout(tiles, 76, 30)).toEqual({ scale: 1, columns: 7, lines: 1, shown: 7 });
  });

  it('are shrunk where only a few would be seen', () => {
    const layout = tileLayout(tiles, 40, 36);
    expect(layout.scale).toBeLessThan(1);
    expect(layout.shown).toBeGreaterThanOrEqual(6);
  });

  it('keep their pixels when they are laid out anew', () => {
    const small: PreviewTiles = { count: 3, columns: 2, width: 2, height: 1, rows: 1 };
    // Two tiles and one below, with a line of one pixel between them.
    const pixels = [1, 2, 0, 3, 4, 0, 0, 0, 0, 0, 5, 6, 0, 0, 0];
    const rgb = Uint8Array.from(pixels.flatMap((value) => [value, value, value]));
    const picture = { name: 'p', width: 5, height: 3, rgb, tiles: small };
    const sheet = laidOut(picture, small, tileLayout(small, 8, 1));
    expect(sheet).toMatchObject({ width: 8, height: 1, tiles: null });
    expect(Array.from(sheet?.rgb ?? []).filter((_, i) => i % 3 === 0)).toEqual([1, 2, 0, 3, 4, 0, 5, 6]);
    expect(laidOut(picture, small, tileLayout(small, 0, 0))).toBeNull();
  });
});
