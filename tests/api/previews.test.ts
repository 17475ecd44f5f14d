import { beforeAll, describe, expect, it } from 'vitest';
import { loadExamples } from '../../src/api/data.js';
import { History } from '../../src/api/history.js';
import { Model } from '../../src/api/model.js';
import { drawPictures } from '../../src/api/pictures.js';
import { type Preview, Previews } from '../../src/api/previews.js';
import { shrunk } from '../../src/api/shrunk-picture.js';
import { type TrialTask, trainTask } from '../../src/api/trial.js';
import { fileWorld } from '../../src/api/world.js';
import { compile } from '../../src/compiler/compile.js';
import { builtinLibrary } from '../../src/compiler/library/builtin.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { builtinLowerings } from '../../src/runtime/lowering/builtin.js';
import type { WeightValues } from '../../src/runtime/training/initial-weights.js';
import type { Onlooker } from '../../src/runtime/training/train-trial.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});

const experiments = {
  'with transforms that are fitted to the data': `
    data digits(take=200, test=30) { random_crop(12)  standardize() }
    encoder { code: dense(9, activation=sigmoid) }
    decoder { dense(input.size) }
    loss mse()
    train adam(lr=0.01) { epochs = 12  batch = 20 }
    show { filters(code)  reconstructions(6)  loss_curves() }`,
  'that is pretrained': `
    data digits(take=200, test=30) { center_crop(12) }
    corrupt masking(0.3)
    encoder { h: dense(16, activation=sigmoid)  code: dense(4, activation=sigmoid) }
    decoder tied(encoder, output=sigmoid)
    pretrain rbm(on=[h, code], lr=0.1) { epochs = 2  batch = 20 }
    loss mse()
    train adam(lr=0.01) { epochs = 10  batch = 20 }
    show { filters(h)  reconstructions(6) }`,
};

interface Shown {
  readonly weights: WeightValues;
  readonly epochs: number;
}

async function taskOf(body: string) {
  const source = { path: 'small.ae', text: `experiment small {${body}\n}\n` };
  const options = { library: builtinLibrary, world: fileWorld() };
  const { value: compiled, diagnostics } = compile(source, null, options);
  if (compiled === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const data = await loadExamples(compiled.ir.data, source, {});
  return { compiled, data, seed: 1, library: builtinLibrary, lowerings: builtinLowerings };
}

function train(task: Awaited<ReturnType<typeof taskOf>>, watched: Pick<TrialTask, 'onlooker'>) {
  return trainTask({
    ...task,
    identity: '0'.repeat(64),
    backend: 'simd',
    maxSteps: null,
    initialWeights: null,
    from: null,
    checkpoints: null,
    emit: () => {},
    signal: new AbortController().signal,
    ...watched,
  });
}

describe.each(Object.entries(experiments))('previews of a trial %s', (_name, body) => {
  it('are the pictures of its weights at that moment, and change nothing', async () => {
    const task = await taskOf(body);
    const unwatched = await train(task, {});
    unwatched.model?.dispose();

    const previewed: Preview[] = [];
    const shown: Shown[] = [];
    const previews = new Previews({
      ...task,
      clock: () => 0,
      interval: 0,
      onPreview: (preview) => previewed.push(preview),
      onFailed: (error) => {
        throw error;
      },
    });
    let steps = 0;
    const onlooker: Onlooker = {
      due: () => ++steps % 25 === 0 && previews.due(),
      show(weights, epochs) {
        shown.push({ weights, epochs });
        previews.show(weights, epochs);
      },
    };
    const watched = await train(task, { onlooker });
    watched.model?.dispose();

    expect(watched.result.weightsSha256).toBe(unwatched.result.weightsSha256);
    expect(watched.chainFile).toEqual(unwatched.chainFile);
    expect(watched.pictures).toEqual(unwatched.pictures);

    expect(previewed.length).toBeGreaterThan(1);
    for (const [i, { epoch, pictures }] of previewed.entries()) {
      const { weights, epochs } = shown[i] ?? { weights: new Map(), epochs: -1 };
      const model = new Model(task.compiled.ir, weights, task.lowerings, task.library);
      const drawn = await drawPictures({ ...task, model, weights, history: new History() });
      model.dispose();
      const quick = drawn.filter(({ name }) => !name.startsWith('loss_curves'));
      expect(pictures).toEqual(quick.map(({ name, png }) => shrunk(name, png)));
      expect(epoch).toBe(epochs);
    }
    expect(previewed[0]?.pictures.map(({ name }) => name.replace(/\(.*/, ''))).toEqual(['filters', 'reconstructions']);
    const epochs = previewed.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
  });
});

describe('when previews are drawn', () => {
  const nothing = { onPreview: () => {}, onFailed: () => {} };

  it('is every few seconds, and never so often that it takes a noticeable part of the time', async () => {
    const task = await taskOf(experiments['that is pretrained']);
    const { model, weights } = await train(task, {});
    model?.dispose();
    let now = 0;
    let took = 0;
    // Drawing begins and ends with a look at the clock.
    const clock = () => {
      now += took;
      return now;
    };
    const done = { resolve: () => {} };
    const previews = new Previews({ ...task, ...nothing, clock, interval: 1000, onPreview: () => done.resolve() });
    const draw = async () => {
      const drawn = new Promise<void>((resolve) => {
        done.resolve = resolve;
      });
      previews.show(weights, 1);
      expect(previews.due()).toBe(false);
      await drawn;
      // The promise of the drawing itself settles after its listener was told.
      await new Promise((resolve) => setImmediate(resolve));
    };
    expect(previews.due()).toBe(false);
    now = 1000;
    expect(previews.due()).toBe(true);
    await draw();
    expect(previews.due()).toBe(false);
    now = 2000;
    expect(previews.due()).toBe(true);
    took = 100;
    await draw();
    took = 0;
    now += 4800;
    expect(previews.due()).toBe(false);
    now += 400;
    expect(previews.due()).toBe(true);
    previews.end();
    expect(previews.due()).toBe(false);
  });

  it('is never where the experiment shows nothing that is drawn quickly', async () => {
    const task = await taskOf(experiments['that is pretrained'].replace(/show \{.*\}/, 'show { loss_curves() }'));
    const previews = new Previews({ ...task, ...nothing, clock: () => 0, interval: 0 });
    expect(previews.due()).toBe(false);
  });
});
