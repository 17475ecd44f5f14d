// Bundles what runs as a program of its own: the command line, and what it starts as processes and threads. Loading its
// 500 files one by one would be most of the time from the start of a command to its first step. In the place of each
// program is left what imports its bundle; what is imported as a library stays as tsc wrote it.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { modulesOf, recordPackages } from './third-party.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const folder = join(dist, 'programs');
const programs = [
  'src/cli/main.js',
  'src/execute/trial-host.js',
  'src/execute/trial-thread.js',
  'src/compare/verify/replay-process.js',
];

/** Packages with files of their own, those that few commands load, and what TF.js would download models with. */
const external =
  /^(better-sqlite3|@resvg\/resvg-wasm|@tensorflow\/tfjs-node|@cornerstonejs\/codec-libjpeg-turbo-8bit|tar|hyparquet-writer|ink|react|node-fetch)(\/|$)/;

/** Loaded by its address as well, by the backends that don't import it. */
const gradients = join(dist, 'src', 'runtime', 'backend', 'simd', 'gradients.generated.mjs');

const fromBundle = (file) => relative(folder, file).split(sep).join('/');

/** A module is moved, and the files that it finds beside it are not. */
const places = {
  name: 'places',
  resolveId(source, importer) {
    const found = importer !== undefined && join(dirname(importer), source) === gradients;
    return found ? { id: fromBundle(gradients), external: true } : null;
  },
  transform(code, id) {
    const path = fromBundle(id);
    if (!path.startsWith('../src/') || !code.includes('import.meta.url')) return null;
    return { code: code.replaceAll('import.meta.url', `new URL('${path}', import.meta.url).href`), map: null };
  },
};

const bundle = await rolldown({
  input: programs.map((path) => join(dist, path)),
  platform: 'node',
  // TF.js's core for Node is one script of CommonJS; its modules for bundlers are less than half of that.
  resolve: { mainFields: ['module', 'main'] },
  external,
  plugins: [places],
  // Commands import from the entries of the API, which load nothing by themselves: a command gets only what it names.
  treeshake: { moduleSideEffects: [{ test: /\/dist\/src\/api\//, sideEffects: false }] },
  logLevel: 'warn',
});
const written = await bundle.write({
  dir: folder,
  format: 'esm',
  sourcemap: true,
  sourcemapExcludeSources: true,
  // Names stay, for the stack traces of --debug.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
});
recordPackages(root, modulesOf(root, written));

for (const program of programs) {
  const file = join(dist, program);
  const [first] = readFileSync(file, 'utf8').split('\n');
  const hashbang = first?.startsWith('#!') ? `${first}\n` : '';
  const path = relative(dirname(file), join(folder, basename(program)))
    .split(sep)
    .join('/');
  writeFileSync(file, `${hashbang}import '${path}';\n`);
}
