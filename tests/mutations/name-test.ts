import { expect } from 'vitest';

// For probes in this process, and in those that the test starts: tests/mutations/reach.mjs.
process.env.AEDSL_REACHED_BY = expect.getState().testPath;
