import { builtinWords, type Words } from '../api/compiler.js';
import { findProject, shownPath } from '../api/project.js';
import {
  configName,
  loadOutsideWords,
  modulesOfProject,
  notYetAllowed,
  rememberAllowed,
  type WordModule,
  wordModule,
} from '../api/words.js';
import { consent } from './consent.js';
import type { Console } from './console.js';
import { exitCodes, Failure } from './failure.js';

/**
 * Loads a command's words: those of the package, of the project's `aedsl.config.json`, and of `--words`. A project's
 * modules are third-party code and run only after the user has agreed to their current text.
 *
 * @param given values of `--words`, relative to the current folder
 * @throws Failure without that agreement; OutsideWordsError, FileError
 */
export async function projectWords(console: Console, given: readonly string[]): Promise<Words> {
  const { folder } = findProject(process.cwd());
  const ofPerson = given.map((name) => wordModule(name, process.cwd()));
  const ofProject = modulesOfProject(folder).filter(({ path }) => !ofPerson.some((other) => other.path === path));
  const asked = notYetAllowed(ofProject, process.env);
  if (asked.length > 0) await agreeTo(asked, console, folder);
  return loadOutsideWords(builtinWords, [...ofProject, ...ofPerson]);
}

async function agreeTo(modules: readonly WordModule[], console: Console, folder: string): Promise<void> {
  const listed = modules.map(({ name, sha256 }) => `  ${name}  (SHA-256 ${sha256.slice(0, 16)}…)`).join('\n');
  const what = `${shownPath(folder)}/${configName} names code that adds words to the language, which runs as you:\n${listed}`;
  if (await consent(console, what, false, new AbortController().signal, 'load it, now and until it changes?')) {
    rememberAllowed(modules, process.env);
    return;
  }
  throw new Failure(
    exitCodes.usage,
    `${configName} names code that you have not agreed to run: ${modules.map(({ name }) => name).join(', ')}`,
    `look at it, and name it yourself: ${modules.map(({ path }) => `--words ${shownPath(path)}`).join(' ')}`,
  );
}
