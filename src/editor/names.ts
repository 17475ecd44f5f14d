import type { Library } from '../compiler/library/library.js';
import type { World } from '../compiler/world.js';
import type { FolderEntry } from '../project/data-entries.js';
import type { Words } from '../words/word.js';
import type { KnownExperiment, ReadableExperiment } from './analysis.js';
import { type DeclarationKind, type ReadExperiment, type Reading, type ReadToken, readTokens } from './reading.js';

/** An experiment of a text that has been read. */
export interface Located {
  readonly reading: Reading;
  /** Index in its file. */
  readonly index: number;
  readonly experiment: ReadExperiment;
}

export interface Declaration {
  readonly kind: DeclarationKind;
  readonly place: ReadToken;
  readonly at: Located;
}

/** Most ancestors of an experiment. */
const mostAncestors = 100;

/** Looks up names in texts that may be incomplete, in the files that the world reads. */
export class Names {
  readonly #library: Library;
  readonly #world: World;

  constructor(library: Library, world: World) {
    this.#library = library;
    this.#world = world;
  }

  located(reading: Reading, index: number): Located | null {
    const experiment = reading.experiments[index];
    return experiment === undefined ? null : { reading, index, experiment };
  }

  /** The experiment that another one extends; null if there is none. */
  parentOf({ reading, experiment: { parent } }: Located): Located | null {
    if (parent === null) return null;
    const of = parent.path === null ? reading : this.file(parent.path, reading);
    if (of === null) return null;
    const index = parent.name === null ? 0 : of.experiments.findIndex(({ name }) => name?.token.image === parent.name);
    return this.located(of, index);
  }

  /** An experiment and its ancestors, the youngest first. */
  lineage(youngest: Located): readonly Located[] {
    const found: Located[] = [youngest];
    while (found.length < mostAncestors) {
      const last = found.at(-1);
      const parent = last === undefined ? null : this.parentOf(last);
      if (parent === null || found.some((each) => isSame(each, parent))) break;
      found.push(parent);
    }
    return found;
  }

  /** Finds an own or inherited declaration of a name: a param or a let hides a label. */
  find(name: string, from: Located): Declaration | null {
    const all = this.all(from).filter(({ place }) => place.token.image === name);
    return all.find(({ kind }) => kind !== 'label') ?? all[0] ?? null;
  }

  /** Everything that an experiment declares or inherits, the youngest first; no labels of layers that it replaces. */
  all(from: Located): readonly Declaration[] {
    const replaced = new Set<string>();
    const found: Declaration[] = [];
    for (const at of this.lineage(from)) {
      const { declarations, statements } = at.experiment;
      for (const place of declarations) {
        if (place.kind !== 'label' || !replaced.has(place.statement)) found.push({ kind: place.kind, place, at });
      }
      for (const statement of statements) replaced.add(statement);
    }
    return found;
  }

  /** Names of the experiments of a file. */
  experimentsIn(path: string, from: Reading): readonly string[] {
    const reading = this.file(path, from);
    return reading?.experiments.flatMap(({ name }) => (name === null ? [] : [name.token.image])) ?? [];
  }

  /** Another file of the project; null if it cannot be read. */
  file(path: string, from: Reading): Reading | null {
    const source = this.#world.readSource(path, from.source);
    return 'problem' in source ? null : readTokens(source, this.#library);
  }
}

export function isSame(one: Located, other: Located): boolean {
  return one.reading.source.path === other.reading.source.path && one.index === other.index;
}

/** Context for requests about a place in a document. */
export interface Asked {
  readonly reading: Reading;
  readonly library: Words;
  readonly names: Names;
  /** What the text may name in a folder, as it would write it; nothing if the text is in no file. */
  readonly entriesOf: (folder: string) => readonly FolderEntry[];
  /** Columns of a table that a text names, as it writes its path. */
  readonly columnsOf: (path: string, from: Reading) => readonly string[];
  /** Experiments as far as the text can be parsed; compiled on first use. */
  readonly experiments: readonly ReadableExperiment[];
}

/** The compiler's facts about the experiment that contains a place. */
export function knownAt({ experiment }: Pick<ReadToken, 'experiment'>, asked: Asked): KnownExperiment | null {
  const name = asked.reading.experiments[experiment]?.name?.token.image;
  return asked.experiments.find((each) => each.name === name)?.known() ?? null;
}
