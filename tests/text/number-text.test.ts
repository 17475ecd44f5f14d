import { expect, it } from 'vitest';
import { groupedText } from '../../src/text/number-text.js';

it('groups the digits of whole numbers as English does', () => {
  for (const n of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 9_007_199_254_740_991, -999, -1000, -1_234_567]) {
    expect(groupedText(n)).toBe(n.toLocaleString('en'));
  }
});
