import { readFileSync } from 'node:fs';
import type { ExperimentIr } from '../../../src/compiler/ir/experiment.js';
import { compileRecipe } from '../../../src/project/recipe.js';
import { fileWorld } from '../../../src/project/world.js';
import { builtinWords } from '../../../src/words/words.js';

const path = 'tests/matrix/shortened.ae';
const text = readFileSync(path, 'utf8');

/** The reference experiments, and some with the words that those don't use. */
export const shortenedNames = [...text.matchAll(/^experiment (\w+)/gm)].map(([, name = '']) => name);

/** Those that need the data that they name: a table in a file, or features that are known. */
export const ownDataNames = [...text.matchAll(/^experiment (\w+)[^{]*\{\s*data (?:csv|synth)/gm)].map(
  ([, name = '']) => name,
);

/** One of them on drawn digits. @param data `digits(take=150, test=1)` */
export function shortened(name: string, data: string): ExperimentIr {
  const { value, diagnostics } = compileRecipe(
    { sources: [{ path, text }], experiment: name, params: [], data, epochs: null, maxSteps: null, files: {} },
    fileWorld(),
    { library: builtinWords },
  );
  if (value === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value.ir;
}
