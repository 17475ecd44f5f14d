import { type MetricSchema, metricSchema } from '../../metrics/schema.js';
import { type Family, families } from '../ir/value.js';
import type { AnyWord, WordsOf } from './word.js';

/** Words by their family; a name may stand once in each. */
export type WordLists<W extends WordsOf = WordsOf> = { readonly [F in Family]: readonly W[F][] };

/**
 * The words an experiment may use: a value that is handed in.
 *
 * @typeParam W what is known of a word of each family: the compiler needs its definition, the runtime what it computes as well
 */
export interface Library<W extends WordsOf = WordsOf> {
  readonly byFamily: WordLists<W>;
  /** All of them, family by family. */
  readonly words: readonly AnyWord[];
  find<F extends Family>(family: F, name: string): W[F] | undefined;
  names(family: Family): readonly string[];
  /** What is known of the metrics that an experiment with these words records. */
  readonly metrics: MetricSchema;
  /** The families that have a word of this name. */
  familiesOf(name: string): readonly Family[];
}

const noWords = {
  layer: [],
  initializer: [],
  decoder: [],
  loss: [],
  corruption: [],
  optimizer: [],
  clip: [],
  schedule: [],
  dataset: [],
  transform: [],
  stage: [],
  stop: [],
  evaluation: [],
  figure: [],
} as const;

/** @throws RangeError when a family gets two words of one name */
export function createLibrary<W extends WordsOf>(some: Partial<WordLists<W>>): Library<W> {
  const byFamily: WordLists<W> = { ...noWords, ...some };
  const lists: WordLists = byFamily;
  const names = (family: Family) => lists[family].map(({ name }) => name);
  for (const family of families) {
    const known = names(family);
    const twice = known.find((name, i) => known.indexOf(name) !== i);
    if (twice !== undefined) throw new RangeError(`the library has two words '${twice}' of the family ${family}`);
  }
  return {
    byFamily,
    words: families.flatMap((family): readonly AnyWord[] => lists[family]),
    find: (family, name) => byFamily[family].find((word) => word.name === name),
    names,
    metrics: metricSchema(byFamily.evaluation),
    familiesOf: (name) => families.filter((family) => names(family).includes(name)),
  };
}

/** The library with more words in it, such as a loss of one's own. @throws RangeError as `createLibrary` */
export function extendLibrary<W extends WordsOf>(library: Library<W>, more: Partial<WordLists<W>>): Library<W> {
  const { byFamily: own } = library;
  const joined = <T>(words: readonly T[], others: readonly T[] = []): readonly T[] => [...words, ...others];
  return createLibrary<W>({
    layer: joined(own.layer, more.layer),
    initializer: joined(own.initializer, more.initializer),
    decoder: joined(own.decoder, more.decoder),
    loss: joined(own.loss, more.loss),
    corruption: joined(own.corruption, more.corruption),
    optimizer: joined(own.optimizer, more.optimizer),
    clip: joined(own.clip, more.clip),
    schedule: joined(own.schedule, more.schedule),
    dataset: joined(own.dataset, more.dataset),
    transform: joined(own.transform, more.transform),
    stage: joined(own.stage, more.stage),
    stop: joined(own.stop, more.stop),
    evaluation: joined(own.evaluation, more.evaluation),
    figure: joined(own.figure, more.figure),
  });
}

/** A word that something compiled names. @throws UnknownWord where other words are handed in than those it was compiled with */
export function knownWord<W extends WordsOf, F extends Family>(library: Library<W>, family: F, name: string): W[F] {
  const word = library.find(family, name);
  if (word === undefined) throw new UnknownWord(family, name);
  return word;
}

/** A word that is needed and that nobody handed in. */
export class UnknownWord extends Error {
  constructor(family: Family, word: string) {
    super(`the ${family} '${word}' is not among the words`);
    this.name = 'UnknownWord';
  }
}
