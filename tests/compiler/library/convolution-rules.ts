import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { realLine } from '../../../src/compiler/ir/interval.js';
import type { Shape } from '../../../src/compiler/ir/shape.js';
import type { WordValue } from '../../../src/compiler/ir/value.js';
import { type LayerWord, ok, type Result } from '../../../src/compiler/library/word.js';
import { avgPool2d } from '../../../src/words/layer/avg_pool2d.js';
import { convTranspose1d } from '../../../src/words/layer/conv_transpose1d.js';
import { convTranspose2d } from '../../../src/words/layer/conv_transpose2d.js';
import { conv1d } from '../../../src/words/layer/conv1d.js';
import { conv2d } from '../../../src/words/layer/conv2d.js';
import { maxPool2d } from '../../../src/words/layer/max_pool2d.js';
import { unpool2d } from '../../../src/words/layer/unpool2d.js';
import { upsample2d } from '../../../src/words/layer/upsample2d.js';
import { wordValue } from './word-value.js';

type Pair = readonly [number, number];

const torch = wordValue('initializer', 'torch');
const rest: {
  activation: WordValue | null;
  bias: boolean;
  init: WordValue;
  frozen: boolean;
  constraint: WordValue | null;
} = {
  activation: null,
  bias: true,
  init: torch,
  frozen: false,
  constraint: null,
};
const none: Pair = [0, 0];
const pairOf = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const window = fc.record({ kernel: pairOf(1, 6), stride: pairOf(1, 4), padding: pairOf(0, 3) });
const connected = fc.record({
  kernel: pairOf(1, 6),
  stride: pairOf(1, 4),
  padding: pairOf(0, 3),
  dilation: fc.oneof(fc.constant<Pair>([1, 1]), pairOf(1, 4)),
  groups: fc.constantFrom(1, 1, 2, 3),
});
const signal = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 24 }));
const along = fc.record({
  kernel: fc.integer({ min: 1, max: 6 }),
  stride: fc.integer({ min: 1, max: 4 }),
  padding: fc.nat(3),
  dilation: fc.integer({ min: 1, max: 4 }),
  groups: fc.constantFrom(1, 1, 2, 3),
});

interface Along {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly groups: number;
}

/** What a convolution along signals and its opposite have in common. */
function shared({ kernel, stride, padding, dilation, groups }: Along) {
  return { kernel, stride, padding, dilation, groups, bias: true, init: torch };
}
const alone = { dilation: [1, 1], groups: 1 } as const;
const image = fc.tuple(
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 24 }),
  fc.integer({ min: 1, max: 24 }),
);
const channels = fc.integer({ min: 1, max: 8 });

interface Row {
  readonly op: string;
  readonly input: readonly number[];
  readonly out_channels?: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly output_padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
  readonly output: readonly number[];
}

/** PyTorch's output shapes, without the batch. */
function table(op: string): readonly Row[] {
  const parsed: { readonly rows: readonly Row[] } = JSON.parse(readFileSync('tests/goldens/conv-shapes.json', 'utf8'));
  const rows = parsed.rows.filter((row) => row.op === op);
  expect(rows.length).toBeGreaterThan(3);
  return rows;
}

/** How many windows start at 0, stride, 2 stride, … and end within the padded side: by counting. */
function count(n: number, kernel: number, stride: number, padding: number, dilation = 1): number {
  let windows = 0;
  for (let start = -padding; start + (kernel - 1) * dilation < n + padding; start += stride) windows++;
  return windows;
}

/** One more than the last row that a transposed window writes to, cut by the padding on both sides: by writing. */
function span(n: number, kernel: number, stride: number, padding: number, added: number, dilation: number): number {
  let last = 0;
  for (let i = 0; i < n; i++) for (let k = 0; k < kernel; k++) last = Math.max(last, i * stride + k * dilation);
  return last + 1 - 2 * padding + added;
}

function undone(opposite: ReturnType<LayerWord['opposite']>): Readonly<Record<string, unknown>> {
  if (!opposite.ok || opposite.value === null) throw new RangeError('there is no opposite');
  return opposite.value.arguments;
}

