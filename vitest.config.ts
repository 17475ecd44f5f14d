import { defineConfig } from 'vitest/config';

const report = process.env.AEDSL_TEST_REPORT;

/**
 * What computes on values alone: no backend, no process, no variable of the environment. These files share the modules of
 * their worker; loading them anew for each takes half a second. TF.js can't be shared: `tests/pure.ts` sees to it.
 */
const pure = [
  'compiler',
  'editor',
  'files',
  'grammar',
  'metrics',
  'numerics',
  'runtime/evaluation',
  'runtime/figures',
  'runtime/formats',
  'runtime/importance',
  'runtime/random',
  'runtime/statistics',
  'text',
  // All but the files that train, or run the command line.
].map((folder) => `tests/${folder}/**/!(anomaly|examples|random-edits|transposed).test.ts`);

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Many tests wait for processes, so that a core would be idle with the one worker that Vitest takes on two cores.
    maxWorkers: 2,
    reporters: report ? ['default', 'json'] : ['default'],
    ...(report ? { outputFile: { json: report } } : {}),
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: pure, isolate: false, setupFiles: 'tests/pure.ts' },
      },
      {
        extends: true,
        test: { name: 'other', include: ['tests/**/*.test.{ts,tsx}'], exclude: pure },
      },
    ],
  },
});
