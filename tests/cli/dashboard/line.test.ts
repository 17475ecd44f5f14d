import { describe, expect, it } from 'vitest';
import { span, toText, widthOf, wrapped } from '../../../src/cli/dashboard/view/line.js';

function rows(text: string, width: number, indent = 2): readonly string[] {
  return wrapped([span(text)], width, indent).map(toText);
}

describe('a line that is too long', () => {
  it('goes on between words, below', () => {
    expect(rows('short', 10)).toEqual(['short']);
    expect(rows('four words of text', 11)).toEqual(['four words ', '  of text']);
  });

  it('is broken within a word that is longer than a row', () => {
    expect(rows('hash 0123456789abcdef', 10)).toEqual(['hash ', '  01234567', '  89abcdef']);
  });

  it('keeps the looks of its parts', () => {
    const [first, second] = wrapped([span('name ', { fg: 'muted' }), span('a value of words')], 13, 5);
    expect(first?.map(({ look }) => look.fg)).toEqual(['muted', undefined]);
    expect(toText(second ?? [])).toBe('     of words');
  });

  it('is never wider than it may be', () => {
    for (let width = 1; width < 30; width++) {
      for (const line of wrapped([span(' 漢字 and 漢字漢字漢字 and-words-without-a-blank and more')], width, 18)) {
        expect(widthOf(line)).toBeLessThanOrEqual(Math.max(2, width));
      }
    }
  });
});
