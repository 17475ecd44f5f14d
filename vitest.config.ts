import { defineConfig } from 'vitest/config';
import { haveTemporaryFolder } from './tests/temporary-folder.js';

haveTemporaryFolder();

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

/**
 * What computes with the engine in its own process, which these files share as well as their modules. Loading both anew
 * for each takes a second. Left out are files that replace modules, those that start processes or measure memory and time,
 * and long trainings, for which a second is little. `tests/shared.ts` sees that they leave the environment as it was.
 */
const engine = [
  'cli/!(address-space|commands|completion|doctor|help|interruption|lock|new|one-ulp|output|project|removal|start-up|streams|sweep-options|two-sweeps|verify|work)',
  'cli/dashboard/!(terminal)',
  'compare/{diff,lock,verify}/!(history|noise|places)',
  'docs/{data,events,from-pytorch,metrics}',
  'execute/{command/work,spool/spool}',
  'hostile/{editor,names}',
  'models/{apply,asked-condition,class-names,onnx}',
  'project/!(checked-experiments|large-data)',
  'results/{export,front,report/report,table,watch}',
  'runtime/{datasets,search}/**/*',
  'runtime/lowering/!(gradients)',
  'runtime/provenance/{identity,lock-file}',
  'runtime/store/!(failures|lifetime|removal|sweeps)',
  'runtime/training/!(fused|memory|repeated)',
  'sweep/plan/*',
  'sweep/!(sweep|search|sweep-evaluation|sweep-goes-on|sweep-init|sweep-workers)',
  'trial/**/!(data-sets|failing-evaluation|prepare|trial-memory)',
  'words/!(no-engine|outside)',
].map((files) => `tests/${files}.test.{ts,tsx}`);

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
        test: { name: 'engine', include: engine, isolate: false, setupFiles: 'tests/shared.ts' },
      },
      {
        extends: true,
        test: { name: 'alone', include: ['tests/**/*.test.{ts,tsx}'], exclude: [...pure, ...engine] },
      },
    ],
  },
});
