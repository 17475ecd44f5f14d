import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { Evaluator } from '../evaluate/evaluator.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import type { ScopedDefinition, VisibleDefinitions } from '../resolve/definitions.js';
import type { Expression, LabelledCall } from '../syntax/ast.js';
import type { Source } from '../syntax/source.js';
import { tokenize } from '../syntax/tokenize.js';
import { ArgumentChecker } from './arguments.js';
import { comesEarlier } from './blocks.js';
import { Labels } from './labels.js';

/**
 * Checks the words in blocks that no experiment of their file places, and so nothing else looks into. Shapes and values
 * depend on the place, and are checked there.
 *
 * @param bound any experiment of the file
 */
export function checkUnplacedBlocks(
  { source, definitions }: Pick<BoundExperiment, 'source' | 'definitions'>,
  assignments: readonly Assignment[],
  library: Library,
  collector: DiagnosticCollector,
): void {
  const own = definitions.all.filter(({ file }) => file.source === source);
  if (!own.some(({ node }) => node.role === 'block')) return;
  const spans = own.map(({ node }) => node.span);
  const isOutside = (from: Source, start: number) =>
    from !== source || !spans.some((span) => span.start <= start && start < span.end);
  const texts = new Set([source, ...assignments.map(({ value }) => value.span.source)]);
  const placed = new Set<ScopedDefinition>();
  const place = (name: string, from: ReadonlyMap<string, ScopedDefinition>) => {
    const found = from.get(name);
    if (found === undefined || found.node.role !== 'block' || placed.has(found)) return;
    placed.add(found);
    for (const inside of wordsOf(found)) place(inside, found.file.names);
  };
  for (const text of texts) {
    for (const { image, startOffset } of tokenize(text).tokens) {
      if (isOutside(text, startOffset)) place(image, definitions.names);
    }
  }
  checkBlocks(
    own.filter((each) => !placed.has(each)),
    library,
    collector,
  );
}

/** Checks the words in the blocks of a file that has no experiments. */
export function checkBlocksAlone({ all }: VisibleDefinitions, library: Library, collector: DiagnosticCollector): void {
  checkBlocks(all, library, collector);
}

function checkBlocks(blocks: readonly ScopedDefinition[], library: Library, collector: DiagnosticCollector): void {
  const nothing = { params: new Map(), lets: new Map(), target: null };
  const checker = new ArgumentChecker(
    new Evaluator(nothing, [], library, collector),
    library,
    new Labels(),
    collector,
    null,
  );
  for (const block of blocks) {
    if (block.node.role !== 'block') continue;
    const parameters = new Set(block.node.parameters.map(({ name }) => name.name));
    const check = (layers: readonly LabelledCall[]): void => {
      for (const { call } of layers) {
        const inner = block.file.names.get(call.word.name);
        if (inner?.node.role === 'block') comesEarlier(inner, call, block, collector);
        else if (!parameters.has(call.word.name)) {
          const isStructure = library.find('structure', call.word.name) !== undefined;
          checker.checkNames(isStructure ? 'structure' : 'layer', call);
        }
        check(call.block ?? []);
      }
    };
    check(block.node.layers);
  }
}

/** The names in a block: of words, of blocks, and in arguments. */
function wordsOf({ node }: ScopedDefinition): readonly string[] {
  if (node.role !== 'block') return [];
  const defaults = node.parameters.flatMap(({ value }) => (value === null ? [] : namesIn(value)));
  return [...defaults, ...node.layers.flatMap(({ call }) => namesIn(call))];
}

function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'name':
      return [expression.name];
    case 'list':
      return expression.items.flatMap(namesIn);
    case 'call':
      return [
        expression.word.name,
        ...expression.arguments.flatMap(({ value }) => namesIn(value)),
        ...(expression.block ?? []).flatMap(({ call }) => namesIn(call)),
      ];
    default:
      return [];
  }
}
