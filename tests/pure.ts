import { afterAll, expect } from 'vitest';

/** The engine of one file would be that of the next, whose tensors are of other classes. */
afterAll(() => {
  expect(globalThis, 'the file loads TF.js, so it needs a worker of its own: vitest.config.ts').not.toHaveProperty(
    '_tfengine',
  );
});
