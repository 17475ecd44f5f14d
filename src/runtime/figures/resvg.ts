/**
 * The renderer and its fonts, loaded when this module is first imported, which callers do by `import()` so that a program
 * that draws nothing does not pay for it. A renderer in WebAssembly and fonts of our own, because those of the platform
 * give other pixels on another machine.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { readFonts } from './fonts.js';

const { resolve } = createRequire(import.meta.url);

await initWasm(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));

const fontBuffers = [...(await readFonts())];

export function openSvg(svg: string): InstanceType<typeof Resvg> {
  return new Resvg(svg, { font: { fontBuffers, defaultFontFamily: 'Public Sans' } });
}
