import { type InlayHint, InlayHintKind } from 'vscode-languageserver';
import * as t from '../../grammar/tokens.js';
import type { ShapeStep } from '../compiler/check/layers.js';
import { parameterCount } from '../compiler/ir/experiment.js';
import { describeInterval } from '../compiler/ir/interval.js';
import { describeShape } from '../compiler/ir/shape.js';
import { isOneOf } from '../compiler/syntax/token-kinds.js';
import { groupedText } from '../text/number-text.js';
import type { Asked } from './names.js';
import { positionOf } from './positions.js';
import { endOf, firstFrom, type Reading } from './reading.js';

/** Most shapes to show of a derived decoder. */
const mostDerived = 12;

/** The known shapes after the data set, each transform and each layer between two offsets. */
export function shapeHints({ reading, experiments }: Asked, from: number, to: number): readonly InlayHint[] {
  const { source } = reading;
  const byPlace = new Map<number, readonly ShapeStep[]>();
  for (const { start, end, known } of experiments) {
    // A parent that is in sight is asked itself.
    const shapes = start <= to && end >= from ? known()?.shapes : null;
    if (!shapes) continue;
    const own = [...shapes.data, ...shapes.target, ...shapes.encoder, ...shapes.decoder].filter(
      ({ span }) => span.source.path === source.path,
    );
    const steps = grouped(own);
    // Shapes of inherited layers are those of the first experiment, which is the one that wrote them.
    for (const [start, each] of steps) if (!byPlace.has(start)) byPlace.set(start, each);
  }
  return [...byPlace].flatMap(([start, steps]): InlayHint[] => {
    const end = endOfCall(reading, start);
    const [first] = steps;
    if (end === null || first === undefined || end < from || end > to) return [];
    const shapes = steps.map(({ output }) => describeShape(output)).filter((shape, i, all) => shape !== all[i - 1]);
    const shown = shapes.length <= mostDerived ? shapes : ['…', ...shapes.slice(-mostDerived)];
    return [
      {
        position: positionOf(source, end),
        label: `→ ${shown.join(' → ')}`,
        kind: InlayHintKind.Type,
        paddingLeft: true,
        tooltip: tooltip(steps),
      },
    ];
  });
}

function grouped(steps: readonly ShapeStep[]): ReadonlyMap<number, readonly ShapeStep[]> {
  const groups = new Map<number, ShapeStep[]>();
  for (const step of steps) groups.set(step.span.start, [...(groups.get(step.span.start) ?? []), step]);
  return groups;
}

function tooltip(steps: readonly ShapeStep[]): string {
  const last = steps.at(-1);
  const parameters = steps.reduce((sum, { nodes }) => sum + parameterCount(nodes), 0);
  const node = last?.nodes.at(-1);
  return [
    `output ${last === undefined ? '' : describeShape(last.output)}`,
    ...(node === undefined ? [] : [`values in ${describeInterval(node.range)}`]),
    ...(parameters > 0 ? [`${groupedText(parameters)} parameters`] : []),
  ].join(', ');
}

/** Offset after a call's last parenthesis, or its braces if it has nothing else; null if it is not there. */
function endOfCall({ tokens }: Reading, start: number): number | null {
  const index = firstFrom(tokens, (token) => token.startOffset >= start);
  const word = tokens[index];
  const opener = tokens[index + 1];
  if (word === undefined || word.startOffset !== start) return null;
  if (opener === undefined || !isOneOf(opener, [t.LeftParenthesis, t.LeftBrace])) return endOf(word);
  let depth = 0;
  for (const token of tokens.slice(index + 1)) {
    if (isOneOf(token, [t.LeftParenthesis, t.LeftBrace, t.LeftBracket])) depth++;
    if (isOneOf(token, [t.RightParenthesis, t.RightBrace, t.RightBracket])) depth--;
    if (depth === 0) return endOf(token);
  }
  return endOf(word);
}
