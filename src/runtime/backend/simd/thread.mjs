// A worker thread: runs the kernels of the jobs that the main thread opens, until the process ends.
import { workerData } from 'node:worker_threads';

const { module, memory, work, deadAddress, stateAddress } = workerData;
const words = new Int32Array(memory.buffer);
try {
  new WebAssembly.Instance(module, { env: { memory } }).exports.serve(work);
} finally {
  // Reached only when a kernel traps. The main thread may be waiting for this one.
  Atomics.store(words, deadAddress >> 2, 1);
  Atomics.notify(words, stateAddress >> 2);
}
