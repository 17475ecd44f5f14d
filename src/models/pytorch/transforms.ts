import type { DataNode } from '../../compiler/ir/experiment.js';
import type { Value, WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { indented, literal } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import { corruptedValues } from './corruptions.js';
import type { StreamNames } from './stream-names.js';
import { UnknownToPytorch } from './unsupported.js';

const pixelWords: ReadonlySet<string> = new Set(['random_crop', 'center_crop', 'resize', 'flip']);

/** Tells the second transform of one word from the first. */
type Ordinal = (word: string) => number;

/**
 * `batch_of(indices, step, time)`: what the network sees of some training examples, and what it should give. Everything is
 * float32 and each operation is rounded once, so the bits are those that aedsl trained with.
 */
export function batchFunction(
  { transforms, shape }: DataNode,
  corruption: WordValue | null,
  streams: StreamNames,
  isDouble: boolean,
  words: Words,
): readonly string[] {
  const ordinal = ordinals();
  const pixels = transforms.filter(({ word }) => pixelWords.has(word));
  const values = transforms.filter(({ word }) => !pixelWords.has(word));
  const damages = corruption && knownWord(words, 'corruption', corruption.word).damages;
  const corrupted = (x: string) =>
    corruption ? corruptedValues(corruption, x, streams.of('data', 'corruption'), words) : x;
  const seen = corruption === null ? ['t'] : ['t', 'x'];
  const changes = values.flatMap((transform) => valueStatements(transform, seen, ordinal, streams));
  return [
    'def batch_of(indices, step, time):',
    ...indented([
      '"""Input and target of the examples with these indices: the clean target is what the network should give."""',
      't = raw_values(indices)',
      ...pixels.map((transform) => `t = ${pixelExpression(transform, ordinal, streams)}`),
      't = t.reshape(len(indices), -1)',
      ...(damages === 'raw values' ? [`x = ${corrupted('t')}`] : []),
      ...(damages === 'what the network sees' ? ['x = t'] : []),
      ...changes,
      ...(damages === 'what the network sees' ? [`x = ${corrupted('x')}`] : []),
      // Rounded once, after everything that was done to it.
      ...(isDouble ? seen.map((x) => `${x} = ${x}.astype(np.float32)`) : []),
      `t = torch.from_numpy(t).reshape(${['-1', ...shape.map(literal)].join(', ')})`,
      corruption === null ? 'return t, t' : 'return torch.from_numpy(x).reshape(t.shape), t',
    ]),
  ];
}

function pixelExpression(transform: WordValue, ordinal: Ordinal, streams: StreamNames): string {
  const { word } = transform;
  const named = (count: number) => (count === 1 ? word : `${word}_${count}`);
  switch (word) {
    case 'center_crop':
      return `center_crop(t, ${literal(argument(transform, 'size'))})`;
    case 'random_crop': {
      const name = named(ordinal(word));
      const drawn = ['row', 'column'].map((side) => streams.of('data', `${name}.${side}`));
      return `random_crop(t, ${literal(argument(transform, 'size'))}, ${drawn.join(', ')}, step)`;
    }
    case 'resize':
      return `resize_${String(argument(transform, 'method'))}(t, ${literal(argument(transform, 'size'))})`;
    case 'flip': {
      const name = named(ordinal(word));
      const sides = ['horizontal', 'vertical'].map(
        (side) => `${streams.of('data', `${name}.${side}`)}, ${literal(argument(transform, side))}`,
      );
      return `flip(t, ${sides.join(', ')}, step)`;
    }
    default:
      throw new UnknownToPytorch('transform', word);
  }
}

/** @param seen the variables it changes: the target, and the input where that is another */
function valueStatements(
  transform: WordValue,
  seen: readonly string[],
  ordinal: Ordinal,
  streams: StreamNames,
): readonly string[] {
  const { word } = transform;
  const each = (change: (x: string) => string) => seen.map((x) => `${x} = ${change(x)}`);
  const float = (name: string) => `np.float32(${literal(argument(transform, name))})`;
  const statistic = (part: string, count: number) =>
    `STATISTICS[${literal(`data.${count === 1 ? word : `${word}_${count}`}.${part}`)}].reshape(-1)`;
  switch (word) {
    case 'normalize':
      return each((x) => `(${x} - ${float('mean')}) / ${float('std')}`);
    case 'scale':
      return each((x) => `${float('low')} + (${float('high')} - ${float('low')}) * ${x}`);
    case 'binarize': {
      if (argument(transform, 'stochastic') !== true) return each((x) => `binarize(${x}, ${float('threshold')})`);
      const count = ordinal('binarize');
      const stream = streams.of('data', count === 1 ? 'binarize' : `binarize_${count}`);
      const u = `u${count}`;
      return [`${u} = uniform(${stream}, step, t.shape)`, ...each((x) => `(${u} < ${x}).astype(np.float32)`)];
    }
    case 'standardize': {
      const count = ordinal(word);
      return each((x) => `standardize(${x}, ${statistic('mean', count)}, ${statistic('std', count)})`);
    }
    case 'min_max': {
      const count = ordinal(word);
      const clip = literal(argument(transform, 'clip'));
      return each(
        (x) =>
          `min_max(${x}, ${statistic('min', count)}, ${statistic('max', count)}, ${float('low')}, ${float('high')}, ${clip})`,
      );
    }
    default:
      throw new UnknownToPytorch('transform', word);
  }
}

function argument(word: WordValue, name: string): Value {
  return word.arguments[name]?.value ?? null;
}

function ordinals(): Ordinal {
  const counts = new Map<string, number>();
  return (word) => {
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    return count;
  };
}

/** Whether a transform has numbers that were taken from the training part. */
export function hasStatistics({ transforms }: DataNode): boolean {
  return transforms.some(({ word }) => word === 'standardize' || word === 'min_max');
}
