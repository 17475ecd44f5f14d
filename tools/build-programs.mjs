// Bundles what the package runs: the command line, what it starts as processes and threads, and the entries of the API.
// Loading 500 files one by one would be most of the time from the start of a command to its first step, and a bundle needs
// none of the packages whose code it has, which would be two thirds of what is installed. In the place of each program is
// left what imports its bundle.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { modulesOf, recordPackages } from './third-party.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const programs = ['src/cli/main.js', 'src/execute/trial-host.js', 'src/execute/trial-thread.js'];

const api = join(dist, 'src', 'api');
/** `exports` of package.json names each of them. */
const entries = [
  join(dist, 'src', 'index.js'),
  ...readdirSync(api)
    .filter((name) => name.endsWith('.js') && name !== 'loaded-when-called.js')
    .map((name) => join(api, name)),
];

/** Packages with files of their own or without the text of their licence, what TF.js would download models with, and what Ink loads where DEV is set. */
const external =
  /^(better-sqlite3(-13)?|@resvg\/resvg-wasm|@tensorflow\/tfjs-node|@cornerstonejs\/codec-libjpeg-turbo-8bit|yoga-layout|node-fetch|react-devtools-core)(\/|$)/;

/** Loaded by its address as well, by the backends that don't import it. */
const gradients = join(dist, 'src', 'runtime', 'backend', 'simd', 'gradients.generated.mjs');

/** A module is moved, and the files that it finds beside it are not. */
function placesSeenFrom(folder) {
  const seen = (file) => relative(folder, file).split(sep).join('/');
  return {
    name: 'places',
    resolveId(source, importer) {
      const found = importer !== undefined && join(dirname(importer), source) === gradients;
      return found ? { id: seen(gradients), external: true } : null;
    },
    transform(code, id) {
      const path = seen(id);
      if (!path.startsWith('../src/') || !code.includes('import.meta.url')) return null;
      return { code: code.replaceAll('import.meta.url', `new URL('${path}', import.meta.url).href`), map: null };
    },
  };
}

/**
 * What is loaded at one time, by the modules that ask for it: the parts of what commands do that are worth a file. A
 * module goes into one file with those that all the same starts need, so that a command reads 35 files and not 140, of
 * a third of a millisecond each, and hardly a line that it could do without.
 */
const starts = {
  main: ['cli/main'],
  program: ['cli/program'],
  format: ['cli/commands/fmt'],
  log: ['cli/commands/log'],
  watch: ['cli/commands/watch'],
  list: ['cli/commands/ls', 'runtime/store/store'],
  check: ['cli/commands/check', 'cli/project-words'],
  run: ['cli/commands/run'],
  train: ['sweep/single-run', 'runtime/backend/choose', 'runtime/backend/simd', 'runtime/backend/simd/register'],
  host: ['execute/trial-host'],
};

/** @returns the name of the file that a module goes into; null where no start needs it */
function filesByStart(chunks) {
  const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const chunkOf = new Map(chunks.flatMap((chunk) => chunk.moduleIds.map((id) => [id, chunk])));
  const needing = new Map(chunks.map((chunk) => [chunk, []]));
  for (const [start, modules] of Object.entries(starts)) {
    const needed = new Set(modules.map((module) => chunkOf.get(join(dist, 'src', `${module}.js`))));
    // A set also visits what is added meanwhile.
    for (const chunk of needed) for (const name of chunk.imports) if (named.has(name)) needed.add(named.get(name));
    for (const chunk of needed) needing.get(chunk).push(start);
  }
  return (id) => needing.get(chunkOf.get(id))?.join('-') || null;
}

/** @param isJoined whether entries are only run, so that their bundles may export what others need */
async function bundled(input, folder, { sourcemap, isJoined }) {
  const bundle = await rolldown({
    input,
    platform: 'node',
    // TF.js's core for Node is one script of CommonJS; its modules for bundlers are less than half of that.
    resolve: { mainFields: ['module', 'main'] },
    external,
    // React's own checks of whoever uses it are for development.
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [placesSeenFrom(folder)],
    // Commands import from the entries of the API, which load nothing by themselves: a command gets only what it names.
    treeshake: { moduleSideEffects: [{ test: /\/dist\/src\/api\//, sideEffects: false }] },
    ...(isJoined ? { preserveEntrySignatures: 'allow-extension' } : {}),
    logLevel: 'warn',
    // Whether an import that waits loads anything then depends on the command.
    checks: { ineffectiveDynamicImport: false },
  });
  // What an earlier build left would be packed as well.
  rmSync(folder, { recursive: true, force: true });
  const output = {
    dir: folder,
    format: 'esm',
    sourcemap,
    sourcemapExcludeSources: true,
    // Names stay, for stack traces.
    minify: { compress: true, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: true } },
  };
  const joined = async () => {
    const { output: files } = await bundle.generate({ ...output, minify: false, sourcemap: false });
    const name = filesByStart(files.filter(({ type }) => type === 'chunk'));
    return { includeDependenciesRecursively: false, groups: [{ name, debugName: 'starts' }] };
  };
  const written = await bundle.write({ ...output, ...(isJoined ? { codeSplitting: await joined() } : {}) });
  recordPackages(root, modulesOf(root, written));
}

const folder = join(dist, 'programs');
// What newer Nodes keep of earlier bundles (src/cli/main.ts).
rmSync(join(dist, 'compiled'), { recursive: true, force: true });
// Two bundles, since a command would load everything that an entry of the API has in common with it.
await bundled(entries, join(dist, 'library'), { sourcemap: false, isJoined: false });
await bundled(
  programs.map((path) => join(dist, path)),
  folder,
  { sourcemap: true, isJoined: true },
);

for (const program of programs) {
  const file = join(dist, program);
  const [first] = readFileSync(file, 'utf8').split('\n');
  const hashbang = first?.startsWith('#!') ? `${first}\n` : '';
  const path = relative(dirname(file), join(folder, basename(program)))
    .split(sep)
    .join('/');
  writeFileSync(file, `${hashbang}import '${path}';\n`);
}
