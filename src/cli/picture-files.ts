import { join } from 'node:path';
import { writeOutputInFolder } from './writing-files.js';

/** @throws Failure if the folder cannot be written */
export function writeFigure(folder: string, name: string, png: Uint8Array): string {
  return write(folder, `${fileName(name)}.png`, png);
}

/** @throws Failure if the folder cannot be written */
export function writeChart(folder: string, name: string, svg: string): string {
  return write(folder, `${fileName(name)}.svg`, svg);
}

function write(folder: string, file: string, content: Uint8Array | string): string {
  const path = join(folder, file);
  writeOutputInFolder(path, content);
  return path;
}

/** `filters(code)` → `filters-code` */
function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '');
}
