import { beforeAll, describe, expect, it } from 'vitest';
import { fileWorld } from '../../src/project/world.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import type { PreviewPicture } from '../../src/runtime/events.js';
import { drawFilters } from '../../src/runtime/figures/filters.js';
import { drawReconstructions } from '../../src/runtime/figures/reconstructions.js';
import type { Observer, TrialView } from '../../src/runtime/training/train-trial.js';
import { History } from '../../src/trial/history.js';
import { Model } from '../../src/trial/model.js';
import { drawPictures } from '../../src/trial/pictures.js';
import { prepare, type Trial } from '../../src/trial/prepare.js';
import { type Preview, Previews } from '../../src/trial/previews.js';
import { shrunk } from '../../src/trial/shrunk-picture.js';
import { shownExamples } from '../../src/trial/subject.js';
import { type Training, train } from '../../src/trial/train.js';
import { builtinWords } from '../../src/words/words.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});

const experiments = {
  'with transforms that are fitted to the data': `
    data digits(take=200, test=30) { random_crop(12)  standardize() }
    encoder { code: dense(9, activation=sigmoid) }
    decoder { dense(input.size) }
    loss mse()
    train adam(lr=0.01) { epochs = 20  batch = 20 }
    show { filters(code)  reconstructions(6)  loss_curves() }`,
  'that is pretrained': `
    data digits(take=200, test=30) { center_crop(12) }
    corrupt masking(0.3)
    encoder { h: dense(16, activation=sigmoid)  code: dense(4, activation=sigmoid) }
    decoder tied(encoder, output=sigmoid)
    pretrain rbm(on=[h, code], lr=0.1) { epochs = 2  batch = 20 }
    loss mse()
    train adam(lr=0.01) { epochs = 20  batch = 20 }
    show { filters(h)  reconstructions(6) }`,
};

async function taskOf(body: string) {
  const source = { path: 'small.ae', text: `experiment small {${body}\n}\n` };
  const recipe = {
    sources: [source],
    experiment: null,
    params: [],
    data: null,
    epochs: null,
    maxSteps: null,
    files: {},
  };
  return prepare({ library: builtinWords, recipe, world: fileWorld(), seed: 1, backend: 'simd', threads: 1 }).ready();
}

const nothingShown: TrialView = { weights: new Map(), stage: '', epochs: -1, layer: null };

function trained(trial: Trial, watched: Pick<Training, 'observer'>) {
  return train({
    trial,
    from: null,
    checkpoints: null,
    emit: () => {},
    note: () => {},
    signal: new AbortController().signal,
    ...watched,
  });
}

