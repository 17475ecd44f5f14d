import { printable } from '../compiler/diagnostics/printable.js';
import type { WordModule } from '../compiler/library/word.js';
import {
  loadOutsideWords,
  modulesOfProject,
  notYetAllowed,
  rememberAllowed,
  wordModule,
} from '../project/outside-words.js';
import { findProject, projectOfFile } from '../project/project.js';
import { configName } from '../project/project-config.js';
import type { Words } from '../words/word.js';
import { builtinWords } from '../words/words.js';

/** Asks and informs the user. */
export interface Person {
  /** Whether code may run; false if the user does not answer. */
  mayRun(question: string): Promise<boolean>;
  warn(message: string): void;
}

/**
 * The words of each project: those of the package, of its `aedsl.config.json`, and of the modules given by `--words`. A
 * project's modules are third-party code: they run once the user has agreed to their current text. Until then, and if a
 * module fails, only the package's words are available.
 */
export class ProjectWords {
  readonly #person: Person;
  readonly #given: readonly WordModule[];
  readonly #known = new Map<string, Words>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #changed: () => void;

  /**
   * @param given what `--words` names, relative to the current folder
   * @param changed called when a project has other words
   * @throws OutsideWordsError, FileError
   */
  constructor(person: Person, given: readonly string[], changed: () => void) {
    this.#person = person;
    this.#given = given.map((name) => wordModule(name, process.cwd()));
    this.#changed = changed;
  }

  /** The words currently loaded for a file; null for a text without a file. */
  of(path: string | null): Words {
    const folder = path === null ? findProject(process.cwd()).folder : projectOfFile(path).folder;
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    this.#known.set(folder, builtinWords);
    this.#load(folder);
    return builtinWords;
  }

  /** Looks again at what the projects name. */
  reload(): void {
    for (const folder of this.#known.keys()) this.#load(folder);
  }

  /** Resolves once no module is being loaded or awaiting consent. */
  async settled(): Promise<void> {
    await Promise.all(this.#loading.values());
  }

  #load(folder: string): void {
    const before = this.#loading.get(folder) ?? Promise.resolve();
    const loading = before.then(() => this.#loadNow(folder));
    this.#loading.set(folder, loading);
    void loading.finally(() => {
      if (this.#loading.get(folder) === loading) this.#loading.delete(folder);
    });
  }

  async #loadNow(folder: string): Promise<void> {
    try {
      const ofProject = modulesOfProject(folder).filter(
        ({ path }) => !this.#given.some((other) => other.path === path),
      );
      const asked = notYetAllowed(ofProject, process.env);
      const isAllowed = asked.length === 0 || (await this.#agree(asked, folder));
      const modules = [...(isAllowed ? ofProject : []), ...this.#given];
      this.#set(folder, modules.length === 0 ? builtinWords : await loadOutsideWords(builtinWords, modules));
    } catch (error) {
      this.#person.warn(`the words of ${configName} are not loaded: ${error instanceof Error ? error.message : error}`);
      this.#set(folder, builtinWords);
    }
  }

  #set(folder: string, words: Words): void {
    if (this.#known.get(folder) === words) return;
    this.#known.set(folder, words);
    this.#changed();
  }

  async #agree(modules: readonly WordModule[], folder: string): Promise<boolean> {
    const listed = modules.map(({ name, sha256 }) => `${printable(name)} (SHA-256 ${sha256.slice(0, 16)}…)`).join(', ');
    const question = `${printable(folder)}/${configName} names code that adds words to the language, which runs as you: ${listed}`;
    if (!(await this.#person.mayRun(question))) return false;
    rememberAllowed(modules, process.env);
    return true;
  }
}
