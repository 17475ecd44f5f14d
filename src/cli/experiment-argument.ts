import { existsSync } from 'node:fs';
import { readSourceFile } from '../api/world.js';
import { splitReference } from '../compiler/resolve/resolve.js';
import type { Source } from '../compiler/syntax/source.js';
import { exitCodes, Failure } from './failure.js';

/** The experiment that `FILE` or `FILE:name` means. */
export interface ExperimentArgument {
  readonly source: Source;
  readonly name: string | null;
}

/** @throws Failure when the file cannot be read */
export function readExperimentArgument(argument: string): ExperimentArgument {
  const [path, name] = existsSync(argument) ? [argument, null] : splitReference(argument);
  const source = readSourceFile(path);
  if ('problem' in source) {
    throw new Failure(exitCodes.environment, `cannot read '${path}': ${source.problem}`, hintFor(path));
  }
  return { source, name };
}

function hintFor(path: string): string | null {
  if (!path.endsWith('.ae') && existsSync(`${path}.ae`)) return `did you mean '${path}.ae'?`;
  const inExperiments = `experiments/${path.endsWith('.ae') ? path : `${path}.ae`}`;
  return existsSync(inExperiments) ? `did you mean '${inExperiments}'?` : null;
}
