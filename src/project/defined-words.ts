import { resolve } from 'node:path';
import { checkedDefinitions, experimentLibrary } from '../compiler/definitions/experiment-library.js';
import { DiagnosticCollector } from '../compiler/diagnostics/collector.js';
import type { AnyWord } from '../compiler/library/word.js';
import { definitionsOf, type ScopedDefinition } from '../compiler/resolve/definitions.js';
import type { DefinitionRole } from '../compiler/syntax/ast.js';
import { recover } from '../compiler/syntax/recover.js';
import type { Source } from '../compiler/syntax/source.js';
import type { Words } from '../words/word.js';
import { UnreadableExperimentError } from './experiments.js';
import { shownPath } from './project.js';
import { experimentFiles, onDisk, projectAround } from './versioned-project.js';
import { fileWorld, readSourceFile } from './world.js';

/** What an `.ae` file defines. */
export interface DefinedInFile {
  readonly name: string;
  readonly role: DefinitionRole;
  /** As the user would name the file. */
  readonly path: string;
  /** `charbonnier(epsilon = 0.001 where epsilon > 0)` */
  readonly usage: string;
  /** The definition as it is written. */
  readonly text: string;
  /** Null for a block, and for a definition with errors. */
  readonly word: AnyWord | null;
}

/** Most files of a project that are searched for a definition. */
const mostFiles = 1000;

/**
 * The definitions that the experiments of a file may use: its own, and those of files that it names with `use`.
 * @throws UnreadableExperimentError
 */
export function definedInFile(path: string, library: Words): readonly DefinedInFile[] {
  const source = readSourceFile(path);
  if ('problem' in source) throw new UnreadableExperimentError(path, source.problem, 'name an .ae file');
  return definedIn(source, library);
}

/** The definitions of a name in the files of the project around the current folder. */
export function definedInProject(name: string, library: Words): readonly DefinedInFile[] {
  if (!/^[A-Za-z_]\w{0,199}$/.test(name)) return [];
  const project = projectAround(process.cwd());
  const snapshot = onDisk(project);
  const { first, others } = experimentFiles(snapshot, project.prefix);
  const mentions = new RegExp(`\\bdefine\\s+\\w+\\s+${name}\\b`);
  return [...first, ...others].slice(0, mostFiles).flatMap((file) => {
    const bytes = snapshot.read(file);
    if (bytes === null) return [];
    const text = new TextDecoder().decode(bytes);
    if (!mentions.test(text)) return [];
    const source = { path: resolve(project.root, file), text };
    return definedIn(source, library).filter((each) => each.name === name && each.path === shownPath(source.path));
  });
}

function definedIn(source: Source, library: Words): readonly DefinedInFile[] {
  const definitions = definitionsOf([recover(source)], fileWorld(), new DiagnosticCollector());
  const words = experimentLibrary(definitions, library);
  const { byNode } = checkedDefinitions(definitions, library);
  return [...definitions.names.values()].map((scoped) => {
    const definition = byNode.get(scoped.node);
    const family = scoped.node.role === 'activation' ? 'layer' : 'loss';
    const word = definition === undefined ? undefined : words.find(family, definition.name);
    return described(scoped, word?.defined === definition ? word : undefined);
  });
}

function described({ node, file: { source } }: ScopedDefinition, word: AnyWord | undefined): DefinedInFile {
  const { name, role, parameters, span } = node;
  const written = parameters.map((each) => source.text.slice(each.span.start, each.span.end).replaceAll(/\s+/g, ' '));
  return {
    name: name.name,
    role,
    path: shownPath(source.path),
    usage: `${name.name}(${written.join(', ')})`,
    text: source.text.slice(span.start, span.end),
    word: word ?? null,
  };
}
