import { bodyText, renderPage, textLine } from './page.js';
import { encodePng } from './raster.js';

/** A small picture with a line of text, in place of an empty figure. */
export async function drawNotice(text: string): Promise<Uint8Array> {
  const width = 560;
  const height = 80;
  return encodePng(await renderPage(width, height, [textLine(text, width / 2, 45, { ...bodyText, anchor: 'middle' })]));
}
