// What a sweep adds to its trials: `node benchmarks/sweep/run.mjs [seconds per trial] [rounds] [experiment.ae]`, after a build,
// on a machine that does nothing else. Two questions, taken in turns:
// - throughput: updates a second of as many one-thread workers as there are cores, over those of one worker;
// - overhead: what a trial takes within a sweep, from its launch to that of the next one, beside its training alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadExamples } from '../../dist/src/api/data.js';
import { runSweep } from '../../dist/src/api/sweep.js';
import { planSweep } from '../../dist/src/api/sweep-plan.js';
import { trainTask } from '../../dist/src/api/trial.js';
import { readSourceFile } from '../../dist/src/api/world.js';
import { builtinLibrary } from '../../dist/src/compiler/library/builtin.js';
import { chooseBackend } from '../../dist/src/runtime/backend/choose.js';
import { builtinLowerings } from '../../dist/src/runtime/lowering/builtin.js';

const [seconds, rounds] = [Number(process.argv[2] ?? 60), Number(process.argv[3] ?? 3)];
const source = readSourceFile(process.argv[4] ?? 'experiments/first.ae');
const cores = availableParallelism();
/** More epochs than any trial here has time for. */
const epochs = 1_000_000;

const steps = await stepsIn(seconds);
print(`${source.path}: ${steps} updates a trial, ${cores} cores, ${rounds} rounds`);
const found = [];
for (let round = 0; round < rounds; round++) {
  const alone = (await trained(steps)).elapsed;
  const one = await sweep(1, 2);
  const all = await sweep(cores, 2 * cores);
  const overhead = one.seconds / 2 - alone;
  found.push({ overhead, share: overhead / alone, gain: all.speed / one.speed });
  print(
    `alone ${alone.toFixed(2)} s; in a sweep ${(one.seconds / 2).toFixed(2)} s, ${(100 * (overhead / alone)).toFixed(2)}% more; ` +
      `${one.speed.toFixed(0)} updates/s with one worker, ${all.speed.toFixed(0)} with ${cores}: ${(all.speed / one.speed).toFixed(3)} times`,
  );
}
print(
  `median of ${rounds}: overhead of a trial ${median('overhead').toFixed(3)} s (${(100 * median('share')).toFixed(2)}%), ` +
    `${cores} workers ${median('gain').toFixed(3)} times one`,
);

function plan(maxSteps, seeds) {
  const { value, diagnostics } = planSweep({ source, fileAxes: false, seeds: String(seeds), epochs, maxSteps });
  if (value === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

/** Training alone, in this process: what a trial cannot do without. */
async function trained(maxSteps) {
  const [{ compiled }] = plan(maxSteps, 1).trials;
  const data = await loadExamples(compiled.ir.data, source, {});
  await chooseBackend('simd', { threads: 1 });
  const began = performance.now();
  const { model } = await trainTask({
    compiled,
    data,
    seed: 1,
    identity: '0'.repeat(64),
    backend: 'simd',
    library: builtinLibrary,
    lowerings: builtinLowerings,
    maxSteps,
    initialWeights: null,
    from: null,
    checkpoints: null,
    emit: () => {},
    signal: new AbortController().signal,
  });
  model?.dispose();
  return { elapsed: (performance.now() - began) / 1000 };
}

/** So many that training takes so long. */
async function stepsIn(wanted) {
  await trained(200);
  const few = 2000;
  const { elapsed } = await trained(few);
  return Math.max(few, Math.round((few * wanted) / elapsed));
}

/** From the first update to the end, so that neither starting processes nor drawing the data counts. */
async function sweep(jobs, trials) {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-benchmark-'));
  let began = null;
  await runSweep({
    plan: plan(steps, trials),
    store: join(folder, 'results.db'),
    backend: 'simd',
    jobs,
    threads: 1,
    listener: (event) => {
      if (event.event === 'trial_event' && event.training.event === 'stage_started') began ??= performance.now();
    },
  });
  const elapsed = (performance.now() - began) / 1000;
  rmSync(folder, { recursive: true, force: true });
  return { seconds: elapsed, speed: (trials * steps) / elapsed };
}

function median(name) {
  const sorted = found.map((one) => one[name]).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
