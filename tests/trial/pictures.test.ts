import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { codeReference } from '../../src/compiler/ir/experiment.js';
import { drawSamples } from '../../src/runtime/figures/samples.js';
import { layerWithPrior, sampleFromPrior } from '../../src/trial/model.js';
import { builtinWords } from '../../src/words/words.js';
import { deep, runOf, variational } from './picture-runs.js';

describe('the pictures of a variational autoencoder', () => {
  it('are drawn under the names that the experiment gives them', async () => {
    const { pictures, model } = await runOf(`${variational}
      show { samples(9)  walk(5)  latent_scatter(z)  latent_scatter(h)  receptive_fields(h) }`);
    model?.dispose();
    expect(pictures.map(({ name }) => name)).toEqual([
      'samples(9, code)',
      'walk(5, code)',
      'latent_scatter(code)',
      'latent_scatter(h)',
      'receptive_fields(h)',
    ]);
    for (const { png } of pictures) expect(decode(png).width).toBeGreaterThan(100);
  });

  it('are samples of the prior, drawn with the seed of the run', async () => {
    const { pictures, model } = await runOf(`${variational} show { samples(9) }`);
    if (!model) throw new Error('nothing was trained');
    const prior = layerWithPrior(model.experiment, builtinWords);
    if (!prior) throw new Error('there is no prior');
    const of = async (count: number, seed: number) => {
      const { values, shape } = sampleFromPrior(model, prior, count, seed, null);
      return { values, png: await drawSamples({ images: values, count, shape }) };
    };
    const [nine, other, four] = [await of(9, 1), await of(9, 2), await of(4, 1)];
    model.dispose();
    expect(pictures[0]?.png).toEqual(nine.png);
    expect(other.values).not.toEqual(nine.values);
    // More samples don't change the first ones.
    expect(four.values).toEqual(nine.values.subarray(0, four.values.length));
    expect(nine.values.every((value) => value > 0 && value < 1)).toBe(true);
  });
});

describe('the decoder of a trained model', () => {
  it('rebuilds an example from its code as the whole model does', async () => {
    for (const body of [variational, deep]) {
      const { model } = await runOf(body);
      if (!model) throw new Error('nothing was trained');
      const images = Float32Array.from({ length: 3 * 144 }, (_, i) => ((i * 37) % 101) / 100);
      const whole = model.reconstruct(images).values;
      // Outside of training z is its mean.
      expect(model.decode(model.encode(images).values).values).toEqual(whole);
      const hidden = { ...codeReference(model.experiment), index: 1 };
      expect(model.decode(model.layer(hidden, images).values, hidden).values).toEqual(whole);
      model.dispose();
    }
  });
});

describe('receptive fields', () => {
  it('of the first layer are its filters, of a deeper one a picture for each unit', async () => {
    const { pictures, model } = await runOf(`${deep}
      show { receptive_fields(h1)  filters(h1)  receptive_fields(h2)  receptive_fields(code) }`);
    model?.dispose();
    const [first, filters, second] = pictures;
    expect(first?.png).toEqual(filters?.png);
    expect(second?.png).not.toEqual(first?.png);
  });

  it('of a convolution are its kernels', async () => {
    const { pictures, model } = await runOf(`
      encoder { c: conv2d(4, kernel=3, padding=1, activation=relu)  code: max_pool2d(2) }
      decoder mirror(encoder, output=sigmoid)
      loss mse()
      train adam(lr=0.01) { epochs = 1  batch = 20 }
      show { receptive_fields(c)  filters(c) }`);
    model?.dispose();
    expect(pictures).toHaveLength(2);
    expect(pictures[0]?.png).toEqual(pictures[1]?.png);
  });
});

describe('a walk', () => {
  it('says that it cannot be where the decoder unpools what the encoder pooled', async () => {
    const { pictures, model } = await runOf(`
      encoder { conv2d(2, kernel=3, stride=4, activation=relu)  p: max_pool2d(3)  code: dense(2) }
      decoder { reshape([2, 1, 1])  unpool2d(from=p)  flatten()  dense(input.size, activation=sigmoid) }
      loss mse()
      train adam(lr=0.01) { epochs = 1  batch = 20 }
      show { walk(3) }`);
    expect(pictures).toHaveLength(1);
    const { values } = model?.encode(new Float32Array(144)) ?? {};
    expect(values).toHaveLength(2);
    expect(() => model?.decode(new Float32Array(2))).toThrow(RangeError);
    model?.dispose();
  });
});
