import * as interval from '../compiler/ir/interval.js';
import { type Family, families } from '../compiler/ir/value.js';
import { extendLibrary, type WordLists } from '../compiler/library/library.js';
import * as parameter from '../compiler/library/parameter.js';
import { failed, ok, problem, type WordModule } from '../compiler/library/word.js';
import type { WordOf, Words } from './word.js';

/** Kit passed to a module of words, since a project's folder may have no such package to import it from. */
export const wordKit = { ok, interval, parameter, problem, failed } as const;

export type WordKit = typeof wordKit;

/** Default export of a module of words: words by family, or a function that makes them from the kit. */
export type OutsideWords = Partial<WordLists<WordOf>> | ((kit: WordKit) => Partial<WordLists<WordOf>>);

/** A module of words isn't what it should be. */
export class OutsideWordsError extends Error {
  override readonly name = 'OutsideWordsError';

  constructor(
    module: string,
    problem: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(`the words of ${JSON.stringify(module)} cannot be used: ${problem}`, options);
  }
}

/**
 * The words with those that a module exports.
 * @param exported the module's default export
 * @throws OutsideWordsError for anything but words by family, and for a word whose name its family has already
 */
export function withOutsideWords(words: Words, exported: unknown, module: WordModule): Words {
  const made: unknown = typeof exported === 'function' ? exported(wordKit) : exported;
  if (!isRecord(made)) {
    throw new OutsideWordsError(
      module.name,
      'its default export is no object of words by family',
      'export default { loss: [ … ] }, or a function of the kit that returns such an object',
    );
  }
  for (const name of Object.keys(made)) {
    if (!families.some((family) => family === name)) {
      throw new OutsideWordsError(module.name, `there is no family '${name}'`, `there are ${families.join(', ')}`);
    }
  }
  const of = <F extends Family>(family: F): readonly WordOf[F][] => wordsOf(family, made[family], module);
  try {
    return extendLibrary<WordOf>(words, {
      layer: of('layer'),
      structure: of('structure'),
      initializer: of('initializer'),
      decoder: of('decoder'),
      loss: of('loss'),
      corruption: of('corruption'),
      optimizer: of('optimizer'),
      clip: of('clip'),
      constraint: of('constraint'),
      schedule: of('schedule'),
      dataset: of('dataset'),
      transform: of('transform'),
      stage: of('stage'),
      stop: of('stop'),
      resampling: of('resampling'),
      evaluation: of('evaluation'),
      figure: of('figure'),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OutsideWordsError(module.name, error.message, 'give the word another name', { cause: error });
  }
}

/** The modules that words from outside come from, each once. */
export function modulesOf({ words }: Words): readonly WordModule[] {
  const modules = words.flatMap(({ module }) => module ?? []);
  return modules.filter(({ path }, i) => modules.findIndex((other) => other.path === path) === i);
}

/** Required methods of each family's words, beside the definition's data; everything else has defaults. */
const methods: { readonly [F in Family]: readonly string[] } = {
  layer: ['shape', 'weights', 'range', 'opposite', 'lower'],
  structure: ['copies'],
  initializer: ['initial'],
  decoder: [],
  loss: ['check', 'sumsOverExamples', 'lower'],
  corruption: ['check'],
  optimizer: ['check', 'lower'],
  clip: ['lower'],
  constraint: ['lower'],
  schedule: ['at', 'settles', 'beyond', 'extent', 'check'],
  dataset: ['describe'],
  transform: ['shape', 'range', 'check'],
  stage: ['trains', 'memory'],
  stop: ['check'],
  resampling: ['check', 'isDue', 'plan'],
  evaluation: ['check'],
  figure: ['check'],
};

/** For what a word needn't say: those of the package are held to examples, mistakes and oracles by tests. */
const unsaid = {
  version: 1,
  parameters: {},
  example: '',
  mistake: { text: '', code: 'AE201' },
  oracle: '',
  pytorch: null,
  onnx: null,
};

const unsaidByFamily: { readonly [F in Family]?: object } = {
  layer: { activation: false, heads: [], random: false, flattensInput: false },
  structure: { hidesLabels: true },
  loss: { role: 'reconstruction', weight: null },
  optimizer: { slots: [] },
};

function wordsOf<F extends Family>(family: F, given: unknown, module: WordModule): readonly WordOf[F][] {
  if (given === undefined) return [];
  if (!Array.isArray(given))
    throw new OutsideWordsError(module.name, `'${family}' is no list of words`, `${family}: [ … ]`);
  return given.map((each: unknown, i): WordOf[F] => {
    const word: unknown = isRecord(each) ? { ...unsaid, ...unsaidByFamily[family], ...each, family, module } : each;
    const missing = missingOf(family, word);
    if (isWord(family, word)) return word;
    const name = isRecord(each) && typeof each.name === 'string' ? `'${each.name}'` : `number ${i + 1}`;
    throw new OutsideWordsError(
      module.name,
      `the ${family} ${name} has ${missing}`,
      'a word has name, doc, version, parameters and the methods of its family: see docs/words.md',
    );
  });
}

/** A word's first defect, as the end of a sentence; null if there is none. */
function missingOf(family: Family, word: unknown): string | null {
  if (!isRecord(word)) return 'no object';
  const { name, doc, version, parameters } = word;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(name)) {
    return 'no name of small letters, digits and underscores';
  }
  if (typeof doc !== 'string' || doc === '') return 'no doc';
  if (!Number.isSafeInteger(version) || Number(version) < 1) return 'a version that is no whole number from 1';
  if (!isRecord(parameters)) return 'no parameters';
  const wrong = Object.entries(parameters).find(([, each]) => !isParameter(each));
  if (wrong)
    return `a parameter '${wrong[0]}' that the kit didn't make: write parameter.real({ doc: … }) or another kind`;
  const absent = methods[family].find((method) => typeof word[method] !== 'function');
  return absent === undefined ? null : `no method '${absent}'`;
}

const kinds: ReadonlySet<unknown> = new Set([
  'integer',
  'real',
  'boolean',
  'choice',
  'text',
  'word',
  'layer',
  'list',
  'pair',
]);

function isParameter(value: unknown): boolean {
  if (!isRecord(value) || !kinds.has(value.type) || typeof value.doc !== 'string') return false;
  if (value.type === 'choice') return Array.isArray(value.options);
  if (value.type === 'word') return families.some((family) => family === value.family);
  return !['integer', 'real', 'list', 'pair'].some((type) => type === value.type) || isRecord(value.range);
}

/** Checks a word's structure, without calling it. */
function isWord<F extends Family>(family: F, word: unknown): word is WordOf[F] {
  return missingOf(family, word) === null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
