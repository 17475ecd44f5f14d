// Whether the backends agree: npm run test:agreement -- [--steps N] [NAME…]
//
// Trains each experiment of fifty-steps.ae for 50 steps of each stage (of each layer, where layers are pretrained) on simd,
// cpu and tensorflow, and compares the loss of every step: relative to its value, or to a tenth of the curve's largest, as
// the golden cases do. The tolerance is that of a golden case of the same kind, four times over for exp and log that are not
// the C library's. Exits 1 where it is exceeded. Needs dist/ (npm run build).
//
// An RBM draws its units: one whose probability is nearer to its random number than rounding flips, and from there on it is
// another chain. Its curve is compared up to the first such draw, and the margin is printed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engine } from '@tensorflow/tfjs-core';
import { builtinWords, fileWorld, readSourceFile } from '../../dist/src/index.js';
import { compileRecipe } from '../../dist/src/project/recipe.js';
import { backendNames } from '../../dist/src/runtime/backend/backend.js';
import { BackendUnavailable, chooseBackend } from '../../dist/src/runtime/backend/choose.js';
import { trainTrial } from '../../dist/src/runtime/training/train-trial.js';
import { loadExamples } from '../../dist/src/trial/data.js';
import { curveDeviation } from '../../dist/tests/oracle/deviation.js';
import { flippable } from './draws.mjs';

/** The golden case of the same kind, by experiment. */
const golden = {
  first: 'dae-masking',
  table: 'optim-adam',
  classic: 'dense-deep-tied',
  sparse: 'sae-kl',
  without_penalty: 'sae-kl',
  sparse_denoising: 'sae-kl',
  denoising: 'dae-salt',
  masking: 'dae-masking',
  contractive: 'dae-masking',
  vae: 'vae',
  deep: 'dense-deep-tied',
  conv: 'cae',
  conv_unpool: 'maxpool-unpool',
  deep_rbm: 'rbm-cd1',
  stacked_denoising: 'dense-deep-tied',
};
const slack = 4;
/** How far probabilities of two backends may be from each other: some units in the last place of a sum of 784 terms. */
const rounding = 1e-6;

const { values: options, positionals } = parseArgs({
  options: { steps: { type: 'string', default: '50' } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(golden);
const unknown = names.filter((name) => !(name in golden));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}; there are ${Object.keys(golden).join(', ')}`);
  process.exit(2);
}
const source = readSourceFile(fileURLToPath(new URL('fifty-steps.ae', import.meta.url)));

const missing = new Map();
let failed = false;
for (const name of names) {
  const { ir: experiment, dataFrom } = compiled(name);
  const data = await loadExamples({ ir: experiment, dataFrom, library: builtinWords }, {});
  const runs = new Map();
  for (const backend of backendNames) {
    const run = await trained(backend, experiment, data);
    if (run !== null) runs.set(backend, run);
  }
  const tolerance = slack * toleranceOf(golden[name]);
  const ours = runs.get('simd');
  for (const [backend, theirs] of runs) {
    if (backend === 'simd') continue;
    for (const [stage, curve] of theirs.curves)
      failed = !agrees(name, backend, stage, ours, curve, theirs, tolerance) || failed;
  }
}
for (const [backend, reason] of missing) console.log(`skipped: ${backend}: ${reason}`);
process.exit(failed ? 1 : 0);

function compiled(name) {
  const { value, diagnostics } = compileRecipe(
    {
      sources: [source],
      experiment: name,
      params: [],
      data: name === 'table' ? null : 'digits(take=240, test=0)',
      epochs: null,
      maxSteps: null,
      files: {},
    },
    fileWorld(),
    { library: builtinWords },
  );
  if (value === null) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return value;
}

function toleranceOf(name) {
  const path = new URL(`../goldens/${name}/case.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')).tolerance.trajectory;
}

/** The curve of each stage, and the draws of its units; null where the backend is not there. */
async function trained(backend, experiment, data) {
  try {
    await chooseBackend(backend, { threads: 1 });
  } catch (error) {
    if (!(error instanceof BackendUnavailable) || backend !== 'tensorflow') throw error;
    missing.set(backend, error.message);
    return null;
  }
  const curves = new Map();
  const margins = flippable(engine());
  await trainTrial({
    experiment,
    data,
    seed: 1,
    library: builtinWords,
    backend,
    clock: () => 0,
    maxSteps: Number(options.steps),
    checkpoints: {
      due() {
        margins.nextStep();
        return false;
      },
      save() {},
    },
    emit(event) {
      if (event.event === 'stage_started') margins.nextStage(event.stage);
      if (event.event !== 'steps') return;
      const values = event.series.loss ?? event.series.reconstruction ?? Object.values(event.series)[0];
      curves.set(event.stage, [...(curves.get(event.stage) ?? []), ...values]);
    },
  });
  margins.stop();
  return { curves, margins: margins.smallest };
}

/** Compares a stage's curves, and prints a line. */
function agrees(name, backend, stage, ours, curve, { margins }, tolerance) {
  const own = ours.curves.get(stage) ?? [];
  const deviation = curveDeviation(own, curve);
  const draws = margins.get(stage) ?? [];
  const line = `${`${name}, ${stage}`.padEnd(32)}simd and ${backend.padEnd(12)}${deviation.toExponential(1)} of ${tolerance.toExponential(1)}, ${curve.length} steps`;
  const least = draws.length > 0 ? `, smallest margin of a draw ${Math.min(...draws).toExponential(1)}` : '';
  if (deviation <= tolerance) {
    console.log(`ok    ${line}${least}`);
    return true;
  }
  // Only a draw that was as near as rounding can have flipped; until then the curves must agree.
  const near = draws.findIndex((margin) => margin < rounding);
  const before = near < 0 ? Number.POSITIVE_INFINITY : curveDeviation(own.slice(0, near), curve.slice(0, near));
  if (before <= tolerance) {
    const margin = draws[near].toExponential(1);
    console.log(`ok    ${line}, until a unit may flip in step ${near} (margin ${margin})`);
    return true;
  }
  console.log(`FAIL  ${line}${least}`);
  return false;
}
