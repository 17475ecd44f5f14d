// Prints the hash of everything that hashes.json names, one JSON object a line, as the built package computes it here.
//
//   node tests/matrix/measure.mjs [--threads N] [--built FOLDER] [--values] [--trials] [--resumed] [NAME…]
//
// FOLDER is the package's dist/. Without --values or --trials, both kinds are measured; with names, only those. --resumed
// interrupts each trial several times and goes on from the bytes of a checkpoint.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const here = new URL('./', import.meta.url);
const { values: options, positionals: names } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    built: { type: 'string', default: fileURLToPath(new URL('../../dist/', here)) },
    values: { type: 'boolean', default: false },
    trials: { type: 'boolean', default: false },
    resumed: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const committed = JSON.parse(readFileSync(new URL('hashes.json', here), 'utf8'));
const source = pathToFileURL(`${options.built}/src/`);
const load = (path) => import(new URL(path, source).href);
const both = options.values === options.trials;
const wanted = (name) => names.length === 0 || names.includes(name);

const sha256 = (array) =>
  createHash('sha256')
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest('hex');

function print(name, hash) {
  process.stdout.write(`${JSON.stringify({ name, sha256: hash })}\n`);
}

/** What is computed outside the kernels: each a list of numbers or bytes. */
const values = {
  async logspace() {
    const { logspace } = await load('numerics/spacing.js');
    return Float64Array.from(logspace(1e-7, 3e4, 10_000));
  },
  async log_uniform_draws() {
    const { planSweep } = await load('sweep/plan/sweep-plan.js');
    const text = `experiment drawn {
      param lr = 0.1 where 0 < lr
      data digits(take=8, test=1) { center_crop(2) }
      encoder { code: dense(1) }
      decoder { dense(input.size) }
      loss mse()
      train adam(lr=lr) { epochs = 1  batch = 8 }
    }`;
    const { builtinWords: library } = await load('index.js');
    const plan = planSweep({ library, source: { path: 'drawn.ae', text }, axes: ['lr=loguniform:1e-8:1'], draws: 300 });
    if (plan.value === null) throw new Error(plan.diagnostics.map(({ message }) => message).join('\n'));
    return Float64Array.from(plan.value.trials, ({ parameters }) => parameters.lr);
  },
  async cosine_schedule() {
    const { builtinWords } = await load('words/words.js');
    const { cosine } = await load('words/schedule/cosine.js');
    if (builtinWords.find('schedule', 'cosine') !== cosine) throw new Error('the library has another cosine');
    const [epochs, steps] = [10, 10_000];
    const at = (step) => ({ epoch: (epochs * step) / steps, step, epochs, steps });
    return Float64Array.from({ length: steps + 1 }, (_, step) =>
      cosine.at({ from: 0.003, to: 1e-5, over: null, unit: 'epochs' }, at(step)),
    );
  },
  async digits() {
    const { drawDigits } = await load('runtime/datasets/digits/digits.js');
    return drawDigits('train', 2000).values;
  },
  async known_features() {
    const { drawExamples } = await load('runtime/datasets/drawn-rows.js');
    const world = {
      ...{
        seed: 1,
        features: 512,
        dim: 64,
        repel: 3,
        exponent: 0.5,
        frequent: 0.4,
        rare: 0.005,
        correlation: 0,
        rank: 25,
      },
      ...{ trees: 16, children: 4, depth: 2, exclusive: true, magnitude: 1, spread: 0.2, noise: 0.01 },
    };
    const drawn = new Float32Array(2000 * world.dim);
    drawExamples(
      { world, part: 'train' },
      Uint32Array.from({ length: 2000 }, (_, i) => i),
      drawn,
    );
    return drawn;
  },
  async normals() {
    const { stream } = await load('runtime/random/stream.js');
    const numbers = new Float32Array(10_000_000);
    stream({ seed: 1, path: 'encoder/0', purpose: 'eps' }).normal(numbers, 0);
    return numbers;
  },
};

if (both || options.values) {
  for (const name of Object.keys(committed.values).filter(wanted)) {
    if (!(name in values)) throw new Error(`hashes.json names a value that is not known here: ${name}`);
    print(name, sha256(await values[name]()));
  }
}
if (both || options.trials) {
  const { readSourceFile } = await load('index.js');
  const source = readSourceFile(fileURLToPath(new URL('shortened.ae', here)));
  for (const [name, { data, steps }] of Object.entries(committed.trials)) {
    if (!wanted(name)) continue;
    const request = { source, experiment: name, data: data ?? null, maxSteps: steps, seed: 1 };
    const { status, weightsSha256 } = await (options.resumed ? resumed(request) : uninterrupted(request));
    if (status !== 'complete') throw new Error(`${name}: ${status}`);
    print(name, weightsSha256);
  }
}

async function uninterrupted(request) {
  const { run } = await load('index.js');
  const result = await run({ ...request, threads: Number(options.threads), backend: 'simd', store: null });
  result.model?.dispose();
  return result;
}

/** Stops after every third of a stage's steps; what goes on knows nothing but the checkpoint. */
async function resumed({ source, experiment, data, maxSteps, seed }) {
  const [{ compileRecipe }, { loadExamples }, { fileWorld, builtinWords: library }] = await Promise.all([
    load('project/recipe.js'),
    load('trial/data.js'),
    load('index.js'),
  ]);
  const { chooseBackend } = await load('runtime/backend/choose.js');
  const { trainTrial } = await load('runtime/training/train-trial.js');
  const { decodeCheckpoint, encodeCheckpoint } = await load('trial/checkpoint-file.js');
  const { anything } = await load('runtime/formats/json.js');
  const recipe = { sources: [source], experiment, params: [], data, epochs: null, maxSteps, files: {} };
  const { value: compiled, diagnostics } = compileRecipe(recipe, fileWorld(), { library });
  if (compiled === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const examples = await loadExamples({ ...compiled, library }, {});
  await chooseBackend('simd', { threads: Number(options.threads) });
  const part = Math.ceil(maxSteps / 3);
  let state = null;
  for (let interruptions = 0; ; interruptions++) {
    const stop = new AbortController();
    let steps = 0;
    const result = await trainTrial({
      experiment: compiled.ir,
      data: examples,
      seed,
      library,
      backend: 'simd',
      emit: () => {},
      clock: () => 0,
      maxSteps,
      signal: stop.signal,
      checkpoints: {
        due() {
          if (++steps >= part) stop.abort();
          return false;
        },
        save() {},
      },
      ...(state === null ? {} : { resumeFrom: state }),
    });
    if (result.status !== 'interrupted') {
      if (interruptions === 0) throw new Error(`${experiment} was never interrupted`);
      return result;
    }
    const checkpoint = encodeCheckpoint({ identity: experiment, state: result.state, history: null });
    ({ state } = decodeCheckpoint(checkpoint, anything));
  }
}
