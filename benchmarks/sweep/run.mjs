// What a sweep adds to its trials: `node benchmarks/sweep/run.mjs [seconds per trial] [rounds] [experiment.ae]`, after a build,
// on a machine that does nothing else. Two questions, taken in turns:
// - throughput: updates a second of as many one-thread workers as there are cores, over those of one worker;
// - overhead: what a trial takes within a sweep, from its launch to that of the next one, beside its training alone. The
//   first trial of a worker, which also waits for a process and for its code to be compiled, is told apart.
// Where /proc says what processes have done, the overhead is told in seconds of a processor too, all processes together: other
// work on the machine moves that less.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSourceFile } from '../../dist/src/project/world.js';
import { planSweep } from '../../dist/src/sweep/plan/sweep-plan.js';
import { runSweep } from '../../dist/src/sweep/sweep.js';
import { prepare } from '../../dist/src/trial/prepare.js';
import { train } from '../../dist/src/trial/train.js';
import { builtinWords } from '../../dist/src/words/words.js';

const [seconds, rounds] = [Number(process.argv[2] ?? 60), Number(process.argv[3] ?? 3)];
const source = readSourceFile(process.argv[4] ?? 'experiments/first.ae');
const cores = availableParallelism();
/** More epochs than any trial here has time for. */
const epochs = 1_000_000;

const steps = await stepsIn(seconds);
print(`${source.path}: ${steps} updates a trial, ${cores} cores, ${rounds} rounds`);
const found = [];
for (let round = 0; round < rounds; round++) {
  const alone = await trained(steps);
  const one = await sweep(1, 3);
  const all = await sweep(cores, 2 * cores);
  const measured = {
    overhead: one.further.elapsed - alone.elapsed,
    share: (one.further.elapsed - alone.elapsed) / alone.elapsed,
    processor: one.further.processor - alone.processor,
    main: one.main / one.seconds,
    first: one.first.elapsed - one.further.elapsed,
    gain: all.speed / one.speed,
  };
  found.push(measured);
  print(
    `alone ${text(alone)}; in a sweep ${text(one.further)}, the first of a worker ${text(one.first)}; ` +
      `${one.speed.toFixed(0)} updates/s with one worker, ${all.speed.toFixed(0)} with ${cores}: ${measured.gain.toFixed(3)} times`,
  );
}
print(
  `median of ${rounds}: overhead of a trial ${median('overhead').toFixed(3)} s (${(100 * median('share')).toFixed(2)}%), ` +
    `${median('processor').toFixed(3)} s of a processor; once for a worker ${median('first').toFixed(2)} s; ` +
    `the process that writes takes ${(100 * median('main')).toFixed(1)}% of a core beside one worker; ` +
    `${cores} workers ${median('gain').toFixed(3)} times one`,
);

function text({ elapsed, processor }) {
  return `${elapsed.toFixed(2)} s (${processor.toFixed(2)} s of a processor)`;
}

function plan(maxSteps, seeds) {
  const { value, diagnostics } = planSweep({
    library: builtinWords,
    source,
    fileAxes: false,
    seeds: String(seeds),
    epochs,
    maxSteps,
  });
  if (value === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

/** Training alone, in this process: what a trial cannot do without. */
async function trained(maxSteps) {
  const [{ compiled, recipe }] = plan(maxSteps, 1).trials;
  const trial = await prepare({
    library: builtinWords,
    recipe,
    compiled,
    seed: 1,
    backend: 'simd',
    threads: 1,
  }).ready();
  const began = mark();
  const { model } = await train({
    trial,
    from: null,
    checkpoints: null,
    emit: () => {},
    note: () => {},
    signal: new AbortController().signal,
  });
  model?.dispose();
  return since(began, mark());
}

/** So many that training takes so long. */
async function stepsIn(wanted) {
  await trained(200);
  const few = 2000;
  const { elapsed } = await trained(few);
  return Math.max(few, Math.round((few * wanted) / elapsed));
}

/** What a trial takes is from its launch to that of the next one, or to the end; the updates a second are all of those. */
async function sweep(jobs, trials) {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-benchmark-'));
  const launches = [];
  await runSweep({
    plan: plan(steps, trials),
    store: join(folder, 'results.db'),
    backend: 'simd',
    jobs,
    threads: 1,
    listener: (event) => {
      const begins = event.event === 'trial_started';
      if (begins || event.event === 'ended') launches.push(mark());
    },
  });
  rmSync(folder, { recursive: true, force: true });
  const [first, second] = launches;
  const end = launches.at(-1);
  const all = since(first, end);
  const further = since(second, end);
  return {
    seconds: all.elapsed,
    speed: (trials * steps) / all.elapsed,
    first: since(first, second),
    further: { elapsed: further.elapsed / (trials - 1), processor: further.processor / (trials - 1) },
    main: all.main,
  };
}

function mark() {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), main: (user + system) / 1e6, children: childrenSeconds() };
}

function since(from, to) {
  const main = to.main - from.main;
  return { elapsed: (to.at - from.at) / 1000, main, processor: main + to.children - from.children };
}

/** What the processes that this one has started have done; NaN where the system does not say. */
function childrenSeconds() {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(/\s+/);
    return children.filter((pid) => pid !== '').reduce((sum, pid) => sum + secondsOf(pid), 0);
  } catch {
    return Number.NaN;
  }
}

/** User and system time, in hundredths of a second (proc(5), fields 14 and 15). */
function secondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function median(name) {
  const sorted = found.map((one) => one[name]).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
