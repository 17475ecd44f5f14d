import './float64.js';
import { mul, type Scalar, slice, sum, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { elementCount, type Shape } from '../../../src/compiler/ir/shape.js';
import { knownWord } from '../../../src/compiler/library/library.js';
import type { LayerContext, LayerLowering, LossLowering } from '../../../src/runtime/lowering/lowering.js';
import { builtinWords } from '../../../src/words/words.js';
import { type LayerCase, type LossCase, layerCases, lossCases } from './cases.js';
import { lossContextOf } from './lone-loss.js';

// Imported only here, after float64.js has done its work.
const { chooseBackend } = await import('../../../src/runtime/backend/choose.js');
const { operations } = await import('../../../src/runtime/lowering/operations.js');
const { toElements, toInside } = await import('../../../src/runtime/lowering/image-layout.js');
const { gradientsOf } = await import('../../../src/runtime/training/gradients.js');
const { scoped } = await import('../../../src/runtime/training/scope.js');

const batch = 3;

beforeAll(async () => {
  await chooseBackend('cpu');
  expect(tensor([Math.PI]).dataSync()[0]).toBe(Math.PI);
});

/** Numbers that are all over (-2, 2), never twice the same, and the same in every run. */
function spread(size: number, salt: number): number[] {
  return Array.from({ length: size }, (_, i) => 2 * Math.sin(12.9898 * (i + 1) + 78.233 * (salt + 1)));
}

function inUnitInterval(values: readonly number[]): number[] {
  return values.map((x) => 0.5 + 0.2 * x);
}

type Inputs = Readonly<Record<string, { readonly shape: Shape; readonly values: readonly number[] }>>;

/**
 * Compares the gradients of a scalar by each of its inputs with central differences in float64.
 * @param detached inputs that the scalar depends on, and has no gradient of
 */
function expectGradients(
  inputs: Inputs,
  value: (given: Readonly<Record<string, Tensor>>) => Scalar,
  tolerance: number = 1e-8,
  detached: readonly string[] = [],
): void {
  const names = Object.keys(inputs);
  const upload = (changed: string | null, values: readonly number[]) =>
    Object.fromEntries(
      names.map((name) => {
        const input = inputs[name];
        return [name, tensor([...(name === changed ? values : (input?.values ?? []))], [...(input?.shape ?? [])])];
      }),
    );
  const at = (changed: string | null, values: readonly number[]) =>
    scoped(() => value(upload(changed, values)).dataSync()[0] ?? Number.NaN);
  const gradients = scoped(() => {
    const given = upload(null, []);
    return gradientsOf(() => value(given), Object.values(given)).map((gradient) => [...gradient.dataSync()]);
  });
  const step = 1e-5;
  names.forEach((name, which) => {
    const values = inputs[name]?.values ?? [];
    const differences = values.map((_, i) => {
      if (detached.includes(name)) return 0;
      const moved = (by: number) => values.map((x, j) => (i === j ? x + by : x));
      return (at(name, moved(step)) - at(name, moved(-step))) / (2 * step);
    });
    const scale = Math.max(1, ...differences.map(Math.abs));
    gradients[which]?.forEach((gradient, i) => {
      expect(Math.abs(gradient - (differences[i] ?? Number.NaN)) / scale, `${name}[${i}]`).toBeLessThan(tolerance);
    });
    expect(gradients[which]).toHaveLength(values.length);
  });
}

function layerLowering(word: string): LayerLowering {
  return knownWord(builtinWords, 'layer', { word }).lower(operations);
}

function lossLowering(word: string): LossLowering {
  return knownWord(builtinWords, 'loss', { word }).lower(operations);
}

const inBatch = (shape: Shape) => [batch, ...shape];

/** The pool that `unpool2d` undoes in its case, on an input of its own. */
const pool = { kernel: [2, 2], stride: null, padding: [0, 0] };

function contextOf(layer: LayerCase, given: Readonly<Record<string, Tensor>>): LayerContext {
  const head = (name: string) => given[`head ${name}`] ?? tensor([]);
  return {
    weights: given,
    tied: new Set(layer.tied),
    input: layer.input,
    output: layer.output,
    condition: () => tensor(inUnitInterval(spread(batch * 3, 7)), [batch, 3]),
    constantInput: false,
    training: true,
    sampling: true,
    noise: {
      uniform: (_purpose, shape) => tensor(inUnitInterval(spread(elementCount(shape), 5)), [...shape]),
      normal: (_purpose, shape) => tensor(spread(elementCount(shape), 6), [...shape]),
    },
    heads: Object.fromEntries(Object.keys(layer.heads ?? {}).map((name) => [name, head(name)])),
    earlier: () => {
      const shape = layer.earlier ?? layer.output;
      const image = toInside(tensor(spread(batch * elementCount(shape), 9), [batch, elementCount(shape)]), shape);
      return { input: image, output: image };
    },
    argumentsOf: () => pool,
    update: () => {},
  };
}

describe('the gradient of every layer is that of finite differences', () => {
  it.each(layerCases.map((layer) => [layer.word, JSON.stringify(layer.arguments), layer] as const))(
    '%s %s',
    (_word, _arguments, layer) => {
      const { input, weights = {}, statistics = {}, heads = {}, output } = layer;
      const lowering = layerLowering(layer.word);
      const inputs: Inputs = {
        input: { shape: inBatch([elementCount(input)]), values: spread(batch * elementCount(input), 0) },
        ...Object.fromEntries(
          Object.entries(weights).map(([name, shape], i) => [
            name,
            { shape, values: spread(elementCount(shape), i + 1) },
          ]),
        ),
        ...Object.fromEntries(
          Object.entries(heads).map(([name, shape], i) => [
            `head ${name}`,
            { shape: inBatch(shape), values: spread(batch * elementCount(shape), i + 3) },
          ]),
        ),
      };
      const fixed = Object.fromEntries(
        Object.entries(statistics).map(([name, shape]) => [
          name,
          tensor(shape.flatMap((n) => Array<number>(n).fill(1))),
        ]),
      );
      const weighting = tensor(spread(batch * elementCount(output), 8), [batch, elementCount(output)]);
      // TF.js's erf is an approximation with an error of 1.5e-7, and its derivative another.
      const tolerance = layer.arguments.approximate === 'none' ? 1e-6 : 1e-8;
      const value = (given: Readonly<Record<string, Tensor>>) => {
        const from = toInside(given.input ?? tensor([]), input);
        const result = lowering.forward(layer.arguments, from, contextOf(layer, { ...given, ...fixed }));
        return sum<Scalar>(mul(toElements(result, output), weighting));
      };
      expectGradients(inputs, value, tolerance);
    },
  );

  it('of every one that there is', () => {
    const tested = new Set(layerCases.map(({ word }) => word));
    expect(builtinWords.names('layer').filter((word) => !tested.has(word))).toEqual([]);
  });
});

describe('the gradient of every loss is that of finite differences', () => {
  const size = 4;
  /** Of four units, three are dead after two steps. */
  const idle = [5, 0, 2, 7];
  it.each(lossCases.map((loss) => [loss.word, JSON.stringify(loss.arguments), loss] as const))(
    '%s %s',
    (_word, _arguments, loss: LossCase) => {
      const values = (salt: number) =>
        loss.probabilities ? inUnitInterval(spread(batch * size, salt)) : spread(batch * size, salt);
      const target = tensor(inUnitInterval(spread(batch * size, 4)), [batch, size]);
      const inputs: Inputs = {
        prediction: { shape: [batch, size], values: values(0) },
        layer: { shape: [batch, size], values: values(1) },
        mu: { shape: [batch, size], values: values(2) },
        logvar: { shape: [batch, size], values: values(3) },
        weight: { shape: [size, size], values: spread(size * size, 7) },
        log_threshold: { shape: [size], values: spread(size, 8) },
        bias: { shape: [size], values: spread(size, 9) },
        gate_bias: { shape: [size], values: spread(size, 10) },
      };
      const nothing = tensor([0]);
      const value = (given: Readonly<Record<string, Tensor>>) =>
        lossLowering(loss.word).value(
          loss.arguments,
          lossContextOf({
            prediction: given.prediction ?? nothing,
            target,
            input: target,
            layer: ({ head }) => given[head ?? 'layer'] ?? nothing,
            below: (reference) => reference,
            argumentsOf: () => ({ bandwidth: 1e-6, steps: 2 }),
            biases: () => [given.bias ?? nothing, given.bias ?? nothing],
            weight: (_reference, name) => (name === 'idle' ? tensor(idle) : (given[name] ?? nothing)),
          }),
        );
      expectGradients(inputs, value, 1e-8, loss.detached);
    },
  );

  it('of every one that there is', () => {
    const tested = new Set(lossCases.map(({ word }) => word));
    expect(builtinWords.names('loss').filter((word) => !tested.has(word))).toEqual([]);
  });

  it.each(lossCases.filter(({ word }) => lossLowering(word).statistic).map((loss) => [loss.word, loss] as const))(
    '%s from the mean over two batches is that of the examples together',
    (_word, { word, arguments: args, probabilities }) => {
      const lowering = lossLowering(word);
      const make = (rows: number, salt: number) => {
        const numbers = spread(rows * size, salt);
        return tensor(probabilities ? inUnitInterval(numbers) : numbers, [rows, size]);
      };
      const all = { mu: make(6, 1), logvar: make(6, 2), layer: make(6, 3) };
      const part = (values: Tensor, from: number, rows: number) => slice(values, [from, 0], [rows, size]);
      const context = (from: number, rows: number) =>
        lossContextOf({
          prediction: part(all.layer, from, rows),
          target: part(all.layer, from, rows),
          input: part(all.layer, from, rows),
          layer: ({ head }: { readonly head: string | null }) =>
            part(head === 'mu' ? all.mu : head === 'logvar' ? all.logvar : all.layer, from, rows),
          below: (reference) => reference,
          argumentsOf: () => ({ bandwidth: 0.1, steps: 2 }),
          weight: (_reference, name) =>
            name === 'idle'
              ? tensor(idle)
              : name === 'weight'
                ? tensor(spread(size * size, 7), [size, size])
                : tensor(spread(size, 8)),
        });
      const whole = lowering.value(args, context(0, 6)).dataSync()[0] ?? Number.NaN;
      const [a, b] = [lowering.statistic?.mean(args, context(0, 2)), lowering.statistic?.mean(args, context(2, 4))];
      const together = tensor(
        [...(a?.dataSync() ?? [])].map((x, i) => (2 * x + 4 * (b?.dataSync()[i] ?? Number.NaN)) / 6),
        a?.shape,
      );
      const ofMean = lowering.statistic?.value(args, together, size).dataSync()[0] ?? Number.NaN;
      expect(ofMean * (knownWord(builtinWords, 'loss', { word }).sumsOverExamples(args) ? 6 : 1)).toBeCloseTo(
        whole,
        12,
      );
    },
  );
});
