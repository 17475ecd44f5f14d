import type { WordValue } from '../../compiler/ir/value.js';
import { UnknownWord } from '../../compiler/library/library.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type { ResizeTransform, TransformRequest } from '../datasets/transforms/transform.js';
import { bareArguments } from '../lowering/arguments.js';

type BareArguments = ResolvedArgumentsOf<Parameters>;

/** @throws UnknownWord */
export function transformOf({ word, arguments: given }: WordValue): TransformRequest {
  const args = bareArguments(given);
  switch (word) {
    case 'random_crop':
    case 'center_crop':
      return { word, size: pairArgument(args, 'size') };
    case 'resize':
      return { word, size: pairArgument(args, 'size'), method: resizeMethod(args.method ?? null) };
    case 'flip':
      return { word, horizontal: numberArgument(args, 'horizontal'), vertical: numberArgument(args, 'vertical') };
    case 'normalize':
      return { word, mean: numberArgument(args, 'mean'), std: numberArgument(args, 'std') };
    case 'scale':
      return { word, low: numberArgument(args, 'low'), high: numberArgument(args, 'high') };
    case 'binarize':
      return { word, threshold: numberArgument(args, 'threshold'), stochastic: args.stochastic === true };
    case 'standardize':
      return { word };
    case 'min_max':
      return {
        word,
        low: numberArgument(args, 'low'),
        high: numberArgument(args, 'high'),
        clip: args.clip === true,
      };
    default:
      throw new UnknownWord('transform', word);
  }
}

function resizeMethod(value: BareArguments[string]): ResizeTransform['method'] {
  if (value === 'bilinear' || value === 'nearest' || value === 'area') return value;
  throw new RangeError("the argument 'method' is no way to resize");
}

function numberArgument(args: BareArguments, name: string): number {
  const value = args[name];
  if (typeof value !== 'number') throw new RangeError(`the argument '${name}' is not a number`);
  return value;
}

function pairArgument(args: BareArguments, name: string): readonly [number, number] {
  const value = args[name];
  if (Array.isArray(value)) {
    const [height, width]: readonly unknown[] = value;
    if (typeof height === 'number' && typeof width === 'number') return [height, width];
  }
  throw new RangeError(`the argument '${name}' is not a pair of numbers`);
}
