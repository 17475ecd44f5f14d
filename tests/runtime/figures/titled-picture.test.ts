import { decode, encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { serializeSvg, svgElement } from '../../../src/runtime/figures/svg.js';
import { titledChart, titledPng, titledSvg, UntitledPicture } from '../../../src/runtime/figures/titled-picture.js';

const pixels = (width: number, height: number) => Uint8Array.from({ length: width * height * 3 }, (_, i) => i % 251);
const picture = (width: number, height: number) =>
  encode({ width, height, data: pixels(width, height), channels: 3, depth: 8 });
const title = ['filters(code)', 'sparse', 'r3', 'epoch 15 of 15', 'seed 1'];

describe('a title', () => {
  it('stands above a picture, whose pixels stay', async () => {
    const titled = decode(await titledPng(picture(400, 20), title));
    const { width, height, data } = titled;
    expect(width).toBe(400);
    expect(Uint8Array.from(data).slice(-400 * 20 * 3)).toEqual(pixels(400, 20));
    expect([height, data[0], data[1], data[2]]).toEqual([34 + 20, 255, 255, 255]);
    const above = Uint8Array.from(data).slice(0, 400 * 34 * 3);
    expect(above.some((value) => value < 100)).toBe(true);
  });

  it('is broken between its parts over a narrow picture, which gets room for the widest', async () => {
    const { width, height } = decode(await titledPng(picture(30, 10), title));
    expect(width).toBeGreaterThan(80);
    expect(width).toBeLessThan(140);
    expect(height).toBe(16 + 5 * 18 + 10);
  });

  it('is text in SVG, whatever it is', async () => {
    const svg = await titledSvg(picture(300, 10), ['</text><script>', ...title]);
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;');
    expect(svg).not.toContain('<script');
    expect(svg).toContain(`data:image/png;base64,${Buffer.from(picture(300, 10)).toString('base64')}`);
  });

  it('stands above a chart too', async () => {
    const chart = { title: 'a', width: 400, height: 50, elements: [svgElement('circle', { r: 3 })] };
    const { width, height, elements } = await titledChart(chart, title);
    expect([width, height]).toEqual([400, 34 + 50]);
    expect(serializeSvg(svgElement('svg', {}, ...elements))).toMatch(
      /filters\(code\) · sparse · .*<g transform="translate\(0 34\)"><circle r="3">/,
    );
  });

  it('is for pictures that were drawn here', async () => {
    const grey = encode({ width: 2, height: 2, data: new Uint8Array(4), channels: 1, depth: 8 });
    const huge = Buffer.from(picture(2, 2));
    huge.writeUInt32BE(2 ** 20, 16);
    huge.writeUInt32BE(2 ** 20, 20);
    for (const bytes of [grey, huge, Buffer.from('no picture at all, just a text'), Uint8Array.of(1)]) {
      await expect(titledPng(bytes, title)).rejects.toBeInstanceOf(UntitledPicture);
    }
  });
});
