// A copy of the working tree, in .aedsl/mutations: its files, its build, its types and its tests.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const place = join(root, '.aedsl', 'mutations');
export const tracked = listed('--cached');
const modules = new Set(tracked.filter((path) => /\.tsx?$/.test(path)));
copyTree();
/** Bundling replaces what tsc made of them. */
const programs = new Map(
  ['src/cli/main.ts', 'src/execute/trial-host.ts', 'src/execute/trial-thread.ts'].map((path) => [path, read(path)]),
);
const { options, fileNames } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(place, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  place,
);
const stale = new Set();
const imports = new Map();
const host = hostOfChanges();
let checked;
let runs = 0;

/** From the copy: the working tree may change meanwhile. */
export function read(path) {
  return readFileSync(join(place, path), 'utf8');
}

/** Writes a source, and what is built of it, which may be another text. */
export function write(path, source, built = source) {
  writeFileSync(join(place, path), source);
  stale.add(join(place, path));
  if (programs.has(path)) programs.set(path, built);
  else compile(path, built);
}

/** Writes what tsc would make of a text. */
function compile(path, text) {
  // One file doesn't say that its package has modules.
  const compilerOptions = {
    ...options,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const { outputText, sourceMapText } = ts.transpileModule(text, { compilerOptions, fileName: path });
  const output = join(place, 'dist', path.replace(/\.tsx?$/, '.js'));
  writeFileSync(output, outputText);
  writeFileSync(`${output}.map`, sourceMapText);
}

export function bundle() {
  for (const [path, text] of programs) compile(path, text);
  const bundled = spawnSync(process.execPath, ['tools/build-programs.mjs'], { cwd: place, encoding: 'utf8' });
  if (bundled.status !== 0) throw new Error(bundled.stderr);
  rmSync(join(place, 'dist', 'bundled-packages.json'));
}

/** Whether the types agree in what was written since this was last asked, and in what depends on it. */
export function typesAgree() {
  checked = ts.createSemanticDiagnosticsBuilderProgram(fileNames, options, host, checked);
  stale.clear();
  let agree = true;
  for (;;) {
    const next = checked.getSemanticDiagnosticsOfNextAffectedFile();
    if (next === undefined) return agree;
    agree &&= next.result.length === 0;
  }
}

/** Files are read again when they were written. */
function hostOfChanges() {
  const host = ts.createIncrementalCompilerHost(options);
  const parse = host.getSourceFile;
  const parsed = new Map();
  host.getSourceFile = (name, ...rest) => {
    if (!parsed.has(name) || stale.has(resolve(name))) parsed.set(name, parse.call(host, name, ...rest));
    return parsed.get(name);
  };
  return host;
}

/**
 * Runs tests.
 * @param seconds after which they are ended
 * @returns what Vitest says of each file (`{ path, seconds, failure }`, failure null where it passed); null where it says
 *   nothing, since it was ended
 */
export async function runTests(paths, { config = 'vitest.config.ts', bail = 1, seconds, env = {} }) {
  const report = join(place, `report-${runs++}.json`);
  rmSync(report, { force: true });
  // A loaded machine must not look like a test that notices.
  const patience = ['--testTimeout=400000', '--hookTimeout=600000'];
  const cache = ['--experimental.fsModuleCache', `--experimental.fsModuleCachePath=${join(root, '.aedsl', 'vitest')}`];
  const given = [`--config=${config}`, `--bail=${bail}`, ...patience, ...cache, ...paths];
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...given];
  const child = spawn(process.execPath, args, {
    cwd: place,
    env: { ...process.env, NO_COLOR: '1', ...env, AEDSL_TEST_REPORT: report },
    stdio: 'ignore',
    // With all its workers, which may be in a loop that has no end.
    detached: true,
  });
  const end = () => process.kill(-child.pid, 'SIGKILL');
  process.once('exit', end);
  const timer = setTimeout(end, seconds * 1000);
  const code = await new Promise((done) => child.once('close', done));
  clearTimeout(timer);
  process.off('exit', end);
  if (!existsSync(report)) return null;
  const results = JSON.parse(readFileSync(report, 'utf8')).testResults.map((file) => ({
    path: relative(place, file.name),
    seconds: (file.endTime - file.startTime) / 1000,
    failure: file.status === 'failed' ? failureOf(file) : null,
  }));
  if (code !== 0 && results.every(({ failure }) => failure === null)) throw new Error('Vitest fails, and no test does');
  return results;
}

function failureOf(file) {
  const assertion = file.assertionResults.find(({ status }) => status === 'failed');
  const [message = file.message] = assertion?.failureMessages ?? [];
  return `${assertion?.title ?? 'the whole file'}: ${onOneLine(message).slice(0, 100)}`;
}

/** The modules of the tree that a module imports. */
export function importsOf(path) {
  if (!imports.has(path)) imports.set(path, readImports(path));
  return imports.get(path);
}

function readImports(path) {
  return ts.preProcessFile(read(path)).importedFiles.flatMap(({ fileName }) => {
    const target = fileName.startsWith('.') ? join(dirname(path), fileName) : null;
    const written = [target?.replace(/\.js$/, '.ts'), target?.replace(/\.js$/, '.tsx')];
    return written.filter((candidate) => modules.has(candidate));
  });
}

export function onOneLine(text) {
  return text.replaceAll(/\s+/g, ' ');
}

function copyTree() {
  rmSync(place, { recursive: true, force: true });
  for (const path of [...tracked, ...listed('--ignored').filter((path) => path.startsWith('src/'))]) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    cpSync(join(root, path), join(place, path));
  }
  if (!existsSync(join(root, 'dist'))) throw new Error('npm run build first');
  cpSync(join(root, 'dist'), join(place, 'dist'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  // Tests look for the project that they are in, and for the commit.
  const author = ['-c', 'user.name=mutations', '-c', 'user.email=mutations@localhost'];
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    [...author, 'commit', '-q', '-m', 'Unchanged'],
  ]) {
    spawnSync('git', args, { cwd: place });
  }
}

/** Paths of files that git does not ignore, or of those that it does, without packages. */
function listed(...which) {
  const args = ['ls-files', '-z', '--others', ...which, '--exclude-standard', '--', '.', ':!node_modules', ':!.aedsl'];
  const { stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}
