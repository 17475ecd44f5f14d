// GFLOPS of a matrix multiplication in all transpositions, one thread: node matmul.mjs simd|onnxruntime [M K N]
//
// Prints one JSON object: for `AB`, `AᵀB`, `ABᵀ`, `AᵀBᵀ` the milliseconds of every repetition.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { gemmModel } from './onnx-model.mjs';
import { builtFolder, peersFolder } from './places.mjs';

const [engine = 'simd', ...sizes] = process.argv.slice(2);
const [m, k, n] = sizes.length === 3 ? sizes.map(Number) : [128, 784, 1000];
const transpositions = { AB: [false, false], AᵀB: [true, false], ABᵀ: [false, true], AᵀBᵀ: [true, true] };
const numbers = (count) => Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 2000) / 1000 - 1);
const [a, b] = [numbers(m * k), numbers(k * n)];
const shapes = ([ta, tb]) => [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n]];

const multiplier = { simd, onnxruntime }[engine];
const times = {};
let version;
for (const [name, transposed] of Object.entries(transpositions)) {
  const made = await multiplier(transposed);
  version = made.version;
  for (let i = 0; i < 10; i++) await made.multiply();
  times[name] = [];
  for (let i = 0; i < 50; i++) {
    const began = performance.now();
    await made.multiply();
    times[name].push(performance.now() - began);
  }
}
// What is not written yet when the process exits is lost.
process.stdout.write(`${JSON.stringify({ version, flop: 2 * m * k * n, times })}\n`, () => process.exit(0));

async function simd(transposed) {
  const { chooseBackend } = await import(new URL('src/runtime/backend/choose.js', builtFolder).href);
  const tf = await import('@tensorflow/tfjs-core');
  const { version } = await chooseBackend('simd', { threads: 1 });
  const [left, right] = shapes(transposed).map((shape, i) => tf.tensor(i === 0 ? a : b, shape));
  return { version, multiply: () => tf.matMul(left, right, ...transposed).dispose() };
}

async function onnxruntime(transposed) {
  const path = createRequire(new URL('package.json', peersFolder)).resolve('onnxruntime-node');
  const { default: ort } = await import(pathToFileURL(path).href);
  const [left, right] = shapes(transposed);
  const session = await ort.InferenceSession.create(gemmModel(left, right, [m, n], transposed), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  // One operand may be constant in a network; here both are given anew, as in training.
  const feeds = { A: new ort.Tensor('float32', a, left), B: new ort.Tensor('float32', b, right) };
  return { version: ort.env?.versions?.node ?? 'unknown', multiply: () => session.run(feeds) };
}
