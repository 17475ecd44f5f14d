import { describe, expect, it } from 'vitest';
import { fitted, span, spread, toAnsi, widthOf } from '../../../src/cli/dashboard/drawing/line.js';
import { themeOf } from '../../../src/cli/dashboard/drawing/theme.js';
import { toText } from './screens.js';

describe('a line', () => {
  it('is as wide as it is made, whatever its characters take', () => {
    const line = [span('漢字 and '), span('🙂 x', { fg: 'muted' })];
    for (let width = 1; width < 20; width++) {
      expect(widthOf(fitted(line, width))).toBeLessThanOrEqual(width);
      if (width >= widthOf(line)) expect(widthOf(fitted(line, width, 'end'))).toBe(width);
    }
    expect(toText(fitted(line, 6))).toBe('漢字 …');
  });

  it('has two ends', () => {
    expect(toText(spread([span('left')], [span('right')], 14))).toBe('left     right');
    expect(toText(spread([span('a long left')], [span('right')], 14))).toBe('a long l…right');
  });

  it('is written with as few escape sequences as show its looks', () => {
    const theme = themeOf({ COLORTERM: 'truecolor' }, true);
    const blue = { fg: [0, 0, 255] } as const;
    expect(toAnsi([span('a', blue), span(' '), span('b', blue), span('c', { ...blue, bold: true })], theme, 9)).toBe(
      '\x1b[38;2;0;0;255ma b\x1b[1mc\x1b[0m',
    );
    expect(toAnsi([span('a', { ...blue, bold: true }), span('b', blue), span('  ')], theme, 9)).toBe(
      '\x1b[1m\x1b[38;2;0;0;255ma\x1b[0m\x1b[38;2;0;0;255mb\x1b[0m',
    );
  });

  it('keeps the ground of its blanks', () => {
    const theme = themeOf({ COLORTERM: 'truecolor' }, true);
    expect(toAnsi([span('a', { bg: [1, 2, 3] }), span(' ', { bg: [1, 2, 3] }), span(' ')], theme, 9)).toBe(
      '\x1b[48;2;1;2;3ma \x1b[0m ',
    );
  });
});
