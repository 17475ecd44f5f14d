// What the engine is meant to reach, and where it stands.
import { median, ratio } from './statistics.mjs';

/** The fastest key of a kind, by the median over the rounds. */
function fastest(results, start) {
  const keys = Object.keys(results ?? {}).filter((key) => key.startsWith(start));
  return keys.sort((a, b) => median(results[a]) - median(results[b]))[0] ?? null;
}

/** How many times longer a competitor takes than we do with as many threads, or with those that are said. */
function against(results, start, ours) {
  const theirs = fastest(results, start);
  if (theirs === null || results[ours] === undefined) return null;
  return ratio(results[theirs], results[ours]);
}

/**
 * The goals with what was measured.
 * `value` is what counts, `must` and `aim` its bounds, `more` whether more of it is better.
 */
export function goals(measured, threads) {
  const most = Math.max(...threads);
  const steps = (workload) => measured.steps?.results[workload];
  const list = [];
  const add = (what, value, { must, aim = null, more = true, unit = '×' }) =>
    list.push({ what, value, must, aim, more, unit });

  for (const [workload, must, aim] of [
    ['SPARSE', 12, 20],
    ['CONV', 5, 8],
    ['VAE', 1.5, 3],
    ['DENOISING', 1.5, null],
  ]) {
    const value = against(measured.whole?.[workload], 'pytorch', 'aedsl run');
    add(`${workload}: whole run, times faster than PyTorch as written, best of its threads`, value, { must, aim });
  }
  for (const [workload, must, aim] of [
    ['SPARSE', 1.5, 3],
    ['CONV', 2, 4],
  ]) {
    const value = against(steps(workload), 'pytorch', `simd ${most}`);
    add(`${workload}: step, times faster than optimised PyTorch, best of its threads`, value, { must, aim });
  }
  for (const count of threads) {
    for (const [workload, must, aim] of [
      ['VAE', 2, 1],
      ['DENOISING', 2, 1],
      ['RBM', 2, 1],
      ['DEEP', 2.5, 1],
      ['CONV32', 1, 0.7],
      ['WIDE', 1, 0.7],
    ]) {
      const faster = against(steps(workload), `pytorch ${count} `, `simd ${count}`);
      const value = faster === null ? null : 1 / faster;
      add(`${workload}: step, of optimised PyTorch's time, ${count} thread(s) each`, value, {
        must,
        aim,
        more: false,
      });
    }
  }
  for (const count of threads) {
    for (const workload of ['SPARSE', 'DENOISING', 'VAE', 'DEEP', 'CONV', 'RBM']) {
      const faster = against(steps(workload), `tensorflow ${count}`, `simd ${count}`);
      const must = workload === 'DEEP' ? 1.3 : 1;
      const value = faster === null ? null : 1 / faster;
      add(`${workload}: step, of tfjs-node's time, ${count} thread(s) each`, value, { must, aim: 1, more: false });
    }
  }
  for (const [workload, must] of [
    ['SPARSE', 5],
    ['VAE', 9],
    ['DEEP', 9],
  ]) {
    add(`${workload}: step, times faster than TF.js's wasm backend`, against(steps(workload), 'wasm', 'simd 1'), {
      must,
    });
  }
  const products = Object.values(measured.multiplications?.simd ?? {}).map(({ median: value }) => value);
  const slowest = products.length > 0 ? Math.min(...products) : null;
  add('multiplication 128×784×1000, slowest transposition, one thread', slowest, { must: 31, unit: ' GFLOPS' });
  const deep = steps('DEEP');
  const second = deep?.['simd 2'] ? ratio(deep['simd 1'], deep['simd 2']) : null;
  add('DEEP: two threads, times faster than one', second, { must: 1.7, aim: 1.9 });
  const memory = Object.values(measured.memory ?? {});
  add('peak memory, largest of the reference experiments', memory.length > 0 ? Math.max(...memory) : null, {
    must: 400,
    aim: 250,
    more: false,
    unit: ' MB',
  });
  for (const [file, times] of Object.entries(measured.startUp ?? {})) {
    add(`first training step of ${file} after the command starts`, median(times) / 1000, {
      must: 1,
      aim: 0.5,
      more: false,
      unit: ' s',
    });
  }
  const beside = measured.besideAnother;
  add(
    'DEEP, all threads, beside a process that keeps a core busy: of its time alone',
    beside ? ratio(beside.busy, beside.alone) : null,
    {
      must: 2,
      aim: 1.3,
      more: false,
    },
  );
  for (const [workload, { batch, step }] of Object.entries(measured.pipeline ?? {})) {
    add(`${workload}: share of a step that making the batch takes`, (100 * batch) / step, {
      must: 5,
      more: false,
      unit: ' %',
    });
  }
  for (const [workload, { added, step }] of Object.entries(measured.chain ?? {})) {
    add(`${workload}: share of a step that the chain of hashes takes`, (100 * added) / step, {
      must: 3,
      more: false,
      unit: ' %',
    });
  }
  for (const [word, { word: builtIn, definition }] of Object.entries(measured.definitions ?? {})) {
    add(`${word} as a definition: step, of the built-in word's time`, ratio(definition, builtIn), {
      must: 1.5,
      more: false,
    });
  }
  for (const [size, { share, paced, framesPerSecond, megabytesPerHour }] of Object.entries(measured.dashboard ?? {})) {
    const what = `dashboard at ${size}, eight trials`;
    const limit = { must: 5, more: false, unit: ' %' };
    if (size === '120×40') add(`${what}: share of a core, two frames a second`, 100 * share, limit);
    add(`${what}: share of a core, ${framesPerSecond.toFixed(1)} frames a second as paced`, 100 * paced, limit);
    add(`${what}: memory that is kept`, megabytesPerHour, { must: 15, more: false, unit: ' MB an hour' });
  }
  return list.map((goal) => ({ ...goal, verdict: verdict(goal) }));
}

function verdict({ value, must, aim, more }) {
  if (value === null) return 'not measured';
  const within = (bound) => (more ? value >= bound : value <= bound);
  if (aim !== null && within(aim)) return 'aim reached';
  return within(must) ? 'reached' : 'missed';
}
