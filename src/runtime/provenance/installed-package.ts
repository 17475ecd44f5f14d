import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { object, readJsonFile, text } from '../formats/json.js';

/** Folder of this package: the nearest one above this file with a `package.json`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

export function installedVersion(): string {
  return readJsonFile(object({ version: text }), join(packageRoot(), 'package.json'), mostManifestBytes).version;
}

/** Size limit of a `package.json`. */
export const mostManifestBytes = 2 ** 20;
