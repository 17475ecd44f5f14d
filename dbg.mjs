import { chooseBackend } from './dist/src/runtime/backend/choose.js';
import { recordingBackend } from './dist/src/runtime/backend/repetition.js';
import { fusedOperations } from './dist/src/runtime/lowering/fused-operations.js';
import { Repeated } from './dist/src/runtime/training/repeated.js';
import * as tf from '@tensorflow/tfjs-core';
await chooseBackend('simd', { threads: 1 });
const b = recordingBackend(), f = fusedOperations();
const x = tf.keep(tf.zeros([32, 100])), w = tf.keep(tf.tensor(Float32Array.from({length:10000},(_, i)=>((i*7919)%1000)/5000-0.1),[100,100])), bias = tf.keep(tf.zeros([100]));
const r = new Repeated();
const compute = () => {
  let term;
  const { grads } = tf.engine().gradients(() => {
    const y = f.dense({ input: x, weight: w, transposed: true, bias, activation: 'sigmoid' });
    const y2 = f.dense({ input: y, weight: w, transposed: true, bias, activation: 'sigmoid' });
    const l = f.elementLoss('squared_error', y2, x, 1/3200), s = f.sparsity(y, 0.05, 0.01);
    term = tf.keep(l);
    return tf.add(l, tf.mul(s, 5));
  }, [w, bias]);
  const sq = grads.map(g => f.sumOfSquares(g));
  return { value: { term, grads, sq }, tensors: [term, ...grads, ...sq] };
};
for (let i = 0; i < 12; i++) {
  b.overwrite(x, Float32Array.from({ length: 3200 }, (_, j) => ((j * 31 + i * 17) % 97) / 97));
  const show = ({ term, sq, grads }) => [b.numberOf(term), ...sq.map(s => b.numberOf(s)), grads[0].dataSync()[5]].join(' ');
  tf.engine().startScope();
  const a = r.use([x], compute, show);
  tf.engine().endScope();
  tf.engine().startScope();
  const o = compute(); const c = show(o.value); o.tensors.forEach(t => t.dispose());
  tf.engine().endScope();
  console.log(i, a === c, a, a === c ? '' : c);
  f.update({ kind: 'sgd', rate: 0.1, momentum: 0, nesterov: false, decay: 0 }, []);
}
