import { fusedOperations } from '../lowering/fused-operations.js';
import type { StreamAddress } from '../random/address.js';
import { type RandomStream, stream } from '../random/stream.js';

/**
 * The random stream at an address. TF.js's current backend draws its uniform and normal numbers and integers, if it
 * can.
 */
export function backendStream(address: StreamAddress): RandomStream {
  const drawnHere = stream(address);
  const drawing = (kind: 'uniform' | 'normal') => (out: Float32Array, step: number, first: number) => {
    const drawn = fusedOperations()?.random(kind, { key: drawnHere.key, at: { step }, first }, [out.length]);
    if (!drawn) return drawnHere[kind](out, step, first);
    out.set(drawn.dataSync());
    drawn.dispose();
  };
  const [uniform, normal] = [drawing('uniform'), drawing('normal')];
  return {
    ...drawnHere,
    uniform: (out, step, first = 0) => uniform(out, step, first),
    normal: (out, step, first = 0) => normal(out, step, first),
    integers(out, below, step, first = 0) {
      const fused = fusedOperations();
      if (fused) fused.integers(out, below, { key: drawnHere.key, at: { step }, first });
      else drawnHere.integers(out, below, step, first);
    },
  };
}
