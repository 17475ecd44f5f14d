import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLibrary } from '../../src/compiler/library/library.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import type { LoweredWords } from '../../src/runtime/lowering/lowering.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';
import { describeReport, type GoldenReport, passed } from './golden-report.js';
import { findGoldens, runGolden } from './run-goldens.js';

const scratch = scratchFolder();
const original = 'tests/goldens/optim-sgd';

/** The report on a copy of a case in which one file has been changed. */
function tampered(file: string, change: (content: Buffer) => Buffer | string): GoldenReport {
  const copy = join(scratch.path, 'tampered');
  cpSync(resolve(original), copy, { recursive: true });
  const path = join(copy, file);
  writeFileSync(path, change(readFileSync(path)));
  return runGolden(copy, builtinWords);
}

const replaced = (from: string | RegExp, to: string) => (content: Buffer) => {
  const text = content.toString('utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return changed;
};

/** The measures that were out of tolerance. */
function missed(report: GoldenReport): readonly string[] {
  if (report.outcome !== 'compared') throw new RangeError(describeReport(report));
  return report.deviations.flatMap(({ measure, deviation, tolerance }) => (deviation <= tolerance ? [] : [measure]));
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('a golden case that has been tampered with fails', () => {
  it('and passes as it was', () => {
    const report = runGolden(original, builtinWords);
    expect(passed(report), describeReport(report)).toBe(true);
  });

  it('with another learning rate: the losses and the weights are off, the first gradient is not', () => {
    const report = tampered('case.json', replaced(/"lr": [^,\n}]+/, '"lr": 0.0123'));
    expect(passed(report)).toBe(false);
    expect(missed(report)).toEqual(expect.arrayContaining(['trajectory', 'parameters']));
    expect(missed(report)).not.toContain('gradient norm');
    expect(describeReport(report)).toMatch(/^FAIL optim-sgd: .* !/);
  });

  it('with one bit of one weight', () => {
    const report = tampered('final.safetensors', (content) => {
      const changed = Buffer.from(content);
      // The highest bit of the mantissa of the last float32.
      changed.writeUInt8(changed.readUInt8(changed.length - 2) ^ 0x40, changed.length - 2);
      return changed;
    });
    expect(missed(report)).toEqual(['parameters']);
  });

  it('with a layer that is not known', () => {
    const report = tampered('case.json', replaced('"kind": "dense"', '"kind": "densest"'));
    expect(report).toMatchObject({ outcome: 'unsupported', reason: expect.stringContaining("'densest'") });
    expect(passed(report)).toBe(false);
  });

  it('with a loss that is not known', () => {
    const report = tampered('case.json', replaced('"kind": "mse"', '"kind": "moose"'));
    expect(report).toMatchObject({ outcome: 'unsupported', reason: expect.stringContaining("'moose'") });
  });

  it('with a field that nobody would read', () => {
    const report = tampered('case.json', replaced(/"lr":/, '"lookahead": 5, "lr":'));
    expect(report).toMatchObject({ outcome: 'unsupported', reason: expect.stringContaining('lookahead') });
  });

  it('without the word of a layer', () => {
    const { byFamily } = builtinWords;
    const without = createLibrary<LoweredWords>({
      ...byFamily,
      layer: byFamily.layer.filter(({ name }) => name !== 'dense'),
    });
    expect(runGolden(original, without)).toMatchObject({ outcome: 'unsupported' });
  });
});

describe('a table', () => {
  it('with a value that is off by more than the tolerance', () => {
    const table = readFileSync('tests/goldens/activations.json', 'utf8');
    const path = scratch.put('activations.json', table.replace(/"y_float64": \[\s*[^,]+/, '"y_float64": [0.5'));
    const report = runGolden(path, builtinWords);
    expect(missed(report)).toEqual(['value']);
  });

  it('with an activation that is not known', () => {
    const table = readFileSync('tests/goldens/activations.json', 'utf8');
    const path = scratch.put('activations.json', table.replace('"kind": "silu"', '"kind": "silly"'));
    expect(runGolden(path, builtinWords)).toMatchObject({ outcome: 'unsupported' });
  });
});

describe('what a path stands for', () => {
  it('is itself, or the cases and tables in it', () => {
    expect(findGoldens(original)).toEqual([original]);
    expect(findGoldens('tests/goldens')).toContain(join('tests/goldens', 'optim-sgd'));
    expect(() => findGoldens(scratch.put('empty/readme.txt', '').replace('/readme.txt', ''))).toThrow(
      /no golden cases/,
    );
  });
});
