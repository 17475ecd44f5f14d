import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLock, LockError, type LockSection, parseLock } from '../../../src/runtime/provenance/lock-file.js';

const section: LockSection = {
  name: 'sparse',
  params: [],
  experiment: 'a1'.repeat(32),
  data: { name: 'digits', sha256: 'b2'.repeat(32) },
  initial: 'ab'.repeat(32),
  backend: 'simd',
  numerics: '1',
  kernels: 'c3'.repeat(32),
  package: '0.1.0',
  seeds: [1, 2],
  weights: ['d4'.repeat(32), 'e5'.repeat(32)],
  metrics: { 'test.loss': [0.1, 1 / 3], 'train.loss': [Number.NaN, 5e-324] },
  best: {
    'validation.loss': [
      { value: 0.25, epoch: 3 },
      { value: 0.125, epoch: 12 },
    ],
  },
  diverged: [],
  chain: [{ seed: 1, stage: 'train', step: 8, sha256: 'f6'.repeat(32) }],
};
const text = formatLock({ sections: [section] });

function problemOf(changed: string): LockError {
  try {
    parseLock(changed, 'sparse.ae.lock');
  } catch (error) {
    if (error instanceof LockError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('the text of a lock file', () => {
  it('reads back as what was written, with every bit of every number', () => {
    expect(parseLock(text, 'sparse.ae.lock').sections).toEqual([section]);
    const numbers = fc.double({ noDefaultInfinity: true });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const written = formatLock({ sections: [{ ...section, metrics: { 'test.loss': [a, b] } }] });
        const [read] = parseLock(written, 'x').sections;
        // -0 is 0 in a text for people.
        expect(read?.metrics['test.loss']).toEqual([a + 0, b + 0]);
      }),
    );
  });

  it('is one value a line, with sorted keys and sections, and without a time', () => {
    const keys = text.split('\n').flatMap((line) => (line.includes(' = ') ? [line.split(' = ')[0] ?? ''] : []));
    expect(keys).toEqual([...keys].sort());
    expect(text).toContain('metric test.loss = 0.1 0.3333333333333333\n');
    expect(text).toContain('best validation.loss = 0.25@3 0.125@12\n');
    const other = { ...section, name: 'dense', params: ['rho=0.05'] };
    const both = formatLock({ sections: [section, other] });
    expect(both).toBe(formatLock({ sections: [other, section] }));
    expect(both.match(/^\[.*\]$/gm)).toEqual(['[dense rho=0.05]', '[sparse]']);
    expect(both).not.toMatch(/\d{4}-\d\d-\d\d/);
  });

  it('does not change in a section when another one does', () => {
    const sectionText = (whole: string) => whole.slice(whole.indexOf('[sparse]'));
    const other = { ...section, name: 'dense' };
    expect(sectionText(formatLock({ sections: [other, section] }))).toBe(sectionText(text));
  });
});

describe('a text that cannot be relied on', () => {
  it('was edited by hand', () => {
    const edited = problemOf(text.replace('0.1 0.33', '0.1 0.32'));
    expect(edited.problem).toBe('altered');
    expect(edited.message).toContain('sparse.ae.lock:3: [sparse] differs from what aedsl wrote');
    expect(problemOf(text.replace('seeds = 1 2', 'seeds = 1 2 3')).problem).toBe('altered');
    expect(problemOf(text.replace(/^checksum.*\n/m, '')).problem).toBe('altered');
    expect(problemOf(text.replace('[sparse]', '[other]')).problem).toBe('altered');
  });

  it('was damaged, in any byte of a section', () => {
    const start = text.indexOf('[sparse]');
    fc.assert(
      fc.property(fc.integer({ min: start, max: text.length - 2 }), fc.constantFrom('0', '9', 'x', ' '), (at, by) => {
        fc.pre(text[at] !== by && text[at] !== '\n');
        expect(() => parseLock(text.slice(0, at) + by + text.slice(at + 1), 'x')).toThrow(LockError);
      }),
    );
  });

  it('was left by a merge, with both sides named', () => {
    const conflict = text.replace(
      /^metric test\.loss.*$/m,
      (line) => `<<<<<<< HEAD\n${line}\n=======\nmetric test.loss = 0.5 0.5\n>>>>>>> feature`,
    );
    const error = problemOf(conflict);
    expect(error.problem).toBe('conflict');
    expect(error.message).toContain('HEAD');
    expect(error.message).toContain('feature');
    expect(error.hint).toContain('aedsl lock');
  });

  it('is of a later format, or no lock file', () => {
    expect(problemOf(text.replace('lock 1', 'lock 2')).problem).toBe('newer');
    expect(problemOf('experiment sparse { }').problem).toBe('malformed');
    expect(problemOf('').problem).toBe('malformed');
  });
});
