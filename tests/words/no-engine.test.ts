import { expect, it, vi } from 'vitest';

vi.mock('@tensorflow/tfjs-core', () => {
  throw new Error('TF.js was loaded');
});

// The import rules hold src/words; this holds what it imports as well.
it('an experiment is checked without TF.js', async () => {
  const { compile } = await import('../../src/compiler/compile.js');
  const { fileWorld } = await import('../../src/project/world.js');
  const { builtinWords } = await import('../../src/words/words.js');
  const text =
    'experiment e { data digits() encoder { code: dense(8) } decoder tied(encoder, output=sigmoid) loss mse() train adam() { epochs = 1 } }';
  const compiled = compile({ path: 'e.ae', text }, null, { library: builtinWords, world: fileWorld() });
  expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
});
