import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { makeFolder } from '../files/folders.js';
import { realPath } from '../files/paths.js';
import { FileError, readRegularFile } from '../files/read-file.js';
import { systemCode } from '../files/system-error.js';
import {
  anything,
  JsonError,
  nullable,
  object,
  readJson,
  readJsonFile,
  recordOf,
  text,
} from '../runtime/formats/json.js';
import { installedVersion, mostManifestBytes, packageRoot } from '../runtime/provenance/installed-package.js';
import { findProject } from './project.js';
import { UsageError } from './usage-error.js';

export const ciNames = ['github'] as const;
export type CiName = (typeof ciNames)[number];

/** A file of a new project. */
export interface StartedFile {
  /** Relative to the project, with `/` between its parts. */
  readonly path: string;
  /** Description of the file, for users. */
  readonly about: string;
  /** False if a file of that name existed, which is left as it was. */
  readonly written: boolean;
  /** Lines or packages missing from the existing file; null if none, or if it was written. */
  readonly lacks: string | null;
}

/** A project that was begun in a folder. */
export interface StartedProject {
  readonly files: readonly StartedFile[];
  /** Argument for `npm install` to make `package.json` pin aedsl; null if it already does. */
  readonly toInstall: string | null;
  /** Whether `npx aedsl` finds this version of aedsl from the folder as it is, without `npm install`. */
  readonly isInstalled: boolean;
  /** Whether `first.ae` is the first experiment, not another file that was there. */
  readonly hasFirst: boolean;
  /** The project whose results the folder's runs go to: the folder itself, unless one around it has results already. */
  readonly resultsFolder: string;
}

/**
 * Starts a project: a first experiment, and the files that git, npm and an editor need around it. Never replaces files.
 *
 * @param folder created if needed
 * @param ci the service to write a workflow for
 * @throws UsageError for the home folder and its ancestors, and for a file; the system's error
 */
export function startProject(folder: string, ci: CiName | null): StartedProject {
  const place = realPath(resolve(folder));
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError(`'${folder}' is a file`, 'name a folder; it need not exist: aedsl new demo');
  if (findProject(place).isPersonal)
    throw new UsageError(
      `'${folder}' is the home folder or above it, which holds more than a project`,
      'aedsl new demo',
    );
  const pinned = pinFor(place);
  const files = [...projectFiles(basename(place), pinned), ...(ci === null ? [] : [workflow])];
  const started = files.map(({ path, about, text }) => {
    const written = writeNew(join(place, path), text);
    return { path, about, written, lacks: written ? null : lackOf(join(place, path), path) };
  });
  const first = files.find(({ path }) => path === firstExperiment);
  const isPinned = started.some(({ path, lacks }) => path === 'package.json' && lacks === null);
  const spec = pinned.startsWith('file:') ? packageRoot() : `aedsl@${pinned}`;
  return {
    files: started,
    toInstall: isPinned ? null : spec,
    isInstalled: findsInstalled(place),
    hasFirst: first !== undefined && isText(join(place, firstExperiment), first.text),
    resultsFolder: findProject(place).folder,
  };
}

const dependencies = nullable(recordOf(anything, 10_000));
const manifestSchema = object({ dependencies, devDependencies: dependencies });

function isText(place: string, text: string): boolean {
  try {
    return new TextDecoder().decode(readRegularFile(place, mostManifestBytes)) === text;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

/** Finds what an existing file lacks compared with ours; null if nothing, or if the file can't be read. */
function lackOf(place: string, path: string): string | null {
  try {
    const own = new TextDecoder().decode(readRegularFile(place, mostManifestBytes));
    if (path === '.gitignore') {
      const bare = (line: string) => line.trim().replace(/^\/|\/$/g, '');
      const lines = own.split('\n').map(bare);
      const missing = ignored.filter((pattern) => !lines.includes(bare(pattern)));
      return missing.length === 0 ? null : missing.join(' ');
    }
    if (path === 'package.json') {
      const manifest = readJson(manifestSchema, own, path);
      return [manifest.dependencies, manifest.devDependencies].some((all) => all?.aedsl !== undefined) ? null : 'aedsl';
    }
    return null;
  } catch (error) {
    if (error instanceof FileError || error instanceof JsonError) return null;
    throw error;
  }
}

/** Writes a file that isn't there; a link that leads nowhere is. @returns whether it did */
function writeNew(path: string, text: string): boolean {
  makeFolder(dirname(path));
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** This version, or the checkout that this program is. */
function pinFor(folder: string): string {
  const root = packageRoot();
  if (root.split(sep).includes('node_modules')) return installedVersion();
  return `file:${relative(folder, root).split(sep).join('/')}`;
}

/** Whether a `node_modules` from the folder upwards has this version. */
function findsInstalled(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = join(at, 'node_modules', 'aedsl', 'package.json');
    if (existsSync(manifest)) {
      return readJsonFile(object({ version: text }), manifest, mostManifestBytes).version === installedVersion();
    }
    if (dirname(at) === at) return false;
  }
}

const firstExperiment = 'first.ae';

interface ProjectFile {
  readonly path: string;
  readonly about: string;
  readonly text: string;
}

function projectFiles(name: string, pinned: string): readonly ProjectFile[] {
  const about = pinned.startsWith('file:')
    ? `uses the aedsl of ${pinned.slice('file:'.length)}`
    : `pins aedsl ${pinned}`;
  return [
    {
      path: firstExperiment,
      about: 'a first experiment, on digits that aedsl draws itself',
      text: readFileSync(join(packageRoot(), 'experiments', 'first.ae'), 'utf8'),
    },
    {
      path: 'package.json',
      about,
      text: json({ name: packageName(name), private: true, type: 'module', dependencies: { aedsl: pinned } }),
    },
    { path: '.gitignore', about: 'keeps results out of git', text: ignored.map((pattern) => `${pattern}\n`).join('') },
    { path: '.vscode/settings.json', about: 'formats experiments when they are saved', text: json(editorSettings) },
    {
      path: '.vscode/extensions.json',
      about: 'recommends the editor extension for experiments',
      text: json({ recommendations: ['aedsl.aedsl'] }),
    },
  ];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A name that npm takes, as close to the folder's as can be. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .replace(/-+$/, '')
    .slice(0, 100);
  return name === '' || name === 'aedsl' || name === 'node_modules' ? 'experiments' : name;
}

/**
 * Files that npm installs and aedsl writes: the database with its files, pictures, bundles, reports. Lock files and the
 * targets of `-o` belong in git.
 */
const ignored = ['node_modules/', 'results.db*', 'figures/', 'r[0-9]*.tgz', '[rs][0-9]*-*.html'];

const editorSettings = {
  'files.associations': { '*.ae': 'aedsl' },
  '[aedsl]': { 'editor.defaultFormatter': 'aedsl.aedsl', 'editor.formatOnSave': true },
  'files.exclude': { '**/results.db-*': true, '**/results.db.*': true },
  'files.watcherExclude': { '**/results.db*/**': true },
  'search.exclude': { '**/results.db*': true },
};

const workflow: ProjectFile = {
  path: '.github/workflows/aedsl.yml',
  about: 'checks experiments and locked results on each push',
  text: `name: experiments
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install
      - run: npx aedsl fmt --check .
      - run: npx aedsl check .
      # Trains the start of every experiment that \`npx aedsl lock\` has locked, and compares.
      - if: hashFiles('**/*.ae.lock') != ''
        run: npx aedsl lock --check --quick
`,
};
