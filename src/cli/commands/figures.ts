import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes, Failure } from '../failure.js';
import { withResults } from '../results.js';

export interface FiguresOptions {
  readonly db: string;
  readonly output: string;
}

/** Writes the pictures that a run made, by their names in the experiment. */
export function figures(console: Console, id: string, options: FiguresOptions): Promise<ExitCode> {
  return withResults(options.db, (store) => {
    const run = store.findRun(id);
    const pictures = store.listFiles(run.id, 'figure');
    if (pictures.length === 0) {
      throw new Failure(
        exitCodes.environment,
        `${run.id} has no pictures`,
        'the experiment names them: show { filters(code) }',
      );
    }
    for (const picture of pictures) {
      const path = writeFigure(options.output, `${run.id}-${picture.name}`, store.readFile(picture));
      console.out(`${path}\n`);
    }
    return exitCodes.ok;
  });
}

/** @throws Failure when the folder cannot be written */
export function writeFigure(folder: string, name: string, png: Uint8Array): string {
  const path = join(folder, `${fileName(name)}.png`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, png);
  } catch (error) {
    throw new Failure(
      exitCodes.environment,
      `cannot write '${path}': ${error instanceof Error ? error.message : error}`,
    );
  }
  return path;
}

/** `filters(code)` → `filters-code` */
function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '');
}
