import type { DataNode } from '../../compiler/ir/experiment.js';
import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { corruptionPurpose } from '../../runtime/datasets/corruption.js';
import { numbered } from '../../runtime/datasets/ordinals.js';
import { indented, literal } from '../../words/python.js';
import type { PytorchTransformPlace, Words } from '../../words/word.js';
import { corruptedValues } from './corruptions.js';
import type { StreamNames } from './stream-names.js';
import { UnknownToPytorch } from './unsupported.js';

/**
 * `batch_of(indices, step, time)`: input and target of some training examples. Everything is float32 with each
 * operation rounded once, so the bits are those that aedsl trained with.
 * @throws UnknownToPytorch
 */
export function batchFunction(
  { transforms, shape }: DataNode,
  corruptions: readonly WordValue[],
  streams: StreamNames,
  isDouble: boolean,
  words: Words,
): readonly string[] {
  const isRaw = ({ word }: WordValue) => knownWord(words, 'corruption', word).damages === 'raw values';
  const before = corruptions.findLastIndex(isRaw) + 1;
  const corrupted = (i: number, corruption: WordValue) => {
    const stream = streams.of('data', corruptionPurpose(i));
    return `x = ${corruptedValues(corruption, i === 0 && before > 0 ? 't' : 'x', stream, words)}`;
  };
  const damage = corruptions.map((corruption, i) => corrupted(i, corruption));
  const seen = corruptions.length === 0 ? ['t'] : ['t', 'x'];
  const { pixels, changes } = transformCode(transforms, seen, streams, words);
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

/** The statements before and after the corruptions. @param seen variables: the target, and a corrupted input */
function transformCode(
  transforms: readonly WordValue[],
  seen: readonly string[],
  streams: StreamNames,
  words: Words,
): { readonly pixels: readonly string[]; readonly changes: readonly string[] } {
  const counts = new Map<string, number>();
  const pixels: string[] = [];
  const changes: string[] = [];
  for (const { word, arguments: given } of transforms) {
    const definition = knownWord(words, 'transform', word);
    const args = plainArguments(given);
    const place = placeOf(word, counts, streams);
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
function placeOf(word: string, counts: Map<string, number>, streams: StreamNames): PytorchTransformPlace {
  let counted: number | null = null;
  const ordinal = (): number => {
    counted ??= (counts.get(word) ?? 0) + 1;
    counts.set(word, counted);
    return counted;
  };
  const name = () => numbered(word, ordinal());
  return {
    stream: (purpose) => streams.of('data', purpose === null ? name() : `${name()}.${purpose}`),
    statistic: (part) => `STATISTICS[${literal(`data.${name()}.${part}`)}].reshape(-1)`,
    variable: (prefix) => `${prefix}${ordinal()}`,
  };
}

/** Bytes are divided by 255; other numbers are used unchanged. */
const rawValues = `
def raw_values(indices):
    """Pixels are byte / 255; other numbers are themselves."""
    stored = EXAMPLES[indices]
    return stored if stored.dtype.kind == "f" else (np.arange(256) / 255).astype(np.float32)[stored]`;

/** Python functions that `batch_of` calls; images are `[batch, channels, height, width]`. */
export function transformDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  const own = byFamily.transform.flatMap(({ pytorch }) => pytorch?.definitions ?? []);
  return [rawValues, ...own].map((text) => text.split('\n'));
}

/** Whether a transform has statistics of the training part. */
export function hasStatistics({ transforms }: DataNode, words: Words): boolean {
  return transforms.some(({ word }) => {
    const definition = knownWord(words, 'transform', word);
    return definition.acts === 'after corruption' && definition.fits !== undefined;
  });
}
