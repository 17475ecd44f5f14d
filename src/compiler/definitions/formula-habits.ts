/** What functions of other libraries are written as here. */
const functions: ReadonlyMap<string, string> = new Map([
  ['pow', 'a ** b'],
  ['power', 'a ** b'],
  ['maximum', 'max(a, b)'],
  ['minimum', 'min(a, b)'],
  ['amax', 'max(x, axis=features)'],
  ['amin', 'min(x, axis=features)'],
  ['clamp', 'clip(x, low, high)'],
  ['clamp_min', 'max(x, low)'],
  ['clip_by_value', 'clip(x, low, high)'],
  ['neg', '-x'],
  ['negative', '-x'],
  ['add', 'a + b'],
  ['sub', 'a - b'],
  ['subtract', 'a - b'],
  ['mul', 'a * b'],
  ['multiply', 'a * b'],
  ['div', 'a / b'],
  ['divide', 'a / b'],
  ['reciprocal', '1 / x'],
  ['rsqrt', '1 / sqrt(x)'],
  ['detach', 'stop_gradient(x)'],
  ['ln', 'log(x)'],
  ['log2', 'log(x) / 0.6931471805599453'],
  ['log10', 'log(x) / 2.302585092994046'],
  ['fabs', 'abs(x)'],
  ['absolute', 'abs(x)'],
  ['logistic', 'sigmoid(x)'],
  ['reduce_mean', 'mean(x)'],
  ['reduce_sum', 'sum(x)'],
  ['reduce_max', 'max(x)'],
  ['average', 'mean(x)'],
  ['norm', 'sqrt(sum(x ** 2, axis=features))'],
  ['log_softmax', 'x - logsumexp(x, axis=features)'],
  ['roll', 'shift(x, 1, axis=width)'],
  ['diff', 'x - shift(x, 1, axis=width)'],
  ['variance', 'var(x, axis=batch)'],
  ['cov', 'gram(x - mean(x, axis=batch))'],
  ['matmul', 'gram(a, b)'],
  ['mm', 'gram(a, b)'],
  ['einsum', 'gram(a, b)'],
  ['outer', 'gram(a, b)'],
  ['tan', 'sin(x) / cos(x)'],
  ['relu6', 'clip(x, 0, 6)'],
  ['silu', 'x * sigmoid(x)'],
  ['if', 'where(condition, a, b)'],
]);

/** What to write in place of a function that formulas lack; null if it is unknown. */
export function insteadOfFormulaFunction(name: string): string | null {
  return functions.get(name) ?? null;
}

const constants: ReadonlyMap<string, string> = new Map([
  ['pi', '3.141592653589793'],
  ['e', '2.718281828459045'],
]);

/** What to write in place of a name that other languages know; null if it is unknown. */
export function insteadOfFormulaName(name: string): string | null {
  if (constants.has(name)) return `write ${constants.get(name)}`;
  if (['y', 'y_pred', 'y_hat', 'recon', 'reconstruction', 'prediction', 'pred', 'x_hat'].includes(name))
    return 'what the decoder gives is output';
  if (['t', 'y_true', 'label', 'labels', 'data'].includes(name)) return 'what the output is compared with is target';
  if (['z', 'h', 'latent', 'hidden'].includes(name)) return 'the output of the encoder is code';
  return null;
}

/** Names of an axis in other libraries. */
export const axisElsewhere: readonly string[] = ['dim', 'dims', 'axes', 'keepdim', 'keepdims', 'reduction', 'over'];
