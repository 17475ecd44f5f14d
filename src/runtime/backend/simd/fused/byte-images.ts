import { engine, type KernelConfig, type Tensor } from '@tensorflow/tfjs-core';
import { kernel } from '../kernel-call.js';
import { withTemporary } from '../kernels/copying.js';
import { Operation } from '../operations.js';

const GATHER_BYTES = 'GatherBytes';

/** The part of every example to take: rows of `rowBytes` bytes, `stride` bytes apart. */
export interface ByteWindow {
  readonly rows: number;
  readonly rowBytes: number;
  readonly stride: number;
}

/**
 * A batch from a data set kept as bytes: float32 `[examples, rows · rowBytes]`, every byte replaced by its entry in
 * `table` (256 numbers, which hold scaling and normalisation).
 *
 * @param bytes the data set, a tensor of dtype bool, whose bytes may have any value
 * @param starts the byte where each example's window starts
 * @throws RangeError where a window is not inside the data
 */
export function gatherBytes(bytes: Tensor, starts: Int32Array, window: ByteWindow, table: Float32Array): Tensor {
  const reach = (window.rows - 1) * window.stride + window.rowBytes;
  for (const start of starts) {
    if (start < 0 || start + reach > bytes.size)
      throw new RangeError(`bytes ${start} to ${start + reach} are outside of the data`);
  }
  if (table.length !== 256) throw new RangeError(`a table has 256 numbers, not ${table.length}`);
  const attributes = { starts, table, rows: window.rows, rowBytes: window.rowBytes, stride: window.stride };
  return engine().runKernel<Tensor>(GATHER_BYTES, { bytes }, attributes);
}

export const byteImageKernels: readonly KernelConfig[] = [
  kernel(GATHER_BYTES, (call) => {
    const { backend } = call;
    const starts = call.numbers('starts');
    const [rows, rowBytes] = [call.number('rows'), call.number('rowBytes')];
    const y = backend.allocate([starts.length, rows * rowBytes], 'float32');
    return withTemporary(backend, backend.allocate([starts.length], 'int32'), (first) =>
      withTemporary(backend, backend.allocate([256], 'float32'), (table) => {
        backend.intView(first).set(starts);
        backend.floatView(table).set(call.numbers('table'));
        const job = backend.kernels
          .begin(Operation.GatherBytes)
          .int(starts.length)
          .int(backend.address(call.tensor('bytes')));
        job.int(backend.address(y)).int(backend.address(first)).int(backend.address(table));
        job
          .int(rows)
          .int(rowBytes)
          .int(call.number('stride'))
          .run(starts.length * rows * rowBytes);
        return y;
      }),
    );
  }),
];
