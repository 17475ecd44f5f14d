// Where the time of a training step goes: npm run profile -- EXPERIMENT [PARAM=VALUE…] [--steps N] [--threads N] [--data SET] [--stage NAME]
//
// Trains the experiment on the simd backend and times every job of its kernels. What is left of a step is JavaScript: the
// batch, TF.js's bookkeeping of tensors and gradients, and the training's own. Needs dist/ (npm run build).
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readExperimentArgument } from '../dist/src/cli/experiment-argument.js';
import { builtinWords, fileWorld } from '../dist/src/index.js';
import { compileRecipe } from '../dist/src/project/recipe.js';
import { chooseBackend } from '../dist/src/runtime/backend/choose.js';
import { KernelRunner } from '../dist/src/runtime/backend/simd/kernel-runner.js';
import { Operation, Unary } from '../dist/src/runtime/backend/simd/operations.js';
import { trainTrial } from '../dist/src/runtime/training/train-trial.js';
import { loadExamples } from '../dist/src/trial/data.js';

const { values: options, positionals } = parseArgs({
  options: {
    steps: { type: 'string', default: '100' },
    threads: { type: 'string', default: '1' },
    data: { type: 'string' },
    stage: { type: 'string' },
  },
  allowPositionals: true,
});
const [file, ...params] = positionals;
if (file === undefined) {
  console.error(
    'usage: npm run profile -- EXPERIMENT [PARAM=VALUE…] [--steps N] [--threads N] [--data SET] [--stage NAME]',
  );
  process.exit(2);
}
const { source, name } = experimentArgument();
const recipe = {
  sources: [source],
  experiment: name,
  params,
  data: options.data ?? null,
  epochs: null,
  maxSteps: null,
  files: {},
};
const { value: compiled, diagnostics } = compileRecipe(recipe, fileWorld(), { library: builtinWords });
if (compiled === null) stop(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
const data = await loadExamples({ ...compiled, library: builtinWords }, {});
await chooseBackend('simd', { threads: Number(options.threads) });

/** Milliseconds and calls of each kind of job since the last step began. */
let jobs = new Map();
let current = '';
const { begin, run, runProgram, int, ints } = KernelRunner.prototype;
let awaitsKind = false;
KernelRunner.prototype.begin = function (operation) {
  current = Operation[operation] ?? String(operation);
  awaitsKind = operation === Operation.UnaryFloat;
  return begin.call(this, operation);
};
// The first argument of an elementwise job says which function it is.
const nameKind = (value) => {
  if (awaitsKind) current = Unary[value] ?? current;
  awaitsKind = false;
};
KernelRunner.prototype.int = function (value) {
  nameKind(value);
  return int.call(this, value);
};
KernelRunner.prototype.ints = function (values) {
  nameKind(values[0]);
  return ints.call(this, values);
};
function timed(kind, work) {
  const began = performance.now();
  work();
  const entry = jobs.get(kind) ?? { calls: 0, milliseconds: 0 };
  entry.calls++;
  entry.milliseconds += performance.now() - began;
  jobs.set(kind, entry);
}
KernelRunner.prototype.run = function (cost) {
  timed(current, () => run.call(this, cost));
};
// A step that is repeated is a list of jobs: the number of words of each, whether threads share it, and the words, the
// operation first. They are done one by one here.
KernelRunner.prototype.runProgram = function (program, end) {
  const { ints } = this.memory;
  for (let at = program; at < end; ) {
    const [count, , operation, argument] = ints.subarray(at >> 2, (at >> 2) + 4);
    const next = at + 4 * (2 + count);
    const kind = Operation[operation] ?? String(operation);
    const name = operation === Operation.UnaryFloat ? (Unary[argument] ?? kind) : kind;
    timed(name, () => runProgram.call(this, at, next));
    at = next;
  }
};

const warmUp = 10;
const steps = [];
let stage = '';
let last = null;
await trainTrial({
  experiment: compiled.ir,
  data,
  seed: 1,
  library: builtinWords,
  backend: 'simd',
  emit(event) {
    if (event.event === 'stage_started') stage = event.stage;
  },
  clock: () => performance.now(),
  maxSteps: Number(options.steps) + warmUp,
  checkpoints: {
    due(step) {
      const now = performance.now();
      if (last !== null && step > warmUp) steps.push({ stage, milliseconds: now - last, jobs });
      jobs = new Map();
      last = performance.now();
      return false;
    },
    save() {},
  },
});

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const stages = [...new Set(steps.map((step) => step.stage))];
for (const name of options.stage ? [options.stage] : stages) report(name);
process.exit(0);

/** A file, a file's experiment, or the name of one under experiments/. */
function experimentArgument() {
  const known = `experiments/${file}.ae`;
  try {
    return readExperimentArgument(existsSync(known) ? known : file);
  } catch (error) {
    return stop(error.hint ? `${error.message}\n${error.hint}` : error.message);
  }
}

function stop(message) {
  console.error(message);
  process.exit(2);
}

function report(name) {
  const own = steps.filter((step) => step.stage === name);
  if (own.length === 0) stop(`no steps of a stage '${name}'; there are ${stages.join(', ')}`);
  const whole = median(own.map(({ milliseconds }) => milliseconds));
  const kinds = [...new Set(own.flatMap((step) => [...step.jobs.keys()]))];
  const lines = kinds.map((kind) => {
    const entries = own.map((step) => step.jobs.get(kind) ?? { calls: 0, milliseconds: 0 });
    return { kind, calls: median(entries.map(({ calls }) => calls)), time: median(entries.map((e) => e.milliseconds)) };
  });
  const inKernels = median(own.map((step) => [...step.jobs.values()].reduce((sum, e) => sum + e.milliseconds, 0)));
  const row = (what, calls, time) =>
    `${what.padEnd(28)}${String(calls).padStart(7)}${(time * 1000).toFixed(1).padStart(11)}${((100 * time) / whole).toFixed(1).padStart(8)} %`;
  console.log(
    `${compiled.ir.name}, ${name}: ${whole.toFixed(3)} ms a step (median of ${own.length}), ${options.threads} thread(s)`,
  );
  console.log(`${'kernel'.padEnd(28)}${'calls'.padStart(7)}${'µs a step'.padStart(11)}${'share'.padStart(10)}`);
  const often = lines.filter(({ calls }) => calls > 0).sort((a, b) => b.time - a.time);
  for (const { kind, calls, time } of often) console.log(row(kind, calls, time));
  const count = lines.reduce((sum, { calls }) => sum + calls, 0);
  console.log(row('all kernels', count, inKernels));
  console.log(row('outside of kernels', '', whole - inKernels));
  console.log('');
}
