import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serializeSvg, svgElement } from '../../../src/runtime/figures/svg.js';

test('markup in a text or an attribute stays text', () => {
  const element = svgElement('text', { x: 1.005, title: `"'<` }, '</text><script>&amp;');
  expect(serializeSvg(element)).toBe(
    '<text x="1" title="&quot;&apos;&lt;">&lt;/text&gt;&lt;script&gt;&amp;amp;</text>',
  );
});

test('what XML 1.0 cannot hold is replaced', () => {
  expect(serializeSvg(svgElement('text', {}, 'a\u0000b\u001bc\ud800d\uffffe\tf😀'))).toBe(
    '<text>a\ufffdb\ufffdc\ufffdd\ufffde\tf😀</text>',
  );
});

test('any text comes back when its entities are replaced, and opens no element', () => {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const content = serializeSvg(svgElement('t', {}, text)).slice('<t>'.length, -'</t>'.length);
      expect(content).not.toMatch(/[<>]/);
      expect(content.replace(/&(\w+);/g, (_, name: string) => entities[name] ?? '')).toBe(text);
    }),
  );
});
