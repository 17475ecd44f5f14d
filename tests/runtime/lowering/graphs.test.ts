import { tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { forward, type Network, type Pass } from '../../../src/runtime/lowering/network.js';
import { networkAbove } from '../../../src/runtime/lowering/network-above.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { NoiseStreams } from '../../../src/runtime/training/drawn-noise.js';
import { builtinWords } from '../../../src/words/words.js';
import { compileStatements } from '../../compiler/compiled.js';

const networkFor = (statements: string) => networkOf(compileStatements(statements).ir, builtinWords);

function passOf({ weights }: Network): Pass {
  const values = weights.map(({ key, shape }, at) => {
    const count = shape.reduce((product, n) => product * n, 1);
    const numbers = Array.from({ length: count }, (_, i) => (((i + 3 * at) % 7) - 3) / 8);
    return [key, tensor(numbers, [...shape], 'float32')] as const;
  });
  return {
    weights: new Map(values),
    training: false,
    sampling: false,
    time: { epoch: 0, step: 0, epochs: 1, steps: 1 },
    noise: new NoiseStreams('evaluation').at({ step: 0, firstExample: 0 }),
    condition: null,
    update: () => {},
  };
}

const data = 'data digits(take=8, test=2) { center_crop(2) }';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});

describe('a network that is no chain', () => {
  const network = networkFor(`${data}
    encoder { h: dense(4) relu() dense(4) add(from=h) { shortcut: dense(4) } code: dense(3, activation=relu) }
    decoder { dense(3) add(from=code) c: dense(2) concat(from=[c, h]) dense(4) }`);
  const node = (key: string) => network.nodes.find((each) => each.key === key);

  it('says what each layer takes, and gives a shortcut what its layer names', () => {
    const at = (word: string) =>
      network.nodes.flatMap(({ key, joined }) => (joined.length > 0 ? [`${word}${key}`] : []));
    expect(at('')).toEqual(['encoder/4', 'decoder/1', 'decoder/3']);
    expect(node('encoder/4')?.joined).toEqual(['encoder/1']);
    expect(node('encoder/4/shortcut')?.source).toBe('encoder/1');
    expect(node('decoder/1')?.joined).toEqual(['encoder/6']);
    expect(node('decoder/3')?.joined).toEqual(['decoder/2', 'encoder/1']);
  });

  it('fuses an activation only with a layer whose output nothing else takes', () => {
    const { nodes } = networkFor(`${data} encoder { a: dense(4) relu() dense(4) add(from=a) code: dense(3) }`);
    expect(nodes.find(({ key }) => key === 'encoder/1')?.follower).toBeUndefined();
    expect(node('encoder/5')?.follower).toBe('encoder/6');
  });

  it('adds and joins what it names', () => {
    tidy(() => {
      const pass = passOf(network);
      const seen = forward(network, tensor([[0.5, -1, 2, 0.25]]), pass);
      const values = (key: string) => [...seen.of(key).dataSync()];
      const sum = (a: string, b: string) => values(a).map((value, i) => Math.fround(value + (values(b)[i] ?? 0)));
      expect(values('encoder/4')).toEqual(sum('encoder/3', 'encoder/4/shortcut'));
      expect(values('decoder/1')).toEqual(sum('decoder/0', 'encoder/6'));
      expect(values('decoder/3')).toEqual([...values('decoder/2'), ...values('decoder/2'), ...values('encoder/1')]);
    });
  });

  it('has layers above the code that take the code itself', () => {
    const whole = networkFor(`${data}
      encoder { code: dense(3, activation=tanh) }
      decoder { residual { dense(3, activation=relu) dense(3) } dense(4) }`);
    tidy(() => {
      const pass = passOf(whole);
      const seen = forward(whole, tensor([[0.5, -1, 2, 0.25]]), pass);
      const above = forward(networkAbove(whole, 'encoder/2'), seen.of('encoder/2'), pass);
      expect([...above.output.dataSync()]).toEqual([...seen.output.dataSync()]);
    });
  });

  it('has a constant input only where none of what it takes has seen a weight', () => {
    const flags: Record<string, boolean> = {};
    const base = networkFor(`${data}
      encoder { flatten() x: elu() add(from=x) code: dense(3) }`);
    const spied: Network = {
      ...base,
      nodes: base.nodes.map((each) => ({
        ...each,
        lowering: {
          forward(args, input, context) {
            flags[each.key] = context.constantInput;
            return each.lowering.forward(args, input, context);
          },
        },
      })),
    };
    tidy(() => void forward(spied, tensor([[0.5, -1, 2, 0.25]]), passOf(base)));
    expect([flags['encoder/2'], flags['encoder/3'], flags['decoder/0']]).toEqual([true, true, false]);
  });
});
