import { setTimeout as pause } from 'node:timers/promises';
import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { App } from '../../../src/cli/dashboard/components/app.js';
import { halfBlocks } from '../../../src/cli/dashboard/drawing/half-blocks.js';
import { type Graphics, kittySequence, understood } from '../../../src/cli/dashboard/terminal/graphics.js';
import { sixelSequence } from '../../../src/cli/dashboard/terminal/sixel.js';
import { inTheMiddle, press, toText } from './screens.js';

const red = [255, 0, 0];
const white = [255, 255, 255];
const black = [0, 0, 0];
const picture = {
  name: 'p',
  width: 2,
  height: 2,
  tiles: null,
  rgb: Uint8Array.from([...red, ...white, ...black, ...red]),
};
const rect = { width: 2, height: 1 };

describe('what a terminal answers', () => {
  it.each([
    ['\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;4c', { kind: 'kitty' }],
    ['\x1b[6;20;10t\x1b[?62;4;22c', { kind: 'sixel', cellWidth: 10, cellHeight: 20 }],
    // Sixels need the size of a cell.
    ['\x1b[?62;4;22c', { kind: 'none' }],
    ['\x1b[?1;2c', { kind: 'none' }],
    ['', { kind: 'none' }],
  ])('%j', (answer, graphics) => {
    expect(understood(answer)).toEqual({ graphics, rest: '' });
  });

  it('is told from what was typed meanwhile', () => {
    expect(understood('j\x1b[?1;2cq').rest).toBe('jq');
  });
});

describe('a picture', () => {
  it('goes to Kitty as RGB in base64', () => {
    const sequence = kittySequence(picture, rect, 7);
    expect(sequence.startsWith('\x1b_G') && sequence.endsWith('\x1b\\')).toBe(true);
    const [head = '', data = ''] = sequence.slice(3, -2).split(';');
    expect(head.split(',')).toEqual(expect.arrayContaining(['a=T', 'i=7', 'f=24', 's=2', 'v=2', 'c=2', 'r=1', 'm=0']));
    expect([...Buffer.from(data, 'base64')]).toEqual([...picture.rgb]);
  });

  it('goes to Kitty in parts of at most 4096 bytes', () => {
    const large = { name: 'l', width: 64, height: 64, tiles: null, rgb: new Uint8Array(64 * 64 * 3).fill(7) };
    const parts = kittySequence(large, rect, 7)
      .split('\x1b\\')
      .filter((part) => part !== '');
    expect(parts.every((part) => part.slice(part.indexOf(';') + 1).length <= 4096)).toBe(true);
    expect(parts.map((part) => /m=(\d)/.exec(part)?.[1])).toEqual([...new Array(parts.length - 1).fill('1'), '0']);
  });

  it('goes out as Sixels that decode to it', () => {
    const cell = { cellWidth: 2, cellHeight: 4 };
    const pixels = decodeSixel(sixelSequence(picture, rect, cell));
    // Four by four pixels: each of the picture's is two wide and two high.
    const expected = [red, red, white, white];
    expect(pixels[0]).toEqual(expected);
    expect(pixels[1]).toEqual(expected);
    expect(pixels[3]).toEqual([black, black, red, red]);
  });

  it('is drawn with two pixels in a cell', () => {
    const [line = []] = halfBlocks(picture, 2, 1, { colour: true });
    expect(line.map(({ look }) => [look.fg, look.bg])).toEqual([
      [red, black],
      [white, red],
    ]);
  });

  it('is drawn with one change of colours for neighbours that look alike', () => {
    const rgb = Uint8Array.from([...red, ...red, ...white, ...black, ...black, ...black]);
    const [line = []] = halfBlocks({ name: 'w', width: 3, height: 2, tiles: null, rgb }, 3, 1, { colour: true });
    expect(line).toEqual([
      { text: '▀▀', look: { fg: red, bg: black } },
      { text: '▀', look: { fg: white, bg: black } },
    ]);
  });

  it('is drawn in shades without colour', () => {
    const tall = {
      name: 't',
      width: 2,
      height: 2,
      tiles: null,
      rgb: Uint8Array.from([...white, ...black, ...white, ...black]),
    };
    expect(halfBlocks(tall, 2, 1, { colour: false }).map(toText)).toEqual(['█ ']);
  });
});

describe('a picture that the terminal draws', () => {
  const state = press(inTheMiddle({ columns: 100, rows: 30 }), '5');
  const app = (graphics: Graphics, shown: typeof state) =>
    createElement(App, {
      state: shown,
      theme: { colour: false },
      graphics,
      onKey: () => {},
      onScrollLimit: () => {},
    });
  // Below the header, the names of the views, the edge of the pane and the name of the picture.
  const place = '\x1b7\x1b[6;2H';

  it.each([
    [{ kind: 'kitty' }, '\x1b_Ga=T,i=', '\x1b_Ga=p,i=', '\x1b_Ga=d,d=I,i='],
    [{ kind: 'sixel', cellWidth: 8, cellHeight: 16 }, '\x1bPq', '\x1bPq', ' '],
  ] as const)(
    'is over blank cells, again after each frame, and away with its view: %j',
    async (graphics, ...drawing) => {
      const [first, again, removal] = drawing;
      const { stdout, rerender, unmount } = render(app(graphics, state));
      const written = async (change: () => void) => {
        const before = stdout.frames.length;
        change();
        await pause(30);
        return stdout.frames.slice(before).join('');
      };
      expect(await written(() => {})).toContain(`${place}${first}`);
      expect(stdout.frames[0]).toContain('filters(code)');
      expect(await written(() => rerender(app(graphics, { ...state })))).toContain(`${place}${again}`);
      const gone = await written(() => rerender(app(graphics, press(state, '7'))));
      expect(gone).toContain(removal === ' ' ? `${place}${removal}` : removal);
      expect(gone).not.toContain(first);
      unmount();
    },
  );
});

/** Rows of colours; by the definition of Sixels, for what the encoder uses of them. */
function decodeSixel(sequence: string): number[][][] {
  const body = sequence.slice(sequence.indexOf('q') + 1, -2);
  const rows: number[][][] = [];
  const palette = new Map<string, number[]>();
  let [colour, x, band]: [string, number, number] = ['', 0, 0];
  for (const [token] of body.matchAll(/"[\d;]+|#\d+(?:;[\d;]+)?|!\d+[?-~]|[?-~]|[$-]/g)) {
    if (token.startsWith('"')) continue;
    if (token === '$') x = 0;
    else if (token === '-') [x, band] = [0, band + 1];
    else if (token.startsWith('#')) {
      const [name = '', kind, ...levels] = token.slice(1).split(';');
      if (kind === '2')
        palette.set(
          name,
          levels.map((level) => Math.round(Number(level) * 2.55)),
        );
      else colour = name;
    } else {
      const count = token.startsWith('!') ? Number.parseInt(token.slice(1), 10) : 1;
      const bits = (token.codePointAt(token.length - 1) ?? 63) - 63;
      for (let i = 0; i < count; i++, x++) {
        for (let row = 0; row < 6; row++) {
          if (((bits >> row) & 1) === 0) continue;
          const y = band * 6 + row;
          rows[y] ??= [];
          const line = rows[y];
          if (line) line[x] = palette.get(colour) ?? [];
        }
      }
    }
  }
  return rows;
}
