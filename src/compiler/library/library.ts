import { type MetricSchema, metricSchema } from '../../metrics/schema.js';
import type { Definition } from '../ir/definition.js';
import { type Family, families, type WordUse } from '../ir/value.js';
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
  /** The word that a definition makes, whatever words the library has; the same one every time. */
  defined<F extends Family>(family: F, definition: Definition): W[F] | undefined;
  /** The library that these words were added to by `withDefinitions`; itself otherwise. */
  readonly base: Library<W>;
  /** Adds the words of an experiment's definitions; the same library for the same list. @throws RangeError as `createLibrary` */
  withDefinitions(definitions: readonly Definition[]): Library<W>;
  readonly definer: Definer<W>;
}

/** Families of the words that a definition can make. */
export type DefinedFamily = 'loss' | 'layer';

/** Makes the words of definitions: with what they compute, if the library's words have it. */
export type Definer<W extends WordsOf> = { readonly [F in DefinedFamily]: (definition: Definition) => W[F] };

const noWords = {
  layer: [],
  structure: [],
  initializer: [],
  decoder: [],
  loss: [],
  corruption: [],
  optimizer: [],
  clip: [],
  constraint: [],
  schedule: [],
  dataset: [],
  transform: [],
  stage: [],
  stop: [],
  resampling: [],
  evaluation: [],
  figure: [],
} as const;

function refuse({ name }: Definition): never {
  throw new RangeError(`this library makes no words of definitions, such as '${name}'`);
}

const withoutDefinitions = { loss: refuse, layer: refuse } as const;

/** @throws RangeError if a family has two words of the same name */
export function createLibrary<W extends WordsOf>(some: Partial<WordLists<W>>): Library<W> {
  return makeLibrary(some, withoutDefinitions, null);
}

/** A library that can make words of definitions. @throws RangeError as `createLibrary` */
export function createDefiningLibrary<W extends WordsOf>(definer: Definer<W>, some: Partial<WordLists<W>>): Library<W> {
  return makeLibrary(some, definer, null);
}

function makeLibrary<W extends WordsOf>(
  some: Partial<WordLists<W>>,
  definer: Definer<W>,
  base: Library<W> | null,
): Library<W> {
  const byFamily: WordLists<W> = { ...noWords, ...some };
  const lists: WordLists = byFamily;
  const names = (family: Family) => lists[family].map(({ name }) => name);
  for (const family of families) {
    const known = names(family);
    const twice = known.find((name, i) => known.indexOf(name) !== i);
    if (twice !== undefined) throw new RangeError(`the library has two words '${twice}' of the family ${family}`);
  }
  const [losses, layers] = [new WeakMap<Definition, W['loss']>(), new WeakMap<Definition, W['layer']>()];
  const extended = new WeakMap<readonly Definition[], Library<W>>();
  const made = <T>(memory: WeakMap<Definition, T>, definition: Definition, make: (definition: Definition) => T): T => {
    const word = memory.get(definition) ?? make(definition);
    memory.set(definition, word);
    return word;
  };
  const library: Library<W> = {
    byFamily,
    words: families.flatMap((family): readonly AnyWord[] => lists[family]),
    find: (family, name) => byFamily[family].find((word) => word.name === name),
    names,
    metrics: metricSchema(byFamily.evaluation),
    familiesOf: (name) => families.filter((family) => names(family).includes(name)),
    definer,
    defined(family, definition) {
      const words: { readonly [F in Family]?: () => W[F] } = {
        loss: () => made(losses, definition, definer.loss),
        layer: () => made(layers, definition, definer.layer),
      };
      return words[family]?.();
    },
    get base() {
      return base ?? library;
    },
    withDefinitions(definitions) {
      if (base !== null) return base.withDefinitions(definitions);
      const known = extended.get(definitions) ?? makeLibrary(withWords(library, definitions), definer, library);
      extended.set(definitions, known);
      return known;
    },
  };
  return library;
}

function withWords<W extends WordsOf>(library: Library<W>, definitions: readonly Definition[]): WordLists<W> {
  const isActivation = ({ role }: Definition) => role === 'activation';
  const { layer, loss, ...others } = library.byFamily;
  return {
    ...others,
    layer: [...layer, ...definitions.filter(isActivation).flatMap((each) => library.defined('layer', each) ?? [])],
    loss: [
      ...loss,
      ...definitions.filter((each) => !isActivation(each)).flatMap((each) => library.defined('loss', each) ?? []),
    ],
  };
}

/** Adds words to a library, such as a custom loss. @throws RangeError as `createLibrary` */
export function extendLibrary<W extends WordsOf>(library: Library<W>, more: Partial<WordLists<W>>): Library<W> {
  const { byFamily: own } = library;
  const joined = <T>(words: readonly T[], others: readonly T[] = []): readonly T[] => [...words, ...others];
  return createDefiningLibrary<W>(library.definer, {
    layer: joined(own.layer, more.layer),
    structure: joined(own.structure, more.structure),
    initializer: joined(own.initializer, more.initializer),
    decoder: joined(own.decoder, more.decoder),
    loss: joined(own.loss, more.loss),
    corruption: joined(own.corruption, more.corruption),
    optimizer: joined(own.optimizer, more.optimizer),
    clip: joined(own.clip, more.clip),
    constraint: joined(own.constraint, more.constraint),
    schedule: joined(own.schedule, more.schedule),
    dataset: joined(own.dataset, more.dataset),
    transform: joined(own.transform, more.transform),
    stage: joined(own.stage, more.stage),
    stop: joined(own.stop, more.stop),
    evaluation: joined(own.evaluation, more.evaluation),
    figure: joined(own.figure, more.figure),
  });
}

/**
 * Looks up a word of a compiled experiment. Layers and losses are looked up by what uses them, since an experiment's own
 * words are in the IR and not in the library.
 * @throws UnknownWord if the library lacks the words it was compiled with
 */
export function knownWord<W extends WordsOf, F extends Family>(
  library: Library<W>,
  family: F,
  use: F extends DefinedFamily ? WordUse : WordUse | string,
): W[F] {
  const found = wordOfUse(library, family, use);
  if (found === undefined) throw new UnknownWord(family, typeof use === 'string' ? use : use.word);
  return found;
}

/** Like {@link knownWord}; undefined for an unknown word. */
export function wordOfUse<W extends WordsOf, F extends Family>(
  library: Library<W>,
  family: F,
  use: WordUse | string,
): W[F] | undefined {
  if (typeof use === 'string') return library.find(family, use);
  if (use.definition === undefined) return library.find(family, use.word);
  return library.defined(family, use.definition);
}

/** A required word is missing from the library. */
export class UnknownWord extends Error {
  constructor(family: Family, word: string) {
    super(`the ${family} '${word}' is not among the words`);
    this.name = 'UnknownWord';
  }
}
