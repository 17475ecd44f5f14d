// Runs the test suite of @tensorflow/tfjs-core on the simd backend, under Jasmine.
//
// A spec that reaches a kernel which the backend does not register counts as not executed, and the kernel must be listed
// in unregistered.json with the reason. Everything else must pass, and not fewer specs than expected.json says.
// `node tests/conformance/run.mjs [text]` runs only the specs whose full name contains the text. With --high all tensors lie
// above 2 GiB, where an address is no signed number of 32 bits; it takes no more memory.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const backend = join(root, 'src', 'runtime', 'backend', 'simd');
const core = join(root, 'node_modules', '@tensorflow', 'tfjs-core', 'dist');
const require = createRequire(import.meta.url);
const isHigh = process.argv.includes('--high');
const only = process.argv.slice(2).find((argument) => argument !== '--high');

/** The modules of the suite, bundled so that tests, backend and TF.js share one copy of the engine. */
async function bundle(directory) {
  const tests = readdirSync(core, { recursive: true })
    .filter((file) => file.endsWith('_test.js') && !file.endsWith(`setup_test.js`))
    .sort();
  const at = (path) => JSON.stringify(join(core, path).split(sep).join('/'));
  writeFileSync(
    join(directory, 'suite.js'),
    [
      `export { setTestEnvs } from ${at('jasmine_util.js')};`,
      `export { backend, setBackend } from ${at('index.js')};`,
      `import ${at('register_all_gradients.js')};`,
      `import ${at(join('public', 'chained_ops', 'register_all_chained_ops.js'))};`,
      `export { registerSimdBackend } from ${JSON.stringify(join(backend, 'register.ts').split(sep).join('/'))};`,
      `export const load = [${tests.map((file) => `() => import(${at(file)})`).join(',\n')}];`,
    ].join('\n'),
  );
  const build = await rolldown({
    input: join(directory, 'suite.js'),
    platform: 'node',
    treeshake: false,
    external: [/^jasmine-core/],
    resolve: { alias: { '@tensorflow/tfjs-core': join(core, 'index.js') } },
    logLevel: 'silent',
    plugins: [
      // The suite registers TF.js's gradients itself.
      { name: 'without-second-gradients', load: (id) => (id.endsWith('gradients.generated.mjs') ? '' : null) },
      { name: 'keep-side-effects', transform: (code) => ({ code, moduleSideEffects: true }) },
    ],
  });
  await build.write({
    dir: join(directory, 'out'),
    format: 'esm',
    entryFileNames: 'suite.mjs',
    chunkFileNames: '[name].mjs',
  });
  for (const file of ['kernels.wasm', 'thread.mjs']) copyFileSync(join(backend, file), join(directory, 'out', file));
  return import(pathToFileURL(join(directory, 'out', 'suite.mjs')).href);
}

const missingKernel = /Kernel '([^']+)' not registered for backend/;

async function main(directory) {
  const jasmineCore = require('jasmine-core');
  const jasmine = jasmineCore.boot();
  const env = jasmine.getEnv();
  const suite = await bundle(directory);
  suite.registerSimdBackend({ threads: 2 });
  suite.setTestEnvs([{ name: 'simd', backendName: 'simd', flags: {}, isDataSync: true }]);
  if (isHigh) {
    await suite.setBackend('simd');
    suite.backend().kernels.memory.allocate(2.25 * 1024 ** 3);
  }
  for (const load of suite.load) await load();

  const passed = [];
  const failed = [];
  const missing = new Map();
  env.configure({ random: false, specFilter: (spec) => only === undefined || spec.getFullName().includes(only) });
  env.addReporter({
    specDone(spec) {
      if (spec.status === 'passed') passed.push(spec.fullName);
      if (spec.status !== 'failed') return;
      const kernel = spec.failedExpectations.map(({ message }) => missingKernel.exec(message)?.[1]).find(Boolean);
      if (kernel === undefined) failed.push(spec);
      else missing.set(kernel, [...(missing.get(kernel) ?? []), spec.fullName]);
    },
  });
  await env.execute();

  const reasons = JSON.parse(readFileSync(join(here, 'unregistered.json'), 'utf8'));
  const expected = JSON.parse(readFileSync(join(here, 'expected.json'), 'utf8'));
  for (const spec of failed) {
    process.stdout.write(`FAILED ${spec.fullName}\n`);
    for (const { message } of spec.failedExpectations) process.stdout.write(`       ${message.split('\n')[0]}\n`);
  }
  for (const [kernel, specs] of [...missing].sort()) {
    process.stdout.write(`${kernel}: not registered, ${specs.length} specs: ${reasons[kernel] ?? 'NO REASON GIVEN'}\n`);
  }
  const skipped = [...missing.values()].reduce((sum, specs) => sum + specs.length, 0);
  const executed = passed.length + failed.length;
  process.stdout.write(
    `executed ${executed} of ${executed + skipped} specs: ${passed.length} passed, ${failed.length} failed; ` +
      `${skipped} need kernels that are not registered\n`,
  );
  const unexplained = [...missing.keys()].filter((kernel) => reasons[kernel] === undefined);
  const tooFew = only === undefined && passed.length < expected.passed;
  if (tooFew) process.stdout.write(`fewer specs passed than the ${expected.passed} of expected.json\n`);
  return failed.length === 0 && unexplained.length === 0 && !tooFew;
}

// Within the project, so that the bundle finds its packages.
mkdirSync(join(root, '.aedsl'), { recursive: true });
const directory = mkdtempSync(join(root, '.aedsl', 'conformance-'));
try {
  process.exitCode = (await main(directory)) ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
