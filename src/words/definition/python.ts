import type { Definition } from '../../compiler/ir/definition.js';
import {
  axesKeptBy,
  type FormulaKind,
  kindsOf,
  type Operation,
  type ShiftAxis,
  type Step,
} from '../../compiler/ir/formula.js';
import { call, indented, literal } from '../python.js';

/** Names that mean something in a formula's function. */
const taken: ReadonlySet<string> = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield True False None ' +
    'abs min max float torch math F shape'
  ).split(' '),
);

/** Names that an exported project gives itself, or calls. */
const takenByProject: ReadonlySet<string> = new Set(
  (
    'np nn json os sys argparse Path load_file HERE EXAMPLES INITIAL MAX_STEPS STREAMS ' +
    'int len pow print range reversed sorted sum tuple zip divmod batches c clock draw model replay seen self t time x y ' +
    'Autoencoder Encoder Decoder Batches Ended Replay Time batch_of drawn hidden_input horner integers load main mean_of ' +
    'normal permutation places pretrain_autoencoder pretrain_rbm raw_values reached resize_area resize_bilinear ' +
    'resize_nearest sample scaled sine_and_cosine_of_turns terms_of_loss train uniform unit with_class words'
  ).split(' '),
);

/** The name of the Python function of a definition. */
export function pythonName({ name }: Definition): string {
  return taken.has(name) || takenByProject.has(name) || name.startsWith('_') ? `own_${name}` : name;
}

/** The tensors that a loss's Python function takes, before its numbers. */
export function pythonTensors({ formula }: Definition): readonly string[] {
  const names = new Set<string>();
  for (const step of formula) {
    if (step.kind === 'tensor') names.add(step.name);
    if (step.kind === 'layer') names.add(step.name);
  }
  return [...names];
}

/** A definition as a Python function of its tensors and then its numbers. */
export function pythonFunction(definition: Definition): string {
  const { role, parameters, name } = definition;
  const tensors = pythonTensors(definition).map(safe);
  const numbers = parameters.flatMap((each) => (each.kind === 'number' ? [safe(each.name)] : []));
  const { statements, result } = bodyOf(definition, tensors);
  const conditions = parameters.flatMap((each) =>
    each.kind === 'number' && each.condition !== null ? [each.condition] : [],
  );
  const where = conditions.length === 0 ? '' : `, where ${conditions.join(' and ')}`;
  return [
    '',
    `def ${pythonName(definition)}(${[...tensors, ...numbers].join(', ')}):`,
    ...indented([`"""The ${role} '${name}' of the experiment${where}."""`, ...statements, `return ${result}`]),
  ].join('\n');
}

/** A call of the function. */
export function pythonCall(definition: Definition, tensors: readonly string[], numbers: readonly string[]): string {
  return call(pythonName(definition), [...tensors, ...numbers]);
}

/** The name of a parameter, other than those of the function's own steps. */
function safe(written: string): string {
  const name = written.replace('.', '_');
  return taken.has(name) || /^v\d+$/.test(name) ? `${name}_` : name;
}

/**
 * Statements and the result. Where axes are told apart, examples are rows and features are columns, so that a value of
 * each example and one of each feature go together by themselves. Tensors keep their axes where one of an image or a
 * signal is named.
 */
function bodyOf({ formula, role }: Definition, tensors: readonly string[]) {
  const kinds = kindsOf(formula);
  const keepsAxes = formula.some(namesAxis);
  const isFlat = !keepsAxes && formula.some((step) => isOver(step) || step.kind === 'shift');
  const isShaped = isFlat && role === 'activation';
  const statements: string[] = [
    ...(isShaped ? ['shape = x.shape'] : []),
    ...(isFlat && tensors.length > 0
      ? [`${tensors.join(', ')} = ${tensors.map((name) => `${name}.flatten(1)`).join(', ')}`]
      : []),
  ];
  const uses = formula.map(() => 0);
  for (const [i, step] of formula.entries()) {
    if (!('operands' in step)) continue;
    // What a text names twice is computed once.
    const isNamedTwice =
      step.kind === 'shift' ||
      step.kind === 'gram' ||
      (keepsAxes && step.operands.some((each) => isAligned(each, i, kinds)));
    for (const operand of step.operands) uses[operand] = (uses[operand] ?? 0) + (isNamedTwice ? 2 : 1);
  }
  const texts: string[] = [];
  for (const [i, step] of formula.entries()) {
    const text = stepText(step, keepsAxes ? alignedTexts(i, step, texts, kinds) : texts, kinds, keepsAxes);
    const isShared = 'operands' in step && (uses[i] ?? 0) > 1;
    if (isShared) statements.push(`v${i} = ${bare(text)}`);
    texts.push(isShared ? `v${i}` : text);
  }
  const result = bare(texts.at(-1) ?? '0');
  return { statements, result: isShaped ? `(${result}).reshape(shape)` : result };
}

