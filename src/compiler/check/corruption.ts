import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { DataNode } from '../ir/experiment.js';
import type { Interval } from '../ir/interval.js';
import { plainArguments, type WordValue } from '../ir/value.js';
import type { Library } from '../library/library.js';
import type { CorruptStatement } from '../syntax/ast.js';
import type { ArgumentChecker, Bound } from './arguments.js';

/**
 * Reports violations of a corruption's own rules, wherever it occurs.
 * @param raw range of the values it corrupts
 * @param at the span to report
 */
export function checkCorruption(
  { word, arguments: given }: WordValue,
  raw: Interval,
  library: Library,
  checker: ArgumentChecker,
  at: Pick<Bound, 'span' | 'places'>,
): void {
  const definition = library.find('corruption', word);
  if (definition) checker.report(definition.check(plainArguments(given), raw), at);
}

/** Most corruptions that an experiment may have. */
const mostCorruptions = 100;

/** Checks the corruptions of an experiment's input, and that they can act in the order in which they are written. */
export function checkCorruptions(
  statement: CorruptStatement | null,
  data: DataNode | null,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): readonly WordValue[] {
  if (statement === null) return [];
  const { calls, span } = statement;
  if (calls.length === 0) {
    collector.error('AE205', 'the block has no corruption', span, { hint: 'such as: corrupt { gaussian(0.1) }' });
  }
  if (calls.length > mostCorruptions) {
    collector.error('AE310', `${calls.length} corruptions: the limit is ${mostCorruptions}`, span);
    return [];
  }
  const changesValues = data?.transforms.some(
    ({ word }) => library.find('transform', word)?.acts === 'after corruption',
  );
  let seen: Bound | null = null;
  return calls.flatMap((call) => {
    const bound = checker.bind('corruption', call);
    if (!bound) return [];
    if (data) checkCorruption(bound.value, data.storedRange, library, checker, bound);
    const { definition } = bound;
    if (definition.damages === 'what the network sees') seen ??= bound;
    else if (changesValues && seen) {
      const before = seen.value.word;
      const message = `'${definition.name}' acts before the transforms, and '${before}' after them`;
      collector.error('AE515', message, call.span, {
        related: [{ span: seen.span, message: 'acts after the transforms' }],
        hint: `write ${definition.name}(…) in front of ${before}(…)`,
      });
    }
    return [bound.value];
  });
}
