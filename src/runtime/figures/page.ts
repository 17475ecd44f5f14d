import { ink, toCss } from './colour.js';
import type { Raster } from './raster.js';
import { type SvgElement, serializeSvg, svgElement } from './svg.js';

export interface TextStyle {
  /** Pixels. */
  readonly size: number;
  readonly weight: 400 | 600;
  readonly anchor: 'start' | 'middle' | 'end';
}

export const bodyText: TextStyle = { size: 13, weight: 400, anchor: 'start' };
export const titleText: TextStyle = { size: 17, weight: 600, anchor: 'start' };
export const panelTitleText: TextStyle = { size: 13, weight: 600, anchor: 'start' };

/** Distance from the middle of a line of text down to its baseline, for centring text on a tick. */
export function baselineShift({ size }: TextStyle): number {
  return size * 0.35;
}

/** A line of text with its baseline at y. */
export function textLine(
  content: string,
  x: number,
  y: number,
  { size, weight, anchor }: TextStyle,
  attributes: Readonly<Record<string, string | number>> = {},
): SvgElement {
  const style = { x, y, 'font-size': size, 'font-weight': weight, 'text-anchor': anchor, fill: toCss(ink) };
  return svgElement('text', { ...style, ...attributes }, content);
}

/** Truncates to `length` characters, ending in an ellipsis. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Renders the elements on a white background. */
export async function renderPage(width: number, height: number, elements: readonly SvgElement[]): Promise<Raster> {
  const { openSvg } = await import('./resvg.js');
  const paper = svgElement('rect', { width, height, fill: '#fff' });
  const document = openSvg(serializeSvg(root(width, height, [paper, ...elements])));
  const image = document.render();
  const pixels = withoutAlpha(image.pixels);
  image.free();
  document.free();
  return { width, height, pixels };
}

/**
 * Like {@link renderPage}, but as an SVG document with a style sheet for its fonts; without it viewers substitute a
 * similar font.
 * @param title read out by screen readers, and shown by browsers as a tooltip
 */
export function writePage(
  width: number,
  height: number,
  elements: readonly SvgElement[],
  fonts: string,
  title: string | null = null,
): string {
  const paper = svgElement('rect', { width, height, fill: '#fff' });
  const sheet = svgElement('style', {}, fonts);
  const named = title === null ? [] : [svgElement('title', {}, title)];
  const { name, attributes, children } = root(width, height, [...named, sheet, paper, ...elements]);
  const family = "'Public Sans', 'Segoe UI', Helvetica, Arial, sans-serif";
  const all = { ...attributes, viewBox: `0 0 ${width} ${height}`, 'font-family': family };
  return serializeSvg(svgElement(name, all, ...children));
}

/** Width of the widest text in pixels; 0 if nothing is visible. */
export async function measureWidest(texts: readonly string[], style: TextStyle): Promise<number> {
  const { openSvg } = await import('./resvg.js');
  const lines = texts.map((content) => textLine(content, 0, 0, { ...style, anchor: 'start' }));
  const document = openSvg(serializeSvg(root(100, 100, lines)));
  const box = document.getBBox();
  const right = box ? box.x + box.width : 0;
  box?.free();
  document.free();
  return Math.ceil(right);
}

function root(width: number, height: number, elements: readonly SvgElement[]): SvgElement {
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', width, height, 'font-family': 'Public Sans' };
  return svgElement('svg', attributes, ...elements);
}

/** Drops the alpha channel, which is 255 everywhere on an opaque page. */
function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    for (let channel = 0; channel < 3; channel++) rgb[to + channel] = rgba[from + channel] ?? 0;
  }
  return rgb;
}
