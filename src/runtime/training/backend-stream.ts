import { fusedOperations } from '../lowering/fused-operations.js';
import type { StreamAddress } from '../random/address.js';
import { type RandomStream, stream } from '../random/stream.js';

/** The stream at an address, whose uniform and normal numbers TF.js's current backend draws where it can. */
export function backendStream(address: StreamAddress): RandomStream {
  const drawnHere = stream(address);
  const fused = fusedOperations();
  if (fused === null) return drawnHere;
  const drawing =
    (kind: 'uniform' | 'normal') =>
    (out: Float32Array, step: number, first = 0) => {
      const drawn = fused.random(kind, { key: drawnHere.key, at: { step }, first }, [out.length]);
      out.set(drawn.dataSync());
      drawn.dispose();
    };
  return { ...drawnHere, uniform: drawing('uniform'), normal: drawing('normal') };
}
