import { inflateSync } from 'node:zlib';
import { decode } from 'fast-png';
import type { Chart } from './chart.js';
import { fontFaces } from './fonts.js';
import { measureWidest, panelTitleText, renderPage, textLine, writePage } from './page.js';
import { createRaster, encodePng, type Raster } from './raster.js';
import { type SvgElement, svgElement } from './svg.js';

const margin = 8;
const lineHeight = 18;

/** Most pixels of a picture that gets a title; pictures of a run have a few million. */
const mostPixels = 2 ** 24;

/** The run that a picture is of. */
interface PicturedRun {
  readonly experiment: string;
  readonly id: string;
  readonly seed: number;
  readonly stages: readonly { readonly epochs: number; readonly epochsDone: number }[];
}

/**
 * Title of a picture: its name, run, epoch and seed, as in `filters(code)`, `sparse`, `r3`, `epoch 15 of 15`, `seed 1`.
 * Pictures are drawn once training has ended, so the epoch is the last one.
 */
export function titleOfPicture({ experiment, id, seed, stages }: PicturedRun, name: string): readonly string[] {
  const last = stages.at(-1);
  const epoch = last === undefined ? [] : [`epoch ${last.epochsDone} of ${last.epochs}`];
  return [name, experiment, id, ...epoch, `seed ${seed}`];
}

/** A picture is no PNG, or is one that nothing here has drawn. */
export class UntitledPicture extends Error {
  override readonly name = 'UntitledPicture';
}

/**
 * Adds a title above a picture, whose pixels stay unchanged.
 * @param parts of the title, between which it wraps if the picture is narrow
 * @throws UntitledPicture
 */
export async function titledPng(png: Uint8Array, parts: readonly string[]): Promise<Uint8Array> {
  const picture = decoded(png);
  const { elements, width, top } = await heading(picture, parts);
  const title = await renderPage(width, top, elements);
  const whole = createRaster(width, top + picture.height, [255, 255, 255]);
  whole.pixels.set(title.pixels);
  for (let row = 0; row < picture.height; row++) {
    const line = picture.pixels.subarray(row * picture.width * 3, (row + 1) * picture.width * 3);
    whole.pixels.set(line, (top + row) * width * 3);
  }
  return encodePng(whole);
}

/** Like {@link titledPng}, as SVG: the title is text, and the pixels stay sharp at any size. */
export async function titledSvg(png: Uint8Array, parts: readonly string[]): Promise<string> {
  const picture = decoded(png);
  const { elements, width, top } = await heading(picture, parts);
  const image = svgElement('image', {
    x: 0,
    y: top,
    width: picture.width,
    height: picture.height,
    href: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    style: 'image-rendering: pixelated',
  });
  return writePage(width, top + picture.height, [...elements, image], await fontFaces());
}

/** Like {@link titledPng}, for a chart. */
export async function titledChart(chart: Chart, parts: readonly string[]): Promise<Chart> {
  const { elements, width, top } = await heading(chart, parts);
  const below = svgElement('g', { transform: `translate(0 ${top})` }, ...chart.elements);
  return { title: chart.title, width, height: top + chart.height, elements: [...elements, below] };
}

function decoded(png: Uint8Array): Raster {
  try {
    requireSize(png);
    const { width, height, channels, depth, data } = decode(png);
    if (channels !== 3 || depth !== 8) throw new RangeError('not in 8 bits of red, green and blue');
    return { width, height, pixels: Uint8Array.from(data) };
  } catch (error) {
    throw new UntitledPicture('the picture cannot be read', { cause: error });
  }
}

/** A picture may come from anybody's database, and a few bytes may inflate to gigabytes. @throws RangeError */
function requireSize(png: Uint8Array): void {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height > mostPixels) throw new RangeError(`${width}×${height} pixels`);
  const packed: Uint8Array[] = [];
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === imageData) packed.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  inflateSync(Buffer.concat(packed), { maxOutputLength: height * (3 * width + 1) });
}

/** `IDAT` */
const imageData = 0x49444154;

async function heading(picture: { readonly width: number }, parts: readonly string[]) {
  const room = picture.width - 2 * margin;
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = last === undefined ? part : `${last} · ${part}`;
    if (last === undefined || (await measureWidest([longer], panelTitleText)) <= room) lines.splice(-1, 1, longer);
    else lines.push(part);
  }
  const width = Math.max(picture.width, (await measureWidest(lines, panelTitleText)) + 2 * margin);
  const elements: readonly SvgElement[] = lines.map((line, i) =>
    textLine(line, margin, margin + 12 + i * lineHeight, panelTitleText),
  );
  return { elements, width, top: 2 * margin + lines.length * lineHeight };
}
