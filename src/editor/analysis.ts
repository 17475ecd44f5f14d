import { resolve as absolute } from 'node:path';
import { compileTrial } from '../compiler/compile.js';
import { experimentLibrary } from '../compiler/definitions/experiment-library.js';
import { DiagnosticCollector } from '../compiler/diagnostics/collector.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { definitionsOf } from '../compiler/resolve/definitions.js';
import { resolveIncomplete } from '../compiler/resolve/resolve.js';
import type { FileNode } from '../compiler/syntax/ast.js';
import { recover } from '../compiler/syntax/recover.js';
import type { Source } from '../compiler/syntax/source.js';
import { bindExperiments, type CheckedExperiment, checkExperiment } from '../sweep/plan/check-experiment.js';
import type { Words } from '../words/word.js';
import { type Reading, readTokens } from './reading.js';
import type { OpenDocument, Workspace } from './workspace.js';

/** Most trials of a sweep to compile while the user types; larger sweeps wait for a pause. */
const trialsWhileTyping = 64;

/** Trials of a sweep that are compiled at all; `aedsl check` compiles any number. */
export const mostTrials = 5_000;

/** Result of checking a document, as `aedsl check` would. */
export interface Check {
  readonly diagnostics: readonly Diagnostic[];
  /** Experiments without syntax errors. */
  readonly experiments: readonly CheckedExperiment[];
  /** Whether a sweep is too large to have been compiled. */
  readonly isPartial: boolean;
}

/** Facts about an experiment whose text may be incomplete. */
export type KnownExperiment = Pick<CheckedExperiment, 'bound' | 'compiled' | 'shapes'>;

/** An experiment whose text may be incomplete; compiled on demand, since a text may hold hundreds. */
export interface ReadableExperiment {
  readonly name: string;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  /** Null if too little of it is valid. */
  known(): KnownExperiment | null;
}

interface Known {
  readonly source: Source;
  readonly words: Words;
  /** Paths of the files it depends on. */
  readonly reads: Set<string>;
  check: Check | null;
  fullCheck: Check | null;
  experiments: readonly ReadableExperiment[] | null;
  /** The words with those that the text and the files that it uses define. */
  own: Words | null;
}

/** Caches the compiler's results per document, for its current text. */
export class Analyses {
  readonly #workspace: Workspace;
  readonly #known = new Map<string, Known>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Forgets what depends on a file; on any file without one. */
  forget(path: string | null = null): void {
    for (const [uri, { source, reads }] of this.#known) {
      if (path === null || reads.has(absolute(path)) || absolute(source.path) === absolute(path))
        this.#known.delete(uri);
    }
  }

  /** Documents that depend on a file of this path. */
  dependents(path: string): readonly OpenDocument[] {
    return this.#workspace.documents.filter(({ uri }) => this.#known.get(uri)?.reads.has(absolute(path)) === true);
  }

  /** @param most trials of a sweep that are compiled */
  check(document: OpenDocument, words: Words, most: number = trialsWhileTyping): Check {
    const known = this.#of(document, words);
    if (known.fullCheck !== null) return known.fullCheck;
    const check = most <= trialsWhileTyping && known.check !== null ? known.check : this.#check(document, known, most);
    if (!check.isPartial || most > trialsWhileTyping) known.fullCheck = check;
    known.check = check;
    return check;
  }

  /** The experiments as far as the text can be understood. */
  experiments(document: OpenDocument, words: Words): readonly ReadableExperiment[] {
    const known = this.#of(document, words);
    known.experiments ??= this.#readable(document, known);
    return known.experiments;
  }

  /** The words that a document's experiments may use. */
  words(document: OpenDocument, words: Words): Words {
    const known = this.#of(document, words);
    if (known.own === null) {
      const world = this.#workspace.worldOf(document, known.reads);
      const definitions = definitionsOf([recover(document.source)], world, new DiagnosticCollector());
      known.own = experimentLibrary(definitions, known.words);
    }
    return known.own;
  }

  reading({ source }: OpenDocument, words: Words): Reading {
    return readTokens(source, words);
  }

  #of(document: OpenDocument, words: Words): Known {
    const before = this.#known.get(document.uri);
    if (before?.source === document.source && before.words === words.base) return before;
    const reads = new Set<string>();
    const known: Known = {
      source: document.source,
      words: words.base,
      reads,
      check: null,
      fullCheck: null,
      experiments: null,
      own: null,
    };
    this.#known.set(document.uri, known);
    return known;
  }

  #check(document: OpenDocument, { words, reads }: Known, most: number): Check {
    const world = this.#workspace.worldOf(document, reads);
    const collector = new DiagnosticCollector();
    const experiments: CheckedExperiment[] = [];
    for (const { value, diagnostics } of bindExperiments(document.source, null, { library: words, world })) {
      collector.addAll(diagnostics);
      if (value !== null) {
        experiments.push(checkExperiment(value, { library: words, world, mostTrials: most }, collector));
      }
    }
    const isPartial = experiments.some(({ isSweepChecked }) => !isSweepChecked);
    return { diagnostics: collector.all, experiments, isPartial };
  }

  #readable(document: OpenDocument, known: Known): readonly ReadableExperiment[] {
    const tree = recover(document.source);
    return tree.experiments.map(({ name: { name }, span: { start, end } }) => {
      let compiled: { readonly value: KnownExperiment | null } | null = null;
      return {
        name,
        start,
        end,
        known: () => {
          compiled ??= { value: this.#understood(name, tree, document, known) };
          return compiled.value;
        },
      };
    });
  }

  #understood(name: string, tree: FileNode, document: OpenDocument, known: Known): KnownExperiment | null {
    const checked = known.check?.experiments.find(({ bound }) => bound.name.name === name);
    if (checked !== undefined) return checked;
    const world = this.#workspace.worldOf(document, known.reads);
    const bound = resolveIncomplete(tree, name, world);
    if (bound === null) return null;
    const { value: compiled, shapes } = compileTrial(bound, { library: known.words, world });
    return { bound, compiled, shapes };
  }
}
