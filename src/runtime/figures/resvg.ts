/**
 * The renderer and its fonts, loaded when this module is first imported, which callers do by `import()` so that a program
 * that draws nothing does not pay for it. A renderer in WebAssembly and fonts of our own, because those of the platform
 * give other pixels on another machine.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const { resolve } = createRequire(import.meta.url);

async function readPackageFile(path: string): Promise<Uint8Array> {
  return readFile(resolve(path));
}

await initWasm(await readPackageFile('@resvg/resvg-wasm/index_bg.wasm'));

const fontBuffers = await Promise.all(
  [400, 600].map((weight) => readPackageFile(`@fontsource/public-sans/files/public-sans-latin-${weight}-normal.woff2`)),
);

export function openSvg(svg: string): InstanceType<typeof Resvg> {
  return new Resvg(svg, { font: { fontBuffers, defaultFontFamily: 'Public Sans' } });
}
