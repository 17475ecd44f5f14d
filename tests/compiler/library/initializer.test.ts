import { describe, expect, it } from 'vitest';
import { initialValue } from '../../../src/compiler/check/initial-value.js';
import { directions } from '../../../src/words/initializer/directions.js';
import { he } from '../../../src/words/initializer/he.js';
import { normal } from '../../../src/words/initializer/normal.js';
import { orthogonal } from '../../../src/words/initializer/orthogonal.js';
import { torch } from '../../../src/words/initializer/torch.js';
import { xavier } from '../../../src/words/initializer/xavier.js';
import { zeros } from '../../../src/words/initializer/zeros.js';
import { dense } from '../../../src/words/layer/dense.js';
import { builtinWords } from '../../../src/words/words.js';
import { wordValue } from './word-value.js';

/** By hand for a layer of 784 inputs and 100 outputs. */
const [fanIn, fanOut] = [784, 100];

describe('initializers', () => {
  it('torch: kaiming_uniform with a = √5 is U(±1/√fan_in), 1/28 here', () => {
    expect(torch.initial({}, fanIn, fanOut)).toEqual({ kind: 'uniform', bound: 1 / 28 });
  });

  it('xavier: U(±√(6 / (fan_in + fan_out))), or the normal distribution of its variance', () => {
    const uniform = xavier.initial({ gain: 1, distribution: 'uniform' }, fanIn, fanOut);
    expect(uniform.kind === 'uniform' && uniform.bound).toBeCloseTo(Math.sqrt(6 / 884), 15);
    const spread = xavier.initial({ gain: 2, distribution: 'normal' }, fanIn, fanOut);
    expect(spread.kind === 'normal' && spread.std).toBeCloseTo(2 * Math.sqrt(2 / 884), 15);
    expect(xavier.initial({ gain: 1, distribution: 'truncated_normal' }, 1, 1)).toEqual({
      kind: 'truncated_normal',
      mean: 0,
      std: 1,
    });
  });

  it('he: N(0, 2 / fan_in), or U(±√(6 / fan_in))', () => {
    const spread = he.initial({ gain: Math.SQRT2, distribution: 'normal' }, fanIn, fanOut);
    expect(spread.kind === 'normal' && spread.std).toBeCloseTo(Math.sqrt(2 / 784), 15);
    const uniform = he.initial({ gain: Math.SQRT2, distribution: 'uniform' }, fanIn, fanOut);
    expect(uniform.kind === 'uniform' && uniform.bound).toBeCloseTo(Math.sqrt(6 / 784), 15);
  });

  it('normal, zeros, orthogonal and directions: what they say, whatever the size', () => {
    const hinton = { mean: 0, std: 0.1, truncated: false };
    expect(normal.initial(hinton, fanIn, fanOut)).toEqual({ kind: 'normal', mean: 0, std: 0.1 });
    expect(normal.initial({ ...hinton, truncated: true }, 1, 1).kind).toBe('truncated_normal');
    expect(zeros.initial({}, fanIn, fanOut)).toEqual({ kind: 'constant', value: 0 });
    expect(orthogonal.initial({ gain: 1.5 }, fanIn, fanOut)).toEqual({ kind: 'orthogonal', gain: 1.5 });
    expect(directions.initial({ norm: 0.1 }, fanIn, fanOut)).toEqual({ kind: 'directions', norm: 0.1 });
  });

  it('the bias is drawn as PyTorch does with torch(), is that of a stored run, and starts at zero with every other', () => {
    for (const word of builtinWords.words) {
      if (word.family !== 'initializer') continue;
      const init = wordValue('initializer', word.name);
      const args = { features: fanOut, activation: null, bias: true, init, frozen: false, constraint: null };
      const { weight, bias } = dense.weights(args, [fanIn]);
      expect(weight?.initial).toEqual({ kind: 'initializer', initializer: init, fanIn, fanOut, ofBias: false });
      expect(bias && initialValue(bias.initial, builtinWords)).toMatchObject(
        word.name === 'torch'
          ? { kind: 'uniform', bound: 1 / 28 }
          : word.name === 'stored'
            ? { kind: 'of_run' }
            : { kind: 'constant', value: 0 },
      );
    }
  });
});
