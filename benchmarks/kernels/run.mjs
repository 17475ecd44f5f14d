// Times the kernels of the built backend one by one: `node benchmarks/kernels/run.mjs [threads …]` (default 1 2).
// Prints medians of several repetitions; run it on an otherwise idle machine.
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const built = new URL('../../dist/src/runtime/backend/simd/', import.meta.url);
if (!existsSync(built)) {
  process.stderr.write('run `npm run build` first\n');
  process.exit(4);
}
const { KernelRunner } = await import(new URL('kernel-runner.js', built).href);
const { Operation, Unary, Optimizer, Distribution } = await import(new URL('operations.js', built).href);

const counts = process.argv.slice(2).map(Number);
const runners = (counts.length > 0 ? counts : [1, 2]).map((threads) => new KernelRunner(threads));

/** Milliseconds of one call: the median over repetitions, and the least. */
function time(call) {
  for (let i = 0; i < 5; ++i) call();
  const start = performance.now();
  call();
  const rounds = Math.max(1, Math.ceil(5 / Math.max(performance.now() - start, 1e-4)));
  const times = Array.from({ length: 21 }, () => {
    const begin = performance.now();
    for (let i = 0; i < rounds; ++i) call();
    return (performance.now() - begin) / rounds;
  }).sort((a, b) => a - b);
  return { median: times[10], least: times[0] };
}

const random = (memory, count) => {
  const address = memory.allocate(count * 4);
  for (let i = 0; i < count; ++i) memory.floats[address / 4 + i] = ((i * 7919) % 2000) / 1000 - 1;
  return address;
};

function report(name, unit, amount, calls) {
  const figures = calls.map((call, i) => {
    const { median, least } = time(call);
    return `${runners[i].threads} thread${runners[i].threads > 1 ? 's' : ''} ${(amount / median / 1e6).toFixed(1)} ${unit} (best ${(amount / least / 1e6).toFixed(1)}, ${(median * 1e3).toFixed(1)} us)`;
  });
  process.stdout.write(`${name}: ${figures.join(' | ')}\n`);
}

const products = [
  [128, 784, 1000, 0, 0],
  [128, 784, 1000, 1, 0],
  [128, 784, 1000, 0, 1],
  [128, 784, 1000, 1, 1],
  [784, 128, 1000, 1, 0],
  [128, 1000, 784, 0, 1],
  [128, 1000, 500, 0, 0],
  [32, 100, 100, 0, 0],
];
for (const [m, k, n, ta, tb] of products) {
  const calls = runners.map((runner) => {
    const { memory } = runner;
    const [a, b, c] = [random(memory, m * k), random(memory, k * n), random(memory, m * n)];
    const words = [
      1,
      m,
      n,
      k,
      a,
      0,
      (ta ? 1 : k) * 4,
      (ta ? m : 1) * 4,
      b,
      0,
      (tb ? 1 : n) * 4,
      (tb ? k : 1) * 4,
      c,
      0,
      0,
      0,
      1,
      runner.threads,
      0,
      runner.threads,
      runner.threads > 1 ? n >> 3 : 0,
    ];
    return () =>
      runner
        .begin(Operation.Matmul)
        .ints(words)
        .run(m * n * k * 0.06);
  });
  report(
    `${m} x ${k} x ${n}${ta ? ', A transposed' : ''}${tb ? ', B transposed' : ''}`,
    'GFLOPS',
    2 * m * n * k,
    calls,
  );
}

const n = 100352;
for (const name of ['Relu', 'Exp', 'Sigmoid', 'Tanh', 'Log', 'Erf']) {
  const calls = runners.map((runner) => {
    const [x, y] = [random(runner.memory, n), random(runner.memory, n)];
    return () =>
      runner
        .begin(Operation.UnaryFloat)
        .ints([Unary[name], n, x, y, 0, 0])
        .run(n * 2);
  });
  report(`${name} of ${n}`, 'elements/ns', n, calls);
}

report(
  `normal numbers, ${n}`,
  'elements/ns',
  n,
  runners.map((runner) => {
    const y = random(runner.memory, n);
    return () =>
      runner
        .begin(Operation.RandomNumbers)
        .ints([Distribution.Normal, n, 1, 2, 0, 0, 3, 0, 0, 0, y])
        .run(n * 4);
  }),
);

report(
  `Adam, 784000 weights`,
  'elements/ns',
  784000,
  runners.map((runner) => {
    const addresses = Array.from({ length: 7 }, () => random(runner.memory, 784000));
    return () => {
      const job = runner.begin(Operation.Optimizer).int(Optimizer.Adam).int(1);
      for (const value of [0.001, 1e-8, 0.9, 0.1, 0.999, 0.001, 0]) job.float(value);
      job.int(784000).ints(addresses).run(784000);
    };
  }),
);

for (const runner of runners) {
  const { median } = time(() => runner.begin(Operation.Fill).ints([4, 0, 0, 0]).run(1e9));
  process.stdout.write(`empty job, ${runner.threads} thread(s): ${(median * 1e3).toFixed(2)} us\n`);
}
await Promise.all(runners.map((runner) => runner.dispose()));
