import { type MetricSchema, metricSchema } from '../../metrics/schema.js';
import { type Family, families } from '../ir/value.js';
import type { AnyWord, WordsOf } from './word.js';

/** Words by family; names are unique within a family. */
export type WordLists<W extends WordsOf = WordsOf> = { readonly [F in Family]: readonly W[F][] };

/**
 * The words that experiments may use, passed in as a value.
 *
 * @typeParam W what is known about a word of each family: the compiler needs its definition, the runtime its
 * implementation as well
 */
export interface Library<W extends WordsOf = WordsOf> {
  readonly byFamily: WordLists<W>;
  /** All words, family by family. */
  readonly words: readonly AnyWord[];
  find<F extends Family>(family: F, name: string): W[F] | undefined;
  names(family: Family): readonly string[];
  /** Schema of the metrics that experiments with these words record. */
  readonly metrics: MetricSchema;
  /** Families that have a word of this name. */
  familiesOf(name: string): readonly Family[];
}

const noWords = {
  layer: [],
  structure: [],
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

/** @throws RangeError if a family has two words of the same name */
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

/** Adds words to a library, such as a custom loss. @throws RangeError as `createLibrary` */
export function extendLibrary<W extends WordsOf>(library: Library<W>, more: Partial<WordLists<W>>): Library<W> {
  const { byFamily: own } = library;
  const joined = <T>(words: readonly T[], others: readonly T[] = []): readonly T[] => [...words, ...others];
  return createLibrary<W>({
    layer: joined(own.layer, more.layer),
    structure: joined(own.structure, more.structure),
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

/** Looks up a word of a compiled experiment. @throws UnknownWord if the library lacks the words it was compiled with */
export function knownWord<W extends WordsOf, F extends Family>(library: Library<W>, family: F, name: string): W[F] {
  const word = library.find(family, name);
  if (word === undefined) throw new UnknownWord(family, name);
  return word;
}

/** A required word is missing from the library. */
export class UnknownWord extends Error {
  constructor(family: Family, word: string) {
    super(`the ${family} '${word}' is not among the words`);
    this.name = 'UnknownWord';
  }
}
