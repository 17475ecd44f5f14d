import { experimentLibrary } from '../../src/compiler/definitions/experiment-library.js';
import { DiagnosticCollector } from '../../src/compiler/diagnostics/collector.js';
import { definitionsOf } from '../../src/compiler/resolve/definitions.js';
import { parse } from '../../src/compiler/syntax/parse.js';
import { fileWorld } from '../../src/project/world.js';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { GoldenFormatError } from './fields.js';

/**
 * The words of the language with those that these lines of `.ae` define, and the names of the latter.
 * @throws GoldenFormatError for lines that are no definitions
 */
export function definedWords(
  lines: readonly string[],
  words: LoweredLibrary,
): { readonly library: LoweredLibrary; readonly names: readonly string[] } {
  const text = lines.join('\n');
  const file = parse({ path: 'golden.ae', text }).value;
  if (file === null) throw new GoldenFormatError(`${text} is no definition`);
  const definitions = definitionsOf([file], fileWorld(), new DiagnosticCollector());
  return { library: experimentLibrary(definitions, words), names: [...definitions.names.keys()] };
}
