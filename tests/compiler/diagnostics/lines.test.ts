import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lines } from '../../../src/compiler/diagnostics/lines.js';
import { positionAt } from '../../../src/compiler/syntax/source.js';

const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '\r', '\u2028', '😀') });

it('a place is found as by counting', () => {
  fc.assert(
    fc.property(text, fc.nat(60), (content, offset) => {
      const source = { path: 'a.ae', text: content };
      const within = Math.min(offset, content.length);
      expect(new Lines(source).position(within)).toEqual(positionAt(source, within));
    }),
  );
});

it('a line has the text between line ends', () => {
  fc.assert(
    fc.property(text, (content) => {
      const lines = new Lines({ path: 'a.ae', text: content });
      const split = content.split(/\r\n?|\n/);
      expect(split.map((_, i) => lines.text(i + 1))).toEqual(split);
    }),
  );
});
