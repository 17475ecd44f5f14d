import { type CompiledExperiment, compile } from '../../src/compiler/compile.js';
import { verify } from '../../src/compiler/ir/verify.js';
import { builtinWords } from '../../src/words/words.js';
import { testWorld } from './world.js';

const standard = {
  data: 'data mnist()',
  encoder: 'encoder { code: dense(16, activation=sigmoid) }',
  decoder: 'decoder { dense(input.size, activation=sigmoid) }',
  loss: 'loss mse()',
  train: 'train adam() { epochs = 1 }',
};

/** An experiment of the given statements, completed by the usual ones. */
export function experimentText(statements: string): string {
  const others = Object.entries(standard).flatMap(([keyword, text]) =>
    new RegExp(`\\b${keyword}\\b\\s`).test(statements) ? [] : [text],
  );
  return `experiment example {\n${[statements, ...others].join('\n')}\n}`;
}

/** @throws Error with the diagnostics when the text has errors */
export function compileText(text: string): CompiledExperiment {
  const compiled = compile({ path: 'example.ae', text }, null, { library: builtinWords, world: testWorld() });
  if (compiled.value === null)
    throw new Error(JSON.stringify(compiled.diagnostics.map(({ code, message }) => ({ code, message }))));
  const wrong = verify(compiled.value.ir);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return compiled.value;
}

export function compileStatements(statements: string): CompiledExperiment {
  return compileText(experimentText(statements));
}
