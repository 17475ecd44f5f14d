import { axisColour, gridColour } from './axes.js';
import { ink, toCss } from './colour.js';
import { fontFaces } from './fonts.js';
import { renderPage, writePage } from './page.js';
import { encodePng } from './raster.js';
import { type SvgElement, serializeSvg, svgElement } from './svg.js';

/** A chart not yet encoded as a PNG, as an SVG file, or into a page. */
export interface Chart {
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly elements: readonly SvgElement[];
}

export async function chartPng({ width, height, elements }: Chart): Promise<Uint8Array> {
  return encodePng(await renderPage(width, height, elements));
}

/** An SVG document on a white background with embedded fonts. */
export async function chartSvg({ width, height, elements }: Chart): Promise<string> {
  return writePage(width, height, elements, await fontFaces());
}

/**
 * An `svg` element for a page. Text, axes and grid take their colours from the page's `--chart-ink`, `--chart-axis` and
 * `--chart-grid` if defined, so that they show on a dark page too; the background is transparent.
 */
export function chartInPage({ title, width, height, elements }: Chart): string {
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title };
  return serializeSvg(svgElement('svg', attributes, ...elements.map(withPageColours)));
}

const pageColours: Readonly<Record<string, string>> = {
  [toCss(ink)]: `var(--chart-ink, ${toCss(ink)})`,
  [axisColour]: `var(--chart-axis, ${axisColour})`,
  [gridColour]: `var(--chart-grid, ${gridColour})`,
};

function withPageColours({ name, attributes, children }: SvgElement): SvgElement {
  const coloured = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => {
      const isColour = key === 'fill' || key === 'stroke';
      return [key, isColour && typeof value === 'string' ? (pageColours[value] ?? value) : value];
    }),
  );
  const inside = children.map((child) => (typeof child === 'string' ? child : withPageColours(child)));
  return svgElement(name, coloured, ...inside);
}
