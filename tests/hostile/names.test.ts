import { describe, expect, it } from 'vitest';
import { bindExperiment, compileTrial } from '../../src/compiler/compile.js';
import type { Outcome } from '../../src/compiler/diagnostics/diagnostic.js';
import { readParams } from '../../src/project/params.js';
import { metricMatrix } from '../../src/results/metric-matrix.js';
import { readTable } from '../../src/runtime/datasets/csv-arrays.js';
import { DatasetError } from '../../src/runtime/datasets/dataset-error.js';
import { readTensors } from '../../src/runtime/datasets/safetensors.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { builtinWords } from '../../src/words/words.js';
import { compileStatements, completed, worldOfTests } from '../compiler/library/statements.js';
import { sweptTrials } from '../compiler/swept.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

/** What every object inherits: `constructor`, `toString`, `__proto__` … */
const inherited = Object.getOwnPropertyNames(Object.prototype);

const codesOf = ({ diagnostics }: Pick<Outcome<unknown>, 'diagnostics'>): readonly string[] =>
  diagnostics.map(({ code }) => code);

/** The example of a word with one more argument at its first call, which may have had no parentheses. */
function withArgument(word: string, example: string, argument: string): string {
  const called = new RegExp(`\\b${word}\\(`);
  if (called.test(example)) return example.replace(called, `${word}(${argument}, `).replace(', )', ')');
  return example.replace(new RegExp(`(?<!: )\\b${word}\\b(?!:)|(?<=: )${word}\\b`), `${word}(${argument})`);
}

describe('names that every JavaScript object inherits', () => {
  it.each(builtinWords.words)('are no arguments of $family $name', ({ name, example }) => {
    for (const argument of inherited) {
      const outcome = compileStatements(withArgument(name, example, `${argument}=1`));
      const found = outcome.diagnostics.find(({ code }) => code === 'AE301');
      expect(found?.message, argument).toBe(`'${name}' has no argument '${argument}'`);
    }
  });

  it.each([
    ['AE210', 'train adam() { epochs = 1  NAME = 1 }'],
    ['AE210', 'pretrain rbm() { NAME = 1 }'],
    ['AE201', 'encoder { code: NAME(3) }'],
    ['AE201', 'encoder { code: dense(3, activation=NAME) }'],
    ['AE201', 'encoder { code: dense(3, init=NAME()) }'],
    ['AE201', 'data NAME()'],
    ['AE201', 'data digits() { NAME() }'],
    ['AE201', 'corrupt NAME(0.1)'],
    ['AE201', 'decoder NAME(encoder)'],
    ['AE201', 'loss NAME()'],
    ['AE201', 'train NAME() { epochs = 1 }'],
    ['AE201', 'train adam(lr=NAME(0.1)) { epochs = 1 }'],
    ['AE201', 'train adam() { epochs = 1  clip = NAME(1) }'],
    ['AE201', 'train adam() { epochs = 1  stop = NAME(1) }'],
    ['AE201', 'pretrain NAME() { epochs = 1 }'],
    ['AE201', 'show { NAME() }'],
    ['AE201', 'evaluate { NAME() }'],
    ['AE305', 'loss mse(reduction=NAME)'],
    ['AE211', 'loss mse() + l1(on=NAME)'],
    ['AE211', 'show { filters(NAME) }'],
    ['AE202', 'encoder { code: dense(input.NAME) }'],
    ['AE209', 'encoder { z: reparameterize { NAME: dense(2) } }'],
    ['AE211', 'encoder { z: reparameterize { mu: dense(2)  logvar: dense(2) } }  loss mse() + l1(on=z.NAME)'],
  ])('%s: %s', (code, statements) => {
    for (const name of inherited) {
      expect(codesOf(compileStatements(statements.replaceAll('NAME', name))), name).toContain(code);
    }
  });

  it('are no parents, params, axes or zipped names', () => {
    for (const name of inherited) {
      const parent = bindExperiment({ path: 'a.ae', text: `experiment a extends ${name} { }` }, null, worldOfTests);
      expect(codesOf(parent), name).toEqual(['AE206']);

      const bound = bindExperiment({ path: 'a.ae', text: completed('param rho = 1') }, null, worldOfTests);
      if (bound.value === null) throw new Error('the experiment is right');
      const { assignments } = readParams([`${name}=1`], null);
      const assigned = compileTrial(bound.value, { library: builtinWords, world: worldOfTests, assignments });
      expect(codesOf(assigned), name).toContain('AE215');

      const sweep = `param rho = 1  sweep { rho = [1, 2]  ${name} = [1, 2]  zip = [rho, ${name}_2] }`;
      const swept = bindExperiment({ path: 'a.ae', text: completed(sweep) }, null, worldOfTests);
      if (swept.value === null) throw new Error('the sweep is right as far as its statements go');
      expect(codesOf(sweptTrials(swept.value, worldOfTests)), name).toEqual(expect.arrayContaining(['AE601', 'AE607']));
    }
  });

  it('are names like any others once they are declared', () => {
    for (const name of inherited) {
      const param = compileStatements(
        `param ${name} = 3  let own = ${name} + 1  encoder { dense(${name}) dense(own) }`,
      );
      expect(param.diagnostics, name).toEqual([]);
      expect(param.value?.params).toEqual([{ name, value: 3, given: false }]);
      expect(param.value?.ir.encoder.at(-1)?.output).toEqual([4]);

      const label = compileStatements(`encoder { ${name}: dense(5)  relu() dense(2) }  loss mse() + l1(on=${name})`);
      expect(label.diagnostics, name).toEqual([]);
      expect(label.value?.ir.encoder.find((layer) => layer.label === name)?.output).toEqual([5]);
    }
  });

  it('are no columns and no tensors unless a file has them', () => {
    const { put } = scratch;
    const table = put('table.csv', 'a,b\n1,0\n2,1\n');
    const tensors = put('x.safetensors', encodeSafetensors([{ name: 'x', shape: [1, 1], values: Float32Array.of(1) }]));
    for (const name of inherited) {
      const asked = [
        () => readTable(table, { label: name, drop: [] }),
        () => readTable(table, { label: null, drop: [name] }),
        () => readTensors(tensors)(name),
      ];
      for (const read of asked) expect(reasonOf(read), name).toBe('unknown_name');

      const named = put('named.csv', `a,${name}\n1,0\n2,1\n`);
      expect([...(readTable(named, { label: name, drop: [] }).labels?.array.data ?? [])]).toEqual([0, 1]);
      const own = put('y.safetensors', encodeSafetensors([{ name, shape: [1, 1], values: Float32Array.of(7) }]));
      expect(readTensors(own)(name).array.data).toEqual(Float32Array.of(7));
    }
  });

  it('are metrics without a meaning of their own', () => {
    for (const name of inherited) {
      const [row] = metricMatrix({ [`test.${name}`]: 1 }, builtinWords).rows;
      expect(row, name).toEqual({ name, values: { test: 1 }, note: '' });
    }
  });
});

const scratch = scratchFolder();

function reasonOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof DatasetError) return error.reason;
    throw error;
  }
}
