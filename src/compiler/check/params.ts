import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { belongsElsewhere } from '../diagnostics/habits.js';
import { didYouMean, someOf } from '../diagnostics/suggest.js';
import type { Evaluator } from '../evaluate/evaluator.js';
import type { Library } from '../library/library.js';
import type { Assignment, BoundExperiment } from '../resolve/bound.js';
import { namesIn } from '../resolve/names.js';
import type { Expression } from '../syntax/ast.js';
import { placesOf } from './literal-places.js';

/** Reports assignments to unknown params. */
export function checkAssignments(
  assignments: readonly Assignment[],
  experiment: BoundExperiment,
  library: Library,
  collector: DiagnosticCollector,
): void {
  const names = [...experiment.params.keys()];
  for (const { name } of assignments) {
    if (experiment.params.has(name.name)) continue;
    collector.error('AE215', `the experiment '${experiment.name.name}' has no param '${name.name}'`, name.span, () => {
      const { places, hint } = placesOf(name.name, experiment, library);
      return {
        related: places.slice(0, 3).map((place) => ({ span: place, message: 'this value could become a param' })),
        hint:
          hint ??
          belongsElsewhere(name.name) ??
          didYouMean(name.name, names) ??
          (names.length > 0 ? `it has ${someOf(names)}` : `declare it: param ${name.name} = …`),
      };
    });
  }
}

/** Checks every `where` against the trial's values. */
export function checkConstraints(
  experiment: BoundExperiment,
  assignments: readonly Assignment[],
  evaluator: Evaluator,
  collector: DiagnosticCollector,
): void {
  const assigned = new Map(assignments.map((assignment) => [assignment.name.name, assignment.value]));
  for (const [name, { value, constraint }] of experiment.params) {
    const current = evaluator.param(name);
    if (constraint === null || current === null || current.type === 'unknown') continue;
    const given: Expression = assigned.get(name) ?? value;
    const holds = evaluator.evaluate(constraint);
    const { text } = constraint.span.source;
    const rule = text.slice(constraint.span.start, constraint.span.end);
    if (holds.type === 'boolean' && !holds.value) {
      const shown =
        'value' in current ? String(current.value) : current.type === 'symbol' ? current.name : 'this value';
      collector.error('AE307', `${name} = ${shown} is not allowed: it must satisfy ${rule}`, given.span, {
        related: [{ span: constraint.span, message: 'the condition is here' }],
      });
    } else if (holds.type !== 'boolean' && holds.type !== 'unknown') {
      collector.error('AE305', 'a condition must be true or false', constraint.span, {
        hint: 'such as: where 0 < rho < 1',
      });
    }
  }
}

/**
 * Warns of unused params, which are probably mistakes, unless they were used in a parent's statement that was replaced.
 */
export function checkUse(experiment: BoundExperiment, collector: DiagnosticCollector): void {
  const used = namesIn(experiment);
  for (const [name, { name: declared, span }] of experiment.params) {
    if (used.has(name) || !experiment.ownParams.has(name)) continue;
    collector.warning('AE214', `nothing uses the param '${name}'`, declared.span, {
      hint: { hint: null, replacement: '', span },
    });
  }
}
