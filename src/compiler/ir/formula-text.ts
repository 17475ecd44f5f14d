import type { Formula, Operation } from './formula.js';

/** How tightly an operator holds, loosest first. */
const levels: ReadonlyMap<Operation, number> = new Map<Operation, number>([
  ['or', 0],
  ['and', 1],
  ['not', 2],
  ['<', 3],
  ['<=', 3],
  ['>', 3],
  ['>=', 3],
  ['==', 3],
  ['!=', 3],
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['negate', 6],
  ['**', 7],
]);

const highest = 9;

/** Longest text of a formula; a longer one ends in an ellipsis. */
const mostCharacters = 400;

/** A formula as it could be written, whatever its layout was. */
export function formulaText(formula: Formula): string {
  const texts: { readonly text: string; readonly level: number }[] = [];
  const at = (index: number, level: number): string => {
    const found = texts[index] ?? { text: '', level: highest };
    return found.level < level ? `(${found.text})` : found.text;
  };
  for (const step of formula) {
    const push = (text: string, level = highest) =>
      texts.push({ text: text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1)}…`, level });
    switch (step.kind) {
      case 'number':
        push(String(step.value));
        break;
      case 'tensor':
      case 'parameter':
      case 'layer':
        push(step.name);
        break;
      case 'reduction': {
        const axis = step.over === 'everything' ? '' : `, axis=${step.over}`;
        push(`${step.reduction}(${at(step.operands[0], 0)}${axis})`);
        break;
      }
      case 'shift':
        push(`shift(${at(step.operands[0], 0)}, ${step.by}, axis=${step.axis})`);
        break;
      case 'gram': {
        const [a, b] = step.operands;
        push(a === b ? `gram(${at(a, 0)})` : `gram(${at(a, 0)}, ${at(b, 0)})`);
        break;
      }
      case 'operation': {
        const [a = 0, b = 0] = step.operands;
        const { operation } = step;
        const level = levels.get(operation);
        if (operation === 'negate') push(`-${at(a, 6)}`, level);
        else if (operation === 'not') push(`not ${at(a, 2)}`, level);
        else if (level === undefined) {
          const name = operation === 'minimum' ? 'min' : operation === 'maximum' ? 'max' : operation;
          push(`${name}(${step.operands.map((operand) => at(operand, 0)).join(', ')})`);
        } else if (operation === '**') push(`${at(a, level + 1)} ** ${at(b, level - 1)}`, level);
        else push(`${at(a, level)} ${operation} ${at(b, level + 1)}`, level);
      }
    }
  }
  return texts.at(-1)?.text ?? '';
}
