import { type TensorDifference, type Verdict, windowText } from '../api/compare.js';
import { printable } from '../api/compiler.js';
import { groupedText } from '../api/text.js';

/** Formats a verdict. @param layer of the first differing tensor, as the experiment names it */
export function verdictText(verdict: Verdict, layer: string | null): string {
  const { identical, steps, window, tensor, difference, stored, notChecked } = verdict;
  const [run, left, right] = [printable(verdict.run), printable(verdict.left), printable(verdict.right)];
  const done = `${groupedText(steps)} ${steps === 1 ? 'step' : 'steps'}`;
  const sides = left === run ? right : `${left} and ${right}`;
  const rest = notChecked.length === 0 ? '' : `  not checked: ${printable(notChecked.join(', '))}\n`;
  if (identical) return `${run}: bit-identical in ${done} (${sides})\n${rest}`;
  const lines: string[] = [];
  if (window) {
    lines.push(
      `${left} and ${right} first differ ${windowText(window)}; ${steps === 0 ? 'nothing before it is' : `the ${done} before are`} the same`,
    );
    if (tensor) {
      const { name, step, place, of, elements } = tensor;
      lines.push(
        `the first tensor that differs: '${name}'${layer === null ? '' : ` (${layer})`} of step ${step} (${place} of its ${of} tensors, ${groupedText(elements)} values)`,
      );
    } else {
      lines.push(
        'no step in between was recorded tensor by tensor; --against weights shows how far the final weights differ',
      );
    }
  }
  if (difference) lines.push(differenceText(difference));
  for (const { name, difference: ofStored } of stored) lines.push(`'${name}': ${differenceText(ofStored)}`);
  lines.push(...verdict.notes);
  const [first = 'differs', ...others] = lines.map(printable);
  return `${run}: ${first}\n${others.map((line) => `  ${line}\n`).join('')}${rest}`;
}

function differenceText({ elements, differing, mostUlps, first }: TensorDifference): string {
  const counted = `${groupedText(differing)} of ${groupedText(elements)} values differ`;
  const far = Number.isFinite(mostUlps) ? `by at most ${groupedText(mostUlps)} ULP` : 'one of them because it is NaN';
  const shown = first ? `; the first is [${first.index}]: ${first.left} and ${first.right}` : '';
  return `${counted}, ${far}${shown}`;
}
