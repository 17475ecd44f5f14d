import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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
