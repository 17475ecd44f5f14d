import { type MetricSchema, metricSchema } from '../../metrics/schema.js';
import { type Family, families } from '../ir/value.js';
import type { AnyWord, WordsOf } from './word.js';

/** The words an experiment may use: a value, handed to the compiler. A name may stand once in each family. */
export interface Library {
  readonly words: readonly AnyWord[];
  find<F extends Family>(family: F, name: string): WordsOf[F] | undefined;
  names(family: Family): readonly string[];
  /** What is known of the metrics that an experiment with these words records. */
  readonly metrics: MetricSchema;
  /** The families that have a word of this name. */
  familiesOf(name: string): readonly Family[];
}

type Shelves = { readonly [F in Family]: Map<string, WordsOf[F]> };

function emptyShelves(): Shelves {
  return {
    layer: new Map(),
    initializer: new Map(),
    decoder: new Map(),
    loss: new Map(),
    corruption: new Map(),
    optimizer: new Map(),
    clip: new Map(),
    schedule: new Map(),
    dataset: new Map(),
    transform: new Map(),
    stage: new Map(),
    stop: new Map(),
    evaluation: new Map(),
    figure: new Map(),
  };
}

/** @throws RangeError when a family gets two words of one name */
export function createLibrary(words: readonly AnyWord[]): Library {
  const shelves = emptyShelves();
  for (const word of words) {
    if (shelves[word.family].has(word.name)) {
      throw new RangeError(`the library has two words '${word.name}' of the family ${word.family}`);
    }
    shelve(shelves, word);
  }
  return {
    words,
    metrics: metricSchema([...shelves.evaluation.values()]),
    find: (family, name) => shelves[family].get(name),
    names: (family) => [...shelves[family].keys()],
    familiesOf: (name) => families.filter((family) => shelves[family].has(name)),
  };
}

/** The library with more words in it, such as a loss of one's own. */
export function extendLibrary(library: Library, words: readonly AnyWord[]): Library {
  return createLibrary([...library.words, ...words]);
}

function shelve(shelves: Shelves, word: AnyWord): void {
  switch (word.family) {
    case 'layer':
      return void shelves.layer.set(word.name, word);
    case 'initializer':
      return void shelves.initializer.set(word.name, word);
    case 'decoder':
      return void shelves.decoder.set(word.name, word);
    case 'loss':
      return void shelves.loss.set(word.name, word);
    case 'corruption':
      return void shelves.corruption.set(word.name, word);
    case 'optimizer':
      return void shelves.optimizer.set(word.name, word);
    case 'clip':
      return void shelves.clip.set(word.name, word);
    case 'schedule':
      return void shelves.schedule.set(word.name, word);
    case 'dataset':
      return void shelves.dataset.set(word.name, word);
    case 'transform':
      return void shelves.transform.set(word.name, word);
    case 'stage':
      return void shelves.stage.set(word.name, word);
    case 'stop':
      return void shelves.stop.set(word.name, word);
    case 'evaluation':
      return void shelves.evaluation.set(word.name, word);
    case 'figure':
      return void shelves.figure.set(word.name, word);
  }
}
