import { expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { fusedOperations } from '../../../src/runtime/lowering/fused-operations.js';

it('AEDSL_FUSE=0 turns the fused operations off', async () => {
  vi.stubEnv('AEDSL_FUSE', '0');
  await chooseBackend('simd', { threads: 1 });
  expect(fusedOperations()).toBeNull();
});