function isOver(step: Step): boolean {
  return step.kind === 'reduction' && step.over !== 'everything';
}

/** Whether a step goes along one axis of an image or a signal. */
function namesAxis(step: Step): boolean {
  if (step.kind === 'shift') return step.axis !== 'features';
  return step.kind === 'reduction' && axesKeptBy(step.over).length > 0;
}

/** Whether an operand has one value for each example, and the result one for each of its features. */
function isAligned(operand: number, result: number, kinds: readonly FormulaKind[]): boolean {
  const [of, to] = [kinds[operand], kinds[result]];
  return of?.batch === true && !of.features && to?.batch === true && to.features;
}

/** Texts in which the values of examples that go into a step have as many axes as those of features. */
function alignedTexts(
  index: number,
  step: Step,
  texts: readonly string[],
  kinds: readonly FormulaKind[],
): readonly string[] {
  if (step.kind !== 'operation' || !step.operands.some((operand) => isAligned(operand, index, kinds))) return texts;
  const like = step.operands.find((operand) => kinds[operand]?.features === true) ?? index;
  const axes = `${texts[like]}.dim()${kinds[like]?.batch === true ? ' - 1' : ''}`;
  const aligned = [...texts];
  for (const operand of step.operands) {
    if (isAligned(operand, index, kinds)) aligned[operand] = `${texts[operand]}.reshape(-1, *[1] * (${axes}))`;
  }
  return aligned;
}

/** The dimension of an axis, of tensors that keep theirs. */
function dimensionOf(axis: ShiftAxis, { batch }: FormulaKind): number {
  if (axis === 'channels') return batch ? 1 : 0;
  return axis === 'height' ? -2 : -1;
}

/** Without the parentheses around the whole. */
function bare(text: string): string {
  let depth = 0;
  for (const [i, character] of [...text].entries()) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth === 0 && i < text.length - 1) return text;
  }
  return text.startsWith('(') ? text.slice(1, -1) : text;
}

function stepText(step: Step, texts: readonly string[], kinds: readonly FormulaKind[], keepsAxes: boolean): string {
  switch (step.kind) {
    case 'number':
      return step.value < 0 ? `(${literal(step.value)})` : literal(step.value);
    case 'parameter':
    case 'tensor':
    case 'layer':
      return safe(step.name);
    case 'shift': {
      const [operand] = step.operands;
      const of = texts[operand] ?? '';
      const kind = kinds[operand];
      const dim = kind === undefined ? -1 : dimensionOf(step.axis, kind);
      const places = `torch.arange(${of}.shape[${dim}], device=${of}.device)`;
      const moved = `${places} ${step.by > 0 ? '-' : '+'} ${Math.abs(step.by)}`;
      return `${of}.index_select(${dim}, (${moved}).clamp(0, ${of}.shape[${dim}] - 1))`;
    }
    case 'gram': {
      const [a = '', b = ''] = step.operands.map((operand) => texts[operand]);
      return `(${a}.flatten(1).T @ ${b}.flatten(1) / ${a}.shape[0])`;
    }
    case 'reduction':
      return reductionText(step, texts, kinds, keepsAxes);
    case 'operation': {
      const operands = step.operands.map((operand) => ({
        text: texts[operand] ?? '',
        isNumber: kinds[operand]?.constant === true,
      }));
      return operands.every(({ isNumber }) => isNumber)
        ? numberText(
            step.operation,
            operands.map(({ text }) => text),
          )
        : tensorText(step.operation, operands);
    }
  }
}

function reductionText(
  { reduction, over, operands: [operand] }: Extract<Step, { kind: 'reduction' }>,
  texts: readonly string[],
  kinds: readonly FormulaKind[],
  keepsAxes: boolean,
): string {
  const of = texts[operand] ?? '';
  const kind = kinds[operand];
  const name = { sum: 'sum', mean: 'mean', max: 'amax', min: 'amin' }[reduction];
  if (over === 'everything' || kind === undefined) return `${of}.${name}()`;
  const named = axesKeptBy(over).map((axis) => dimensionOf(axis, kind));
  if (named.length > 0) return `${of}.${name}((${named.join(', ')},), keepdim=True)`;
  // Extremes of several axes have to be named one by one.
  const isLast = over === 'features' ? !kind.batch : !kind.features;
  if (isLast) return `${of}.${name}()`;
  if (!keepsAxes) return `${of}.${name}(${over === 'batch' ? 0 : 1}, keepdim=True)`;
  return over === 'batch' ? `${of}.${name}(0)` : `${of}.flatten(1).${name}(1)`;
}

