/**
 * The renderer and its fonts, loaded when this module is first imported, which callers do by `import()` so that a program
 * that draws nothing does not pay for it. A renderer in WebAssembly and fonts of our own, because those of the platform
 * give other pixels on another machine.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { readFonts } from './fonts.js';

const { resolve } = createRequire(import.meta.url);

/** How much a function of WebAssembly computes before V8 optimises it. */
const setPatience = (budget: number) => setFlagsFromString(`--wasm-tiering-budget=${budget}`);

// Optimising the renderer takes several times as long as a run's few pictures, and 80 MB. Its functions have the patience of
// the moment when it is made; what is made later has V8's usual one.
setPatience(1_000_000_000);
await initWasm(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));
setPatience(1_800_000);

const fontBuffers = [...(await readFonts())];

export function openSvg(svg: string): InstanceType<typeof Resvg> {
  return new Resvg(svg, { font: { fontBuffers, defaultFontFamily: 'Public Sans' } });
}
