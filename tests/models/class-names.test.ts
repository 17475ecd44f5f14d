import { expect, it } from 'vitest';
import { drawLatentScatter } from '../../src/runtime/figures/latent_scatter.js';
import { run } from '../../src/sweep/run.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const scratch = scratchFolder();

it('a scatter of codes names the classes as the table does', async () => {
  const rows = [
    [1, 2, 'red'],
    [2, 1, 'blue'],
    [3, 5, 'red'],
    [4, 4, 'blue'],
  ];
  scratch.put('colours.csv', ['a,b,colour', ...rows.map(String)].join('\n'));
  const source = {
    path: `${scratch.path}/small.ae`,
    text: `experiment small {
      data csv("colours.csv", label="colour") { min_max() }
      encoder { code: dense(2) }
      decoder { dense(2) }
      loss mse()
      train adam(lr=0.01) { epochs = 1  batch = 2 }
      show { latent_scatter(code) }
    }`,
  };
  const { pictures, model } = await run({ source, backend: 'cpu' });
  const points = model?.encode(Float32Array.from(rows.flatMap(([a, b]) => [Number(a), Number(b)]))).values ?? [];
  model?.dispose();
  const axes = { xLabel: 'first dimension of the code', yLabel: 'second dimension of the code' };
  const drawn = await drawLatentScatter({ points, labels: [1, 0, 1, 0], classNames: ['blue', 'red'], ...axes });
  expect(pictures[0]?.png).toEqual(drawn);
});
