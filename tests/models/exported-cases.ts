import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Source } from '../../src/compiler/syntax/source.js';
import { readSourceFile } from '../../src/project/world.js';
import { everyWord } from './pytorch/words.js';

/** An experiment whose model is exported. */
export interface ExportedCase {
  readonly name: string;
  readonly source: Source;
  readonly experiment: string | null;
  /** Data to take instead of its own, to be quick. */
  readonly data: string | null;
}

/** The experiments of `experiments/`, and some that have all words of the package together. */
export const exportedCases: readonly ExportedCase[] = [
  ...referenceCases(),
  ...Object.entries(everyWord).map(([name, text]): ExportedCase => {
    const source = { path: resolve(`${name}.ae`), text: `experiment ${name} {\n${text}\n}\n` };
    return { name, source, experiment: null, data: null };
  }),
];

function referenceCases(): readonly ExportedCase[] {
  return readdirSync('experiments')
    .filter((file) => file.endsWith('.ae'))
    .flatMap((file) => {
      const source = readSourceFile(join('experiments', file));
      if ('problem' in source) throw new Error(source.problem);
      const { path, text } = source;
      // Pictures and evaluations take longer than the training here.
      const bare = { path, text: text.replace(/^ *(show|evaluate) \{[^}]*\}\n/gm, '') };
      const names = [...source.text.matchAll(/^experiment (\w+)/gm)].map((match) => match[1] ?? '');
      const data = /\b(mnist|fashion_mnist)\(/.test(source.text) || /extends "/.test(source.text);
      return names.map((experiment): ExportedCase => {
        const drawn = data || file === 'first.ae' ? 'digits(take=48, test=16)' : null;
        return { name: `${file}:${experiment}`, source: bare, experiment, data: file === 'table.ae' ? null : drawn };
      });
    });
}
