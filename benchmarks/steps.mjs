// Milliseconds of training steps, measured in the training that `aedsl run` uses: node steps.mjs OPTIONS
//
//   --workload NAME   an experiment of the file
//   --file NAME       of this folder (workloads.ae)
//   --backend NAME    simd, tensorflow, cpu, or wasm (TF.js's, from the benchmark's own packages)
//   --threads N       of simd
//   --seconds S       at most; and at least 8 steps
//   --data SET        such as `digits(take=6400, test=1)`
//   --pipeline        also the time of a step's batch alone
//   --chain           also the time of what a step adds to the chain of hashes; takes 384 steps
//
// Prints one JSON object: the time of every step after the first ones.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { builtFolder, peersFolder } from './places.mjs';

const { values: options } = parseArgs({
  options: {
    workload: { type: 'string' },
    file: { type: 'string', default: 'workloads.ae' },
    backend: { type: 'string', default: 'simd' },
    threads: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3' },
    data: { type: 'string', default: 'digits(take=6400, test=1)' },
    pipeline: { type: 'boolean', default: false },
    chain: { type: 'boolean', default: false },
  },
});
const load = (path) => import(new URL(`src/${path}`, builtFolder).href);
const [{ compileRecipe }, { fileWorld, readSourceFile }, { loadExamples }, { trainTrial }, { chooseBackend }, library] =
  await Promise.all([
    load('project/recipe.js'),
    load('project/world.js'),
    load('trial/data.js'),
    load('runtime/training/train-trial.js'),
    load('runtime/backend/choose.js'),
    load('words/words.js').then((module) => module.builtinWords),
  ]);

const source = readSourceFile(fileURLToPath(new URL(options.file, import.meta.url)));
const recipe = { sources: [source], experiment: options.workload, params: [], epochs: 1000, maxSteps: null, files: {} };
const { value: compiled, diagnostics } = compileRecipe({ ...recipe, data: options.data }, fileWorld(), { library });
if (compiled === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
const data = await loadExamples({ ...compiled, library }, {});
const version = await selectBackend();

const warmUp = options.backend === 'cpu' ? 1 : 10;
const steps = [];
const stop = new AbortController();
/** By the number of the step. */
const chain = options.chain ? await timesOfChain() : null;
/** After a link of the chain that is there for its number alone. */
const least = options.chain ? 385 : 8;
let last = null;
const end = performance.now() + Number(options.seconds) * 1000;
const result = await trainTrial({
  experiment: compiled.ir,
  data,
  seed: 1,
  library,
  backend: options.backend,
  emit: () => {},
  clock: () => performance.now(),
  signal: stop.signal,
  checkpoints: {
    due(step) {
      const now = performance.now();
      if (last !== null && step > warmUp) steps.push(now - last);
      if (now > end && steps.length >= least) stop.abort();
      last = performance.now();
      return false;
    },
    save() {},
  },
});
if (result.status !== 'interrupted') throw new Error(`the training ended by itself: ${result.status}`);
const pipeline = options.pipeline ? await batchTimes() : null;
const added = chain && { step: [...chain.values()].slice(300, 380), link: chain.get(384) };
// What is not written yet when the process exits is lost.
process.stdout.write(`${JSON.stringify({ version, steps, pipeline, chain: added })}\n`, () => process.exit(0));

async function selectBackend() {
  if (options.backend !== 'wasm') {
    return (await chooseBackend(options.backend, { threads: Number(options.threads) })).version;
  }
  const tf = await import('@tensorflow/tfjs-core');
  const { registerGradients } = await load('runtime/backend/gradients.js');
  tf.enableProdMode();
  await registerGradients();
  const path = createRequire(new URL('package.json', peersFolder)).resolve('@tensorflow/tfjs-backend-wasm');
  const { default: wasm } = await import(pathToFileURL(path).href);
  await tf.setBackend('wasm');
  await tf.ready();
  return wasm.version_wasm;
}

/** Milliseconds of what each step adds to the chain, filled while the training goes. */
async function timesOfChain() {
  const { HashChain } = await load('runtime/training/hash-chain.js');
  const times = new Map();
  const { add } = HashChain.prototype;
  HashChain.prototype.add = function (step, ...more) {
    const began = performance.now();
    add.call(this, step, ...more);
    times.set(step.step, performance.now() - began);
  };
  return times;
}

/** Milliseconds of making a step's batch where the training has it, with nothing else. */
async function batchTimes() {
  const [{ examplesOf }, { BatchTensors }, { BatchOrder }, { stageSettings }] = await Promise.all([
    load('runtime/training/examples-of-data.js'),
    load('runtime/training/batch-tensors.js'),
    load('runtime/training/batch-order.js'),
    load('runtime/training/stage-settings.js'),
  ]);
  const examples = examplesOf(compiled.ir, data, 1, library);
  const [stage] = compiled.ir.stages;
  const { batch } = stageSettings(stage.settings);
  const batches = new BatchTensors(examples, { clean: stage.kind === 'pretrain' });
  const order = new BatchOrder(examples.count('train'), true, 1, 'data');
  const stepsPerEpoch = Math.floor(examples.count('train') / batch);
  const times = [];
  // As many as steps were timed, so that V8 has compiled the one as well as the other.
  const count = Math.max(2000, steps.length);
  for (let step = 0; step < count; step++) {
    const began = performance.now();
    const indices = order.batch(0, step % stepsPerEpoch, batch);
    batches.use({ indices, step, time: { epoch: 0, step, epochs: 1, steps: count } }, () => null);
    times.push(performance.now() - began);
  }
  return times.slice(1000);
}