const refusedShape = { ok: false, problem: { code: 'AE402' } };

export const convolutionRules: Readonly<Record<string, () => void>> = {
  conv2d() {
    for (const { input, out_channels: out = 0, output, op: _op, ...window } of table('conv2d')) {
      const args = { ...rest, ...alone, ...window, channels: out };
      expect(conv2d.shape(args, input.slice(1), {})).toEqual(ok(output.slice(1)));
    }
    fc.assert(
      fc.property(image, connected, channels, (input, { kernel, stride, padding, dilation, groups }, out) => {
        const args = { ...rest, channels: out, kernel, stride, padding, dilation, groups };
        const [height, width] = [0, 1].map((i) =>
          count(input[i + 1] ?? 0, kernel[i] ?? 0, stride[i] ?? 1, padding[i] ?? 0, dilation[i]),
        );
        const shape = conv2d.shape(args, input, {});
        if (input[0] % groups > 0 || out % groups > 0)
          return void expect(shape).toMatchObject({ ...refusedShape, problem: { argument: 'groups' } });
        if (!height || !width)
          return void expect(shape).toMatchObject({ ...refusedShape, problem: { argument: 'kernel' } });
        expect(shape).toEqual(ok([out, height, width]));
        expect(conv2d.weights(args, input).weight).toMatchObject({
          shape: [out, input[0] / groups, ...kernel],
          initial: { fanIn: (input[0] / groups) * kernel[0] * kernel[1], fanOut: out * kernel[0] * kernel[1] },
        });
        // The opposite gives the size back, whatever the remainder of the division was.
        const back = undone(conv2d.opposite(args, { input, output: [out, height, width], tied: false }));
        const added = back.output_padding;
        if (!isPair(added)) throw new RangeError('no output padding');
        const opposite = { ...args, channels: input[0], output_padding: added };
        expect(back).toEqual({
          channels: input[0],
          kernel,
          stride,
          padding,
          output_padding: added,
          bias: true,
          init: torch,
          dilation,
          groups,
        });
        expect(convTranspose2d.shape(opposite, [out, height, width], {})).toEqual(ok(input));
      }),
    );
    expect(
      conv2d.shape({ ...rest, ...alone, channels: 1, kernel: [1, 1], stride: [1, 1], padding: [0, 0] }, [9], {}),
    ).toMatchObject(refusedShape);
  },

  conv_transpose2d() {
    const rows = table('conv_transpose2d');
    for (const { input, out_channels: out = 0, output_padding = none, output, op: _op, ...window } of rows) {
      const args = { ...rest, ...alone, ...window, channels: out, output_padding };
      expect(convTranspose2d.shape(args, input.slice(1), {})).toEqual(ok(output.slice(1)));
    }
    fc.assert(
      fc.property(image, connected, channels, pairOf(0, 4), (input, window, out, added) => {
        const { kernel, stride, padding, dilation, groups } = window;
        const args = { ...rest, ...window, channels: out, output_padding: added };
        const size = [0, 1].map((i) =>
          span(input[i + 1] ?? 0, kernel[i] ?? 0, stride[i] ?? 1, padding[i] ?? 0, added[i] ?? 0, dilation[i] ?? 1),
        );
        const [height = 0, width = 0] = size;
        const shape = convTranspose2d.shape(args, input, {});
        const isTooMuch = added[0] >= stride[0] || added[1] >= stride[1];
        if (input[0] % groups > 0 || out % groups > 0 || isTooMuch || height < 1 || width < 1) {
          return void expect(shape).toMatchObject(refusedShape);
        }
        expect(shape).toEqual(ok([out, height, width]));
        // As PyTorch counts: the second axis of [in, out, kernel, kernel].
        expect(convTranspose2d.weights(args, input).weight).toMatchObject({
          shape: [input[0], out / groups, ...kernel],
          initial: { fanIn: (out / groups) * kernel[0] * kernel[1] },
        });
        const back = undone(convTranspose2d.opposite(args, { input, output: [out, height, width], tied: true }));
        expect(back).toEqual({ channels: input[0], ...window, bias: true, init: torch });
        const opposite = { ...rest, channels: input[0], ...window };
        expect(conv2d.shape(opposite, [out, height, width], {})).toEqual(ok(input));
      }),
    );
  },

  conv1d() {
    fc.assert(
      fc.property(signal, along, channels, (input, { kernel, stride, padding, dilation, groups }, out) => {
        const args = { ...rest, channels: out, kernel, stride, padding, dilation, groups };
        const length = count(input[1], kernel, stride, padding, dilation);
        const shape = conv1d.shape(args, input, {});
        if (input[0] % groups > 0 || out % groups > 0)
          return void expect(shape).toMatchObject({ ...refusedShape, problem: { argument: 'groups' } });
        if (length === 0) return void expect(shape).toMatchObject({ ...refusedShape, problem: { argument: 'kernel' } });
        expect(shape).toEqual(ok([out, length]));
        expect(conv1d.weights(args, input).weight).toMatchObject({
          shape: [out, input[0] / groups, kernel],
          initial: { fanIn: (input[0] / groups) * kernel, fanOut: out * kernel },
        });
        const { output_padding: added, ...back } = undone(
          conv1d.opposite(args, { input, output: [out, length], tied: false }),
        );
        expect(back).toEqual({ ...shared(args), channels: input[0] });
        if (typeof added !== 'number') throw new RangeError('no output padding');
        const opposite = { ...args, channels: input[0], output_padding: added };
        expect(convTranspose1d.shape(opposite, [out, length], {})).toEqual(ok(input));
      }),
    );
    const one = { ...rest, channels: 1, kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1 };
    const hint = (input: Shape) => {
      const shape = conv1d.shape(one, input, {});
      return shape.ok ? null : shape.problem.hint;
    };
    expect([[9], [1, 4, 9], [3, 4, 9]].map(hint)).toEqual([
      'put reshape([1, 9]) before it',
      'put reshape([4, 9]) before it',
      'put reshape([channels, length]) before it',
    ]);
  },

  conv_transpose1d() {
    fc.assert(
      fc.property(signal, along, channels, fc.nat(4), (input, window, out, added) => {
        const { kernel, stride, padding, dilation, groups } = window;
        const args = { ...rest, ...window, channels: out, output_padding: added };
        const length = span(input[1], kernel, stride, padding, added, dilation);
        const shape = convTranspose1d.shape(args, input, {});
        if (input[0] % groups > 0 || out % groups > 0 || added >= stride || length < 1) {
          return void expect(shape).toMatchObject(refusedShape);
        }
        expect(shape).toEqual(ok([out, length]));
        expect(convTranspose1d.weights(args, input).weight).toMatchObject({
          shape: [input[0], out / groups, kernel],
          initial: { fanIn: (out / groups) * kernel, fanOut: input[0] * kernel },
        });
        const back = undone(convTranspose1d.opposite(args, { input, output: [out, length], tied: true }));
        expect(back).toEqual({ ...shared(args), channels: input[0] });
        const opposite = { ...rest, channels: input[0], ...window };
        expect(conv1d.shape(opposite, [out, length], {})).toEqual(ok(input));
      }),
    );
  },

  max_pool2d() {
    for (const { input, kernel, stride, padding, output } of table('max_pool2d')) {
      expect(maxPool2d.shape({ kernel, stride, padding }, input.slice(1), {})).toEqual(ok(output.slice(1)));
    }
    pools((args, input) => maxPool2d.shape(args, input, {}));
    expect(maxPool2d.opposite({ kernel: [2, 2], stride: null, padding: [0, 0] }, place)).toEqual(
      ok({ word: 'unpool2d', arguments: {}, reference: 'from' }),
    );
    expect(maxPool2d.opposite({ kernel: [2, 2], stride: [1, 1], padding: [0, 0] }, place)).toMatchObject({
      ok: false,
      problem: { code: 'AE505' },
    });
  },

  avg_pool2d() {
    pools((args, input) => avgPool2d.shape(args, input, {}));
    fc.assert(
      fc.property(image, pairOf(1, 5), (input, kernel) => {
        const args = { kernel, stride: null, padding: none };
        const shape = avgPool2d.shape(args, input, {});
        if (!shape.ok) return;
        const back = undone(avgPool2d.opposite(args, { input, output: shape.value, tied: false }));
        expect(back).toEqual({ size: input.slice(1) });
        expect(upsample2d.shape({ factor: null, size: [input[1], input[2]] }, shape.value, {})).toEqual(ok(input));
      }),
    );
  },

  unpool2d() {
    fc.assert(
      fc.property(image, pairOf(1, 5), (input, kernel) => {
        const args = { kernel, stride: null, padding: none };
        const pooled = maxPool2d.shape(args, input, {});
        if (!pooled.ok) return;
        const from = { word: 'max_pool2d', arguments: args, input, output: pooled.value, range: realLine };
        const reference = { kind: 'layer', block: 'encoder', index: 0, head: null } as const;
        expect(unpool2d.shape({ from: reference }, pooled.value, {}, { from: [from] })).toEqual(ok(input));
        const other = [...pooled.value.slice(0, 2), (pooled.value[2] ?? 0) + 1];
        expect(unpool2d.shape({ from: reference }, other, {}, { from: [from] })).toMatchObject(refusedShape);
        const convolution = { ...from, word: 'conv2d' };
        expect(unpool2d.shape({ from: reference }, pooled.value, {}, { from: [convolution] })).toMatchObject(
          refusedShape,
        );
        if (kernel[0] === 1 && kernel[1] === 1) return;
        const overlapping = { ...from, arguments: { ...args, stride: [1, 1] } };
        expect(unpool2d.shape({ from: reference }, pooled.value, {}, { from: [overlapping] })).toMatchObject(
          refusedShape,
        );
      }),
    );
  },

  upsample2d() {
    fc.assert(
      fc.property(image, pairOf(1, 5), (input, factor) => {
        const [c, h, w] = input;
        const output = [c, h * factor[0], w * factor[1]];
        expect(upsample2d.shape({ factor, size: null }, input, {})).toEqual(ok(output));
        const back = undone(upsample2d.opposite({ factor, size: null }, { input, output, tied: false }));
        expect(back).toEqual({ kernel: factor });
        expect(avgPool2d.shape({ kernel: factor, stride: null, padding: [0, 0] }, output, {})).toEqual(ok(input));
      }),
    );
    const both = { factor: [2, 2], size: [4, 4] } as const;
    expect(upsample2d.shape(both, [1, 2, 2], {})).toMatchObject(refusedShape);
    expect(upsample2d.shape({ factor: null, size: null }, [1, 2, 2], {})).toMatchObject(refusedShape);
    expect(upsample2d.shape({ factor: null, size: [1, 4] }, [1, 2, 2], {})).toMatchObject(refusedShape);
  },
};

const place = { input: [1, 4, 4], output: [1, 2, 2], tied: false };

interface PoolArguments {
  readonly kernel: Pair;
  readonly stride: Pair | null;
  readonly padding: Pair;
}

function pools(shapeOf: (args: PoolArguments, input: Shape) => Result<Shape>): void {
  fc.assert(
    fc.property(image, window, fc.boolean(), (input, { kernel, stride, padding }, own) => {
      const step = own ? stride : kernel;
      const size = [0, 1].map((i) => count(input[i + 1] ?? 0, kernel[i] ?? 0, step[i] ?? 1, padding[i] ?? 0));
      const shape = shapeOf({ kernel, stride: own ? stride : null, padding }, input);
      const empty = size.includes(0) || padding[0] > kernel[0] / 2 || padding[1] > kernel[1] / 2;
      if (empty) expect(shape).toMatchObject(refusedShape);
      else expect(shape).toEqual(ok([input[0], ...size]));
    }),
  );
}

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2;
}
