import { type FigureLayer, type Problem, problem } from '../../compiler/library/word.js';

/** Warns of a figure that would decode what no decoder can make of a code alone. */
export function unmetNeed(figure: string, { above }: FigureLayer): readonly Problem[] {
  if (above === null) return [];
  const message = `'${figure}' has nothing to show: ${above.message}`;
  return [problem('AE510', message, { severity: 'warning', argument: 'on', hint: above.hint })];
}
