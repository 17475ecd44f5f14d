import type { DataNode, ExperimentIr } from '../../compiler/ir/experiment.js';
import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { corruptionPurpose } from '../../runtime/datasets/corruption.js';
import type { TransformedSet } from '../../runtime/datasets/fit.js';
import { numbered } from '../../runtime/datasets/ordinals.js';
import { indented, literal } from '../../words/python.js';
import type { PytorchTransformPlace, Words } from '../../words/word.js';
import { corruptedValues } from './corruptions.js';
import type { StreamNames } from './stream-names.js';
import { UnknownToPytorch } from './unsupported.js';

/** What batches are made of. */
interface BatchPlace {
  readonly streams: StreamNames;
  /** Whether the examples are stored in float64. */
  readonly isDouble: boolean;
  readonly words: Words;
}

/**
 * `batch_of(indices, step, time)`: some training examples, corrupted and clean. Everything is float32 with each
 * operation rounded once, so the bits are those that aedsl trained with.
 * @throws UnknownToPytorch
 */
export function batchFunction(
  { transforms, shape }: DataNode,
  corruptions: readonly WordValue[],
  { streams, isDouble, words }: BatchPlace,
): readonly string[] {
  const isRaw = ({ word }: WordValue) => knownWord(words, 'corruption', word).damages === 'raw values';
  const before = corruptions.findLastIndex(isRaw) + 1;
  const corrupted = (i: number, corruption: WordValue) => {
    const stream = streams.of('data', corruptionPurpose(i));
    return `x = ${corruptedValues(corruption, i === 0 && before > 0 ? 't' : 'x', stream, words)}`;
  };
  const damage = corruptions.map((corruption, i) => corrupted(i, corruption));
  const seen = corruptions.length === 0 ? ['t'] : ['t', 'x'];
  const { pixels, changes } = transformCode(transforms, seen, 'data', streams, words);
  return [
    'def batch_of(indices, step, time):',
    ...indented([
      '"""Input and target of the examples with these indices: the clean target is what the network should give."""',
      't = raw_values(indices)',
      ...pixels,
      't = t.reshape(len(indices), -1)',
      ...damage.slice(0, before),
      ...(corruptions.length > 0 && before === 0 ? ['x = t'] : []),
      ...changes,
      ...damage.slice(before),
      // Rounded once, after all operations.
      ...(isDouble ? seen.map((x) => `${x} = ${x}.astype(np.float32)`) : []),
      `t = torch.from_numpy(t).reshape(${['-1', ...shape.map(literal)].join(', ')})`,
      corruptions.length === 0 ? 'return t, t' : 'return torch.from_numpy(x).reshape(t.shape), t',
    ]),
  ];
}

/** `target_of(indices, step, time)`: what the network should give for some training examples. @throws UnknownToPytorch */
export function targetFunction(
  { transforms, shape }: DataNode,
  { streams, isDouble, words }: BatchPlace,
): readonly string[] {
  const { pixels, changes } = transformCode(transforms, ['t'], 'target', streams, words);
  return [
    'def target_of(indices, step, time):',
    ...indented([
      '"""What the network should give for the examples with these indices."""',
      't = raw_values(indices, TARGETS)',
      ...pixels,
      't = t.reshape(len(indices), -1)',
      ...changes,
      ...(isDouble ? ['t = t.astype(np.float32)'] : []),
      `return torch.from_numpy(t).reshape(${['-1', ...shape.map(literal)].join(', ')})`,
    ]),
  ];
}

/**
 * The statements before and after the corruptions.
 * @param seen variables: the clean values, and a corrupted input
 */
function transformCode(
  transforms: readonly WordValue[],
  seen: readonly string[],
  set: TransformedSet,
  streams: StreamNames,
  words: Words,
): { readonly pixels: readonly string[]; readonly changes: readonly string[] } {
  const counts = new Map<string, number>();
  const pixels: string[] = [];
  const changes: string[] = [];
  for (const { word, arguments: given } of transforms) {
    const definition = knownWord(words, 'transform', word);
    const args = plainArguments(given);
    const place = placeOf(word, counts, set, streams);
    if (definition.acts === 'before corruption') {
      if (!definition.pytorch) throw new UnknownToPytorch('transform', word);
      pixels.push(`t = ${definition.pytorch.expression(args, 't', place)}`);
    } else {
      if (!definition.pytorch) throw new UnknownToPytorch('transform', word);
      changes.push(...definition.pytorch.statements(args, seen, place));
    }
  }
  return { pixels, changes };
}

/** Numbers a transform among those of its word if it draws or has statistics, as the training does. */
function placeOf(
  word: string,
  counts: Map<string, number>,
  set: TransformedSet,
  streams: StreamNames,
): PytorchTransformPlace {
  let counted: number | null = null;
  const ordinal = (): number => {
    counted ??= (counts.get(word) ?? 0) + 1;
    counts.set(word, counted);
    return counted;
  };
  const name = () => numbered(word, ordinal());
  return {
    stream: (purpose) => streams.of('data', purpose === null ? name() : `${name()}.${purpose}`),
    statistic: (part) => `STATISTICS[${literal(`${set}.${name()}.${part}`)}].reshape(-1)`,
    variable: (prefix) => `${prefix}${ordinal()}`,
  };
}

/** Bytes are divided by 255; other numbers are used unchanged. */
const rawValues = `
def raw_values(indices, values=EXAMPLES):
    """Pixels are byte / 255; other numbers are themselves."""
    stored = values[indices]
    return stored if stored.dtype.kind == "f" else (np.arange(256) / 255).astype(np.float32)[stored]`;

/** Python functions that `batch_of` calls; images are `[batch, channels, height, width]`. */
export function transformDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  const own = byFamily.transform.flatMap(({ pytorch }) => pytorch?.definitions ?? []);
  return [rawValues, ...own].map((text) => text.split('\n'));
}

/** Whether a transform has statistics of the training part. */
export function hasStatistics({ data, target }: Pick<ExperimentIr, 'data' | 'target'>, words: Words): boolean {
  return [...data.transforms, ...(target?.transforms ?? [])].some(({ word }) => {
    const definition = knownWord(words, 'transform', word);
    return definition.acts === 'after corruption' && definition.fits !== undefined;
  });
}
