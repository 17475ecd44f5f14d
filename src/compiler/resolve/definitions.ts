import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { hasErrors } from '../diagnostics/diagnostic.js';
import type { DefinitionNode, FileNode } from '../syntax/ast.js';
import { parse } from '../syntax/parse.js';
import type { Source } from '../syntax/source.js';
import type { World } from '../world.js';

/** A definition, and the names that it may use. */
export interface ScopedDefinition {
  readonly node: DefinitionNode;
  /** Its place among those of its file, from 0. */
  readonly index: number;
  readonly file: DefinitionFile;
}

/** The definitions of a file: its own, and those of the files that it names with `use`. */
export interface DefinitionFile {
  readonly source: Source;
  readonly names: ReadonlyMap<string, ScopedDefinition>;
}

/** The definitions that an experiment may use, each after those that it uses itself. */
export interface VisibleDefinitions {
  /** By name. */
  readonly names: ReadonlyMap<string, ScopedDefinition>;
  /** Those that any of these may use, too, in an order in which each follows what it uses. */
  readonly all: readonly ScopedDefinition[];
  /** Every file that was read for them. */
  readonly sources: readonly Source[];
}

export const noDefinitions: VisibleDefinitions = { names: new Map(), all: [], sources: [] };

/** Most files of definitions that an experiment may read. */
const mostFiles = 200;

/**
 * Collects the definitions of an experiment's own file and of those of its ancestors, with the files that they name.
 * @param files the experiment's own first
 */
export function definitionsOf(
  files: readonly FileNode[],
  world: World,
  collector: DiagnosticCollector,
): VisibleDefinitions {
  if (files.every(({ uses, definitions }) => uses.length + definitions.length === 0)) return noDefinitions;
  const reader = new DefinitionReader(world, collector);
  const names = new Map<string, ScopedDefinition>();
  for (const file of [...files].reverse()) {
    for (const definition of reader.read(file).names.values()) reader.join(definition, names);
  }
  return { names, all: reader.all, sources: reader.sources };
}

class DefinitionReader {
  readonly all: ScopedDefinition[] = [];
  readonly sources: Source[] = [];
  readonly #world: World;
  readonly #collector: DiagnosticCollector;
  readonly #known = new Map<string, DefinitionFile>();
  /** Paths of the files that are being read, the outermost first. */
  readonly #open: string[] = [];

  constructor(world: World, collector: DiagnosticCollector) {
    this.#world = world;
    this.#collector = collector;
  }

  read(file: FileNode): DefinitionFile {
    const { source } = file;
    const known = this.#known.get(source.path);
    if (known) return known;
    this.sources.push(source);
    const names = new Map<string, ScopedDefinition>();
    const read: DefinitionFile = { source, names };
    this.#known.set(source.path, read);
    this.#open.push(source.path);
    for (const use of file.uses) {
      const used = this.#used(use.path, use.pathSpan, source);
      if (used === null) continue;
      for (const definition of used.names.values()) {
        // What the other file has from a third one has to be named here, too.
        if (definition.file === used) this.join(definition, names);
      }
    }
    for (const [index, node] of file.definitions.entries()) {
      const definition: ScopedDefinition = { node, index, file: read };
      if (this.join(definition, names)) this.all.push(definition);
    }
    this.#open.pop();
    return read;
  }

  /** Adds a definition to others; false after reporting that there is one of its name. */
  join(definition: ScopedDefinition, names: Map<string, ScopedDefinition>): boolean {
    const { name } = definition.node;
    const before = names.get(name.name);
    if (before === definition) return true;
    if (before !== undefined) {
      this.#collector.error('AE203', `there are two definitions of '${name.name}'`, name.span, {
        related: [{ span: before.node.name.span, message: 'first occurrence here' }],
        hint: 'give one of them another name',
      });
      return false;
    }
    names.set(name.name, definition);
    return true;
  }

  #used(path: string, span: ScopedDefinition['node']['span'], from: Source): DefinitionFile | null {
    const source = this.#world.readSource(path, from);
    if ('problem' in source) {
      this.#collector.error('AE701', `cannot read '${path}': ${source.problem}`, span);
      return null;
    }
    const start = this.#open.indexOf(source.path);
    if (start >= 0) {
      const circle = [...this.#open.slice(start), source.path].join(' → ');
      this.#collector.error('AE217', `this file uses itself: ${circle}`, span, {
        hint: 'move what both need into a file of its own',
      });
      return null;
    }
    const known = this.#known.get(source.path);
    if (known) return known;
    if (this.#known.size >= mostFiles) {
      this.#collector.error('AE310', `more than ${mostFiles} files of definitions, which is the limit`, span);
      return null;
    }
    const parsed = parse(source);
    this.#collector.addAll(parsed.diagnostics);
    if (parsed.value === null || hasErrors(parsed.diagnostics)) return null;
    return this.read(parsed.value);
  }
}
