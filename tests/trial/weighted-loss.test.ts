import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { compileRecipe, parseRecipe, recordingWorld, stringifyRecipe, worldOf } from '../../src/project/recipe.js';
import { fileWorld } from '../../src/project/world.js';
import { mostConstants } from '../../src/runtime/datasets/constants.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();
const library = builtinWords;

/** An experiment on images of 2×3 pixels with this loss. */
function sourceOf(loss: string, more = '') {
  const text = `experiment weighted {
  data digits(take=20, test=4) { resize([2, 3]) }
  encoder { code: dense(2, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  ${more}
  loss ${loss}
  train adam(lr=0.01) { epochs = 1  batch = 10 }
}`;
  return { path: scratch.put('weighted.ae', text), text };
}

const outcomeOf = (loss: string, more = '') => compile(sourceOf(loss, more), null, { library, world: fileWorld() });
const weightsOf = (loss: string) => outcomeOf(loss).value?.ir.loss[0]?.loss.arguments.weights?.value;
const said = (loss: string, more = '') =>
  outcomeOf(loss, more).diagnostics.map(({ code, message }) => `${code} ${message}`);

describe('the weights of a loss', () => {
  it('come from a list or a file, go together with an example as in NumPy, and are part of its identity', () => {
    scratch.put('all.npy', encodeNpy([2, 3], Float64Array.of(1, 2, 3, 4, 5, 0.1)));
    scratch.put('image.npy', encodeNpy([1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 0.1)));
    scratch.put('columns.npy', encodeNpy([3], Uint8Array.of(0, 1, 255)));
    scratch.put('rows.npy', encodeNpy([2, 1], Uint8Array.of(1, 2)));
    const all = [1, 2, 3, 4, 5, Math.fround(0.1)];
    expect(weightsOf('mse(weights=npy("all.npy"))')).toEqual(all);
    expect(weightsOf('mse(weights=npy("columns.npy"))')).toEqual([0, 1, 255, 0, 1, 255]);
    expect(weightsOf('mae(weights=npy("rows.npy"))')).toEqual([1, 1, 1, 2, 2, 2]);
    expect(weightsOf('bce(weights=[1, 2, 3, 4, 5, 6])')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(weightsOf('bce(weights=[2])')).toEqual([2, 2, 2, 2, 2, 2]);
    const hashOf = (loss: string) => outcomeOf(loss).value?.hash;
    const hash = hashOf('mse(weights=npy("all.npy"))');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf('mse(weights=npy("image.npy"))')).toBe(hash);
    expect(hashOf(`mse(weights=[${all.join(', ')}])`)).toBe(hash);
    expect(hashOf('mse(weights=[1, 2, 3, 4, 5, 0.2])')).not.toBe(hash);
  });

  it('are refused where they do not fit, or mean nothing', () => {
    scratch.put('negative.npy', encodeNpy([3], Float32Array.of(1, -1, 1)));
    scratch.put('endless.npy', encodeNpy([3], Float32Array.of(1, Infinity, 1)));
    scratch.put('large.npy', encodeNpy([mostConstants + 1], new Uint8Array(mostConstants + 1)));
    scratch.put('wide.npy', encodeNpy([2, 4], new Float32Array(8).fill(1)));
    scratch.put('text.npy', 'no array');
    const file = (name: string) => `mse(weights=npy("${name}"))`;
    expect(said(file('wide.npy'))).toEqual(['AE402 the weights are 2×4, and the output is 1×2×3']);
    expect(said('mse(weights=[1, 2])')).toEqual(['AE402 the weights are 2 numbers, and the output is 1×2×3']);
    expect(said('mse(weights=[0, 0, 0])')[0]).toContain('AE306 all of these weights are 0');
    expect(said('mse(weights=[-1])')[0]).toContain('AE306');
    expect(said(file('negative.npy'))[0]).toContain('AE306');
    expect(said(file('endless.npy'))[0]).toContain('AE702');
    expect(said(file('large.npy'))[0]).toContain('AE702');
    expect(said(file('text.npy'))[0]).toContain('AE702');
    expect(said(file('none.npy'))[0]).toContain('AE701');
    expect(said(file('../outside.npy'))[0]).toContain('AE701');
    expect(said('mse(weights=csv("all.csv"))')[0]).toContain('AE305');
    expect(said('mse(weights=npy("all.npy", 3))')[0]).toContain('AE304');
    expect(said('mse(weights="all.npy")')[0]).toContain('AE305');
    expect(said('mse(weights=3)')[0]).toContain('AE305');
    expect(said('mse()', 'pretrain autoencoder(loss=mse(weights=[1])) { epochs = 1 }')[0]).toContain('AE525');
  });

  it('are part of what a run is made from, so that it needs the file no more', () => {
    const place = scratch.put('gone.npy', encodeNpy([3], Float64Array.of(0.1, 1, 2)));
    const source = sourceOf('mse(weights=npy("gone.npy"))');
    const recording = recordingWorld(fileWorld());
    const before = compile(source, null, { library, world: recording.world }).value;
    const recipe = parseRecipe(
      stringifyRecipe({
        sources: [source, ...recording.sources],
        ...{ experiment: null, params: [], data: null, epochs: null, maxSteps: null, files: recording.files },
      }),
    );
    rmSync(place);
    const after = compileRecipe(recipe, worldOf(recipe), { library });
    expect(after.diagnostics).toEqual([]);
    expect(after.value?.hash).toBe(before?.hash);
    expect(before?.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
