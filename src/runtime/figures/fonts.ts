import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** Regular and semibold: all text in figures uses one of them. */
const weights = [400, 600] as const;

/** WOFF2 fonts for measuring and drawing text in figures. */
export function readFonts(): Promise<readonly Uint8Array[]> {
  return Promise.all(weights.map((weight) => readFile(fileOf(weight))));
}

/** The same fonts as a style sheet, so that a page or an SVG shows them even if they are not installed. */
export async function fontFaces(): Promise<string> {
  const fonts = await readFonts();
  return fonts
    .map((bytes, i) => {
      const source = `url(data:font/woff2;base64,${Buffer.from(bytes).toString('base64')}) format('woff2')`;
      return `@font-face{font-family:'Public Sans';font-weight:${weights[i]};src:${source}}`;
    })
    .join('\n');
}

function fileOf(weight: (typeof weights)[number]): string {
  return resolve(`@fontsource/public-sans/files/public-sans-latin-${weight}-normal.woff2`);
}
