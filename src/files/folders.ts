import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemCode } from './system-error.js';

/**
 * Makes a folder and those above it that are missing. `mkdirSync` with `recursive` never returns where the file system
 * answers that the parent is missing though it exists, as `/proc` does.
 *
 * @throws the system's error
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  while (statSync(at, { throwIfNoEntry: false }) === undefined && dirname(at) !== at) {
    missing.push(at);
    at = dirname(at);
  }
  if (missing.length === 0 && !statSync(at).isDirectory()) mkdirSync(at);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process was as quick.
      if (systemCode(error) !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
    }
  }
}

/**
 * The files below a folder, by their paths relative to it with `/` between the parts, sorted. Hidden folders, `node_modules`
 * and symbolic links are passed over.
 *
 * @param endings of the names that are wanted
 * @throws the system's error where a folder cannot be read
 */
export function filesBelow(folder: string, endings: readonly string[]): readonly string[] {
  const found: string[] = [];
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      const isPassedOver = entry.name === 'node_modules' || entry.name.startsWith('.');
      if (entry.isDirectory() && !isPassedOver) waiting.push(path);
      if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
    }
  }
  return found.sort();
}
