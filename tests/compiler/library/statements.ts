import { type CompiledExperiment, compile } from '../../../src/compiler/compile.js';
import type { Outcome } from '../../../src/compiler/diagnostics/diagnostic.js';
import { closed } from '../../../src/compiler/ir/interval.js';
import type { DescribeFile } from '../../../src/compiler/library/data-file.js';
import type { Library } from '../../../src/compiler/library/library.js';
import { failed, ok } from '../../../src/compiler/library/word.js';
import type { World } from '../../../src/compiler/world.js';
import { builtinWords } from '../../../src/words/words.js';

/** The statements that an example of a word leaves out. */
const base = `experiment base {
  data digits(take=256, test=64)
  encoder { code: dense(32, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=0.001) { epochs = 1  batch = 64 }
}
`;

/** A file in which statements of an example replace those of a plain experiment. */
export function completed(statements: string): string {
  return `experiment example extends base {\n  ${statements}\n}\n${base}`;
}

/** Every file there is has 256 examples of 28×28, or as many labels; `no-such-file` is the only one that isn't. */
const describeFile: DescribeFile = (file) => {
  if (file.path.startsWith('no-such-file')) return failed('AE701', `cannot read '${file.path}'`);
  const labels = 'role' in file && file.role === 'labels';
  return ok({
    shape: labels ? [] : [28, 28],
    count: 256,
    range: labels ? closed(0, 9) : closed(0, 1),
    classes: labels ? 10 : null,
  });
};

export const worldOfTests: World = {
  readSource: (path) => ({ problem: `there is no ${path}` }),
  readTable: (path) => ({ problem: `there is no ${path}` }),
  pathSeenFrom: (_, path) => path,
  describeFile: () => describeFile,
};

export function compileText(text: string, library: Library = builtinWords): Outcome<CompiledExperiment> {
  return compile({ path: 'example.ae', text }, null, { library, world: worldOfTests });
}

/** Statements of an experiment, completed and compiled. */
export function compileStatements(statements: string, library: Library = builtinWords): Outcome<CompiledExperiment> {
  return compileText(completed(statements), library);
}
