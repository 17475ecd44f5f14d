/**
 * The renderer and its fonts, loaded when this module is first imported; callers use `import()`, so that a program that
 * draws nothing does not pay for it. Both are bundled, because a platform's own renderer and fonts give different
 * pixels on another machine.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { readFonts } from './fonts.js';

const { resolve } = createRequire(import.meta.url);

/** Sets how much work a WebAssembly function does before V8 optimises it. */
const setPatience = (budget: number) => setFlagsFromString(`--wasm-tiering-budget=${budget}`);

// Optimising the renderer takes several times as long as drawing a run's few pictures, and 80 MB. The budget in effect
// when a module is created applies to it; later modules get V8's default.
setPatience(1_000_000_000);
await initWasm(await readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));
setPatience(1_800_000);

const fontBuffers = [...(await readFonts())];

export function openSvg(svg: string): InstanceType<typeof Resvg> {
  return new Resvg(svg, { font: { fontBuffers, defaultFontFamily: 'Public Sans' } });
}