const infix: ReadonlyMap<Operation, string> = new Map<Operation, string>([
  ['+', '+'],
  ['-', '-'],
  ['*', '*'],
  ['/', '/'],
  ['**', '**'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['==', '=='],
  ['!=', '!='],
  ['and', '&'],
  ['or', '|'],
]);

/** An operand, and whether it is a number of Python's rather than a tensor. */
interface Operand {
  readonly text: string;
  readonly isNumber: boolean;
}

const nothing: Operand = { text: '', isNumber: false };

function tensorText(operation: Operation, operands: readonly Operand[]): string {
  const [a = nothing, b = nothing, c = nothing] = operands;
  const sign = infix.get(operation);
  if (sign !== undefined) return `(${a.text} ${sign} ${b.text})`;
  switch (operation) {
    case 'negate':
      return `(-${a.text})`;
    case 'not':
      return `(~${a.text})`;
    case 'where':
      return whereText(a, b, c);
    case 'clip':
      return b.isNumber && c.isNumber && !a.isNumber
        ? call('torch.clamp', [a.text, b.text, c.text])
        : extremeText('minimum', { text: extremeText('maximum', a, b), isNumber: a.isNumber && b.isNumber }, c);
    case 'minimum':
    case 'maximum':
      return extremeText(operation, a, b);
    case 'relu':
    case 'softplus':
      return call(`F.${operation}`, [a.text]);
    case 'stop_gradient':
      return `${a.text}.detach()`;
    default:
      return call(`torch.${operation}`, [a.text]);
  }
}

function extremeText(operation: 'minimum' | 'maximum', a: Operand, b: Operand): string {
  const bound = operation === 'maximum' ? 'min' : 'max';
  if (a.isNumber && b.isNumber) return `${bound === 'min' ? 'max' : 'min'}(${a.text}, ${b.text})`;
  if (a.isNumber) return call('torch.clamp', [b.text], { [bound]: a.text });
  return b.isNumber ? call('torch.clamp', [a.text], { [bound]: b.text }) : call(`torch.${operation}`, [a.text, b.text]);
}

/** Two whole numbers would make a tensor of integers, which has no mean. */
function whereText(condition: Operand, a: Operand, b: Operand): string {
  if (condition.isNumber) return `(${asTensor(a)} if ${condition.text} else ${asTensor(b)})`;
  return call('torch.where', [condition.text, a.isNumber && b.isNumber ? asTensor(a) : a.text, b.text]);
}

/** Functions of two tensors take no numbers. */
function asTensor({ text, isNumber }: Operand): string {
  return isNumber ? `torch.as_tensor(${bare(text)}, dtype=torch.float32)` : text;
}

function numberText(operation: Operation, operands: readonly string[]): string {
  const [a = '', b = '', c = ''] = operands;
  const sign = infix.get(operation);
  if (operation === 'and' || operation === 'or') return `(${a} ${operation} ${b})`;
  if (sign !== undefined) return `(${a} ${sign} ${b})`;
  switch (operation) {
    case 'negate':
      return `(-${a})`;
    case 'not':
      return `(not ${a})`;
    case 'where':
      return `(${b} if ${a} else ${c})`;
    case 'clip':
      return `min(max(${a}, ${b}), ${c})`;
    case 'minimum':
      return `min(${a}, ${b})`;
    case 'maximum':
      return `max(${a}, ${b})`;
    case 'relu':
      return `max(${a}, 0.0)`;
    case 'square':
      return `(${a} ** 2)`;
    case 'round':
      return `float(round(${a}))`;
    case 'sign':
      return `float((${a} > 0) - (${a} < 0))`;
    case 'abs':
      return `abs(${a})`;
    case 'sigmoid':
      return `(1 / (1 + math.exp(-${a})))`;
    case 'softplus':
      return `math.log1p(math.exp(${a}))`;
    case 'stop_gradient':
      return a;
    default:
      return call(`math.${operation}`, [a]);
  }
}