describe.each(Object.entries(experiments))('previews of a trial %s', (_name, body) => {
  it('are the pictures of its weights at that moment, and change nothing', async () => {
    const task = await taskOf(body);
    const unwatched = await trained(task, {});
    unwatched.model?.dispose();

    const previewed: Preview[] = [];
    const shown: TrialView[] = [];
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
    const observer: Observer = {
      due: () => ++steps % 25 === 0 && previews.due(),
      show(view) {
        shown.push(view);
        previews.show(view);
      },
    };
    const watched = await trained(task, { observer });
    watched.model?.dispose();

    expect(watched.result.weightsSha256).toBe(unwatched.result.weightsSha256);
    expect(watched.chainFile).toEqual(unwatched.chainFile);
    expect(watched.pictures).toEqual(unwatched.pictures);

    expect(previewed.length).toBeGreaterThan(1);
    for (const [i, { moment, pictures }] of previewed.entries()) {
      const { stage, weights, epochs, layer } = shown[i] ?? nothingShown;
      expect(moment).toEqual({ stage, epoch: epochs });
      if (layer !== null) continue;
      const model = new Model(task.compiled.ir, weights, task.library);
      const drawn = await drawPictures({ ...task, model, weights, history: new History() });
      model.dispose();
      const quick = drawn.filter(({ name }) => !name.startsWith('loss_curves'));
      expect(pictures).toEqual(quick.map((picture) => shrunk(picture, task.library)));
    }
    expect(previewed.at(-1)?.pictures.map(({ name }) => name.replace(/\(.*/, ''))).toEqual([
      'filters',
      'reconstructions',
    ]);
    const epochs = previewed.filter(({ moment }) => moment.stage === 'train').map(({ moment }) => moment.epoch);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
  });
});

describe.each([
  ['rbm(lr=0.1)', 'tied'],
  ['rbm(lr=0.1)', 'mirror'],
  ['autoencoder(corrupt=masking(0.2), optimizer=adam(lr=0.01))', 'mirror'],
])('while %s pretrains layers that are %s', (method, decoder) => {
  const body = `
    data digits(take=200, test=30) { center_crop(12) }
    encoder { h: dense(16, activation=sigmoid)  g: dense(9, activation=sigmoid)  code: dense(4, activation=sigmoid) }
    decoder ${decoder}(encoder, output=sigmoid)
    pretrain ${method} { epochs = 2  batch = 20 }
    loss mse()
    train adam(lr=0.01) { epochs = 1  batch = 20 }
    show { filters(h)  reconstructions(6) }`;
  const sizes = [144, 16, 9, 4];
  const labels = ['h', 'g', 'code'];

  it('previews show what its units look for and what the layers so far make of examples, and change nothing', async () => {
    const task = await taskOf(body);
    const unwatched = await trained(task, {});
    unwatched.model?.dispose();
    const views: TrialView[] = [];
    const watching: Observer = { due: () => true, show: (view) => views.push(view) };
    const previewed: Preview[] = [];
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
    const drawing: Observer = { due: () => ++steps % 5 === 0 && previews.due(), show: (view) => previews.show(view) };
    for (const observer of [watching, drawing]) {
      const watched = await trained(task, { observer });
      watched.model?.dispose();
      expect(watched.result.weightsSha256).toBe(unwatched.result.weightsSha256);
      expect(watched.chainFile).toEqual(unwatched.chainFile);
    }
    expect(previewed.some(({ moment }) => moment.stage === 'pretrain')).toBe(true);

    const pretraining = views.filter(({ stage }) => stage === 'pretrain');
    const lastOfEach = [...new Map(pretraining.map((view) => [view.layer, view])).values()];
    expect(lastOfEach).toHaveLength(labels.length);
    for (const [layer, view] of lastOfEach.entries()) {
      const { weights } = view;
      const [units, reconstructions, ...others] = await picturesOf(task, view);
      expect(units?.name).toBe(`${layer === 0 ? 'filters' : 'receptive_fields'}(${labels[layer]})`);
      expect(reconstructions?.name).toBe(`reconstructions(${labels[layer]})`);
      expect(others).toEqual([]);
      const matrices = sizes.slice(0, layer + 1).map((inputs, i) => ({
        inputs,
        units: sizes[i + 1] ?? 0,
        weight: weights.get(`encoder/${i}/weight`) ?? new Float32Array(),
        bias: weights.get(`encoder/${i}/bias`) ?? new Float32Array(),
        visible: weights.get(`decoder/${labels.length - 1 - i}/bias`) ?? new Float32Array(),
      }));
      let fields = Array.from({ length: sizes[layer + 1] ?? 0 }, (_, unit, n = sizes[layer + 1] ?? 0) =>
        Array.from({ length: n }, (_each, i) => Number(i === unit)),
      );
      for (const { weight, inputs } of matrices.toReversed()) {
        fields = fields.map((above) =>
          Array.from({ length: inputs }, (_, i) =>
            above.reduce((sum, a, j) => sum + a * at(weight, j * inputs + i), 0),
          ),
        );
      }
      const png = await drawFilters({ weights: fields.flat(), units: fields.length, shape: [1, 12, 12] });
      closeTo(units, shrunk({ name: units?.name ?? '', png }, task.library));

      const model = new Model(task.compiled.ir, weights, task.library);
      const subject = { ...task, model, weights, history: new History() };
      const { target, count } = shownExamples(subject, 16);
      model.dispose();
      const outputs = Array.from({ length: count }, (_, n) => {
        let values = Array.from(target.subarray(n * 144, (n + 1) * 144));
        for (const { weight, bias, inputs, units: hidden } of matrices) {
          const seen = values;
          values = Array.from({ length: hidden }, (_each, j) =>
            sigmoid(seen.reduce((sum, v, i) => sum + v * at(weight, j * inputs + i), at(bias, j))),
          );
        }
        for (const { weight, visible, inputs } of matrices.toReversed()) {
          const above = values;
          values = Array.from({ length: inputs }, (_each, i) =>
            sigmoid(above.reduce((sum, h, j) => sum + h * at(weight, j * inputs + i), at(visible, i))),
          );
        }
        return values;
      });
      const rows = [
        { label: 'input', images: target },
        { label: 'output', images: outputs.flat() },
      ];
      const expected = await drawReconstructions({ rows, count, shape: [1, 12, 12] });
      closeTo(reconstructions, shrunk({ name: reconstructions?.name ?? '', png: expected }, task.library));
    }
  });

  it('previews show only what the experiment shows', async () => {
    const task = await taskOf(body.replace('reconstructions(6)', ''));
    const views: TrialView[] = [];
    const watched = await trained(task, { observer: { due: () => true, show: (view) => views.push(view) } });
    watched.model?.dispose();
    const [first] = views;
    if (!first) throw new Error('nothing was shown');
    expect((await picturesOf(task, first)).map(nameOf)).toEqual(['filters(h)']);
  });
});

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? Number.NaN;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Computed in other precisions, a value may be rounded to the level beside. */
function closeTo(actual: PreviewPicture | undefined, expected: PreviewPicture): void {
  const { rgb, ...frame } = expected;
  expect(actual).toMatchObject(frame);
  const furthest = rgb.reduce((most, level, i) => Math.max(most, Math.abs(level - (actual?.rgb[i] ?? Number.NaN))), 0);
  expect(furthest).toBeLessThanOrEqual(1);
}

function picturesOf(task: Awaited<ReturnType<typeof taskOf>>, view: TrialView): Promise<readonly PreviewPicture[]> {
  return new Promise((resolve, reject) => {
    const clock = () => 0;
    const onPreview = ({ pictures }: Preview) => resolve(pictures);
    new Previews({ ...task, clock, interval: 0, onPreview, onFailed: reject }).show(view);
  });
}

describe('when previews are drawn', () => {
  const nothing = { onPreview: () => {}, onFailed: () => {} };

  it('is every few seconds, and never so often that it takes a noticeable part of the time', async () => {
    const task = await taskOf(experiments['that is pretrained']);
    const { model, weights } = await trained(task, {});
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
      previews.show({ weights, stage: 'train', epochs: 1, layer: null });
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
