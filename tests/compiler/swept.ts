import { DiagnosticCollector } from '../../src/compiler/diagnostics/collector.js';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.js';
import { Evaluator } from '../../src/compiler/evaluate/evaluator.js';
import { crossFactors, type SweepTrial, sweepFactors } from '../../src/compiler/expand/expand.js';
import type { UnitNumbers } from '../../src/compiler/expand/points.js';
import { readSweepBlock } from '../../src/compiler/expand/sweep-request.js';
import type { BoundExperiment } from '../../src/compiler/resolve/bound.js';
import type { World } from '../../src/compiler/world.js';
import { builtinWords } from '../../src/words/words.js';

/** Equally spaced, for tests that draw nothing. */
const spaced: UnitNumbers = { mostAxes: 100, of: () => (point) => (point * 0.618) % 1 };

/** The trials that an experiment's own `sweep` block asks for. */
export function sweptTrials(
  bound: BoundExperiment,
  world: World,
  numbers: UnitNumbers = spaced,
): { readonly trials: readonly SweepTrial[] | null; readonly diagnostics: readonly Diagnostic[] } {
  const collector = new DiagnosticCollector();
  const evaluator = new Evaluator(bound, [], builtinWords, collector);
  const request = readSweepBlock(bound, world, evaluator, collector);
  const factors = sweepFactors(bound, request, builtinWords, numbers);
  collector.addAll(factors.diagnostics);
  return { trials: factors.value && crossFactors(factors.value), diagnostics: collector.all };
}
