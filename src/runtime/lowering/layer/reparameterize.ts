import { add, exp, mul } from '@tensorflow/tfjs-core';
import { reparameterize } from '../../../compiler/library/layer/reparameterize.js';
import { fusedOperations } from '../fused-operations.js';
import type { LayerLowering } from '../lowering.js';

/** `mu + eps · exp(logvar / 2)`, or `mu` itself where latent variables are not drawn. */
export const reparameterizeLowering: LayerLowering<typeof reparameterize.parameters> = {
  word: reparameterize,
  forward(_args, _input, { heads, sampling, noise }) {
    const { mu, logvar } = heads;
    if (!mu || !logvar) throw new RangeError('reparameterize needs the heads mu and logvar');
    if (!sampling) return mu;
    const fused = fusedOperations();
    if (fused && noise.place) return fused.reparameterize(mu, logvar, noise.place('eps', mu.shape));
    return add(mu, mul(noise.normal('eps', mu.shape), exp(mul(logvar, 0.5))));
  },
};
