import type { Definition } from '../../compiler/ir/definition.js';
import { axesKeptBy, kindsOf, type Operation, placeOfAxis } from '../../compiler/ir/formula.js';
import { onNumbers } from '../../compiler/ir/formula-numbers.js';
import type { Value } from '../../compiler/ir/value.js';
import type { OnnxLayerPlace } from '../onnx.js';

/** An activation that an experiment defines, as nodes of ONNX. */
export function activationInOnnx(
  { formula }: Definition,
  args: Readonly<Record<string, Value>>,
  x: string,
  place: OnnxLayerPlace,
): string {
  const kinds = kindsOf(formula);
  const values: (string | number)[] = [];
  const inGraph = (value: string | number | undefined): string =>
    typeof value === 'string' ? value : place.scalar(value ?? Number.NaN);
  for (const [i, step] of formula.entries()) {
    switch (step.kind) {
      case 'number':
        values.push(step.value);
        break;
      case 'parameter': {
        const value = args[step.name];
        values.push(typeof value === 'number' ? value : Number.NaN);
        break;
      }
      case 'tensor':
      case 'layer':
        values.push(x);
        break;
      case 'reduction': {
        const named = axesKeptBy(step.over).map((axis) => placeOfAxis(axis, place.input.length) + 1);
        const axes = named.length > 0 ? named : place.input.map((_, axis) => axis + 1);
        const operand = inGraph(values[step.operands[0]]);
        // Axes are an input of sums, and an attribute of the others.
        values.push(
          step.reduction === 'sum'
            ? place.node('ReduceSum', [operand, place.integers(axes)], { keepdims: { int: 1 } })
            : place.node(reductions[step.reduction], [operand], { axes: { ints: axes }, keepdims: { int: 1 } }),
        );
        break;
      }
      case 'gram':
        throw new RangeError('an activation sees one example at a time');
      case 'shift': {
        const at = placeOfAxis(step.axis, place.input.length);
        const length = kinds[i]?.reduced.some((axis) => axis === step.axis) ? 1 : (place.input[at] ?? 1);
        const sources = Array.from({ length }, (_, to) => Math.min(Math.max(to - step.by, 0), length - 1));
        const operand = inGraph(values[step.operands[0]]);
        values.push(place.node('Gather', [operand, place.integers(sources)], { axis: { int: at + 1 } }));
        break;
      }
      case 'operation': {
        const operands = step.operands.map((operand) => values[operand] ?? Number.NaN);
        const constants = operands.filter((operand) => typeof operand === 'number');
        // A truth that no tensor goes into is a number here, and a bool in ONNX.
        const inOnnx = (operand: string | number, at: number): string =>
          typeof operand === 'number' && kinds[step.operands[at] ?? -1]?.truth === true
            ? place.node('Greater', [place.scalar(operand), place.scalar(0.5)])
            : inGraph(operand);
        values.push(
          kinds[i]?.constant === true
            ? onNumbers(step.operation, constants)
            : operation(step.operation, operands.map(inOnnx), place),
        );
      }
    }
  }
  return inGraph(values.at(-1));
}

const reductions = { mean: 'ReduceMean', max: 'ReduceMax', min: 'ReduceMin' } as const;

const operators: Partial<Readonly<Record<Operation, string>>> = {
  '+': 'Add',
  '-': 'Sub',
  '*': 'Mul',
  '/': 'Div',
  '**': 'Pow',
  negate: 'Neg',
  '<': 'Less',
  '<=': 'LessOrEqual',
  '>': 'Greater',
  '>=': 'GreaterOrEqual',
  '==': 'Equal',
  and: 'And',
  or: 'Or',
  not: 'Not',
  where: 'Where',
  minimum: 'Min',
  maximum: 'Max',
  abs: 'Abs',
  exp: 'Exp',
  log: 'Log',
  sign: 'Sign',
  round: 'Round',
  sqrt: 'Sqrt',
  sin: 'Sin',
  cos: 'Cos',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  relu: 'Relu',
  softplus: 'Softplus',
  erf: 'Erf',
};

function operation(name: Operation, operands: readonly string[], { node, scalar }: OnnxLayerPlace): string {
  const operator = operators[name];
  if (operator !== undefined) return node(operator, operands);
  const [a = '', b = '', c = ''] = operands;
  switch (name) {
    case '!=':
      return node('Not', [node('Equal', [a, b])]);
    case 'clip':
      return node('Min', [node('Max', [a, b]), c]);
    case 'square':
      return node('Mul', [a, a]);
    case 'expm1':
      return node('Sub', [node('Exp', [a]), scalar(1)]);
    case 'log1p':
      return node('Log', [node('Add', [a, scalar(1)])]);
    default:
      return a;
  }
}
