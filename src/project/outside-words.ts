import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WordModule } from '../compiler/library/word.js';
import { makeFolder } from '../files/folders.js';
import { readRegularFile } from '../files/read-file.js';
import { errorText } from '../files/system-error.js';
import { writeFile } from '../files/write-file.js';
import { userCache } from '../runtime/datasets/places.js';
import { JsonError } from '../runtime/formats/json.js';
import { OutsideWordsError, withOutsideWords } from '../words/outside.js';
import type { Words } from '../words/word.js';
import { configName, readProjectConfig } from './project-config.js';

const limits = { module: 16 * 2 ** 20, known: 2 ** 20 } as const;

/** Reads the modules listed in a project's `aedsl.config.json`, if it has one. @throws OutsideWordsError, FileError */
export function modulesOfProject(folder: string): readonly WordModule[] {
  return namedModules(folder).map((name) => wordModule(name, folder));
}

/** Resolves a module by its path, relative to a folder, or by the name of a package installed there. */
export function wordModule(name: string, folder: string): WordModule {
  const path = placeOf(name, folder);
  return { name, path, sha256: hashOf(path) };
}

/**
 * Runs the modules and adds their words.
 * @throws OutsideWordsError if a module has changed since it was resolved, fails, or exports no words
 */
export async function loadOutsideWords(words: Words, modules: readonly WordModule[]): Promise<Words> {
  let all = words;
  for (const module of modules) {
    if (hashOf(module.path) !== module.sha256) {
      throw new OutsideWordsError(module.name, 'the file has changed since it was read', 'start again');
    }
    all = withOutsideWords(all, await defaultExport(module), module);
  }
  return all;
}

/** Returns the modules whose current code the user has not allowed yet. */
export function notYetAllowed(
  modules: readonly WordModule[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly WordModule[] {
  const allowed = new Set(allowedLines(environment));
  return modules.filter((module) => !allowed.has(lineOf(module)));
}

/** Records that the user allowed the current code of modules. */
export function rememberAllowed(
  modules: readonly WordModule[],
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const lines = new Set([...allowedLines(environment), ...modules.map(lineOf)]);
  const path = allowedPath(environment);
  makeFolder(dirname(path));
  writeFile(path, `${[...lines].join('\n')}\n`);
}

function allowedPath(environment: Readonly<Record<string, string | undefined>>): string {
  return join(userCache(environment), 'allowed-words');
}

function allowedLines(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const path = allowedPath(environment);
  if (!existsSync(path)) return [];
  return new TextDecoder().decode(readRegularFile(path, limits.known)).split('\n').filter(Boolean);
}

function lineOf({ sha256, path }: WordModule): string {
  return `${sha256}  ${path}`;
}

function placeOf(name: string, folder: string): string {
  if (isAbsolute(name) || name.startsWith('.') || /\.m?js$/.test(name)) return resolve(folder, name);
  try {
    return createRequire(join(folder, 'package.json')).resolve(name);
  } catch (error) {
    throw new OutsideWordsError(name, `no such package is installed in ${folder}`, `npm install ${name}`, {
      cause: error,
    });
  }
}

function hashOf(path: string): string {
  return createHash('sha256').update(readRegularFile(path, limits.module)).digest('hex');
}

async function defaultExport({ name, path }: WordModule): Promise<unknown> {
  try {
    const loaded: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return loaded.default;
  } catch (error) {
    throw new OutsideWordsError(name, errorText(error), `look at ${path}`, { cause: error });
  }
}

function namedModules(folder: string): readonly string[] {
  try {
    return readProjectConfig(folder).words;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new OutsideWordsError(configName, error.message, 'such as { "words": ["./words/lion.js"] }', {
      cause: error,
    });
  }
}
