import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sweepWorkers } from '../../src/sweep/sweep-workers.js';

const number = fc.integer({ min: 1, max: 64 });
const asked = fc.record({ jobs: fc.option(number), threads: fc.option(number) });

it('are never more threads than cores, whatever is asked for', () => {
  fc.assert(
    fc.property(asked, number, number, (wanted, cores, trials) => {
      const { jobs, threads } = sweepWorkers(wanted, cores, trials);
      expect(jobs * (threads ?? 1)).toBeLessThanOrEqual(cores);
      expect(jobs).toBeGreaterThanOrEqual(1);
      expect(jobs).toBeLessThanOrEqual(trials);
    }),
  );
});

it('are what is asked for where there is room, and it is said where there is not', () => {
  const none = { jobs: null, threads: null };
  expect(sweepWorkers(none, 8, 100)).toEqual({ jobs: 8, threads: null, note: null });
  expect(sweepWorkers({ jobs: null, threads: 2 }, 8, 100)).toEqual({ jobs: 4, threads: 2, note: null });
  expect(sweepWorkers({ jobs: 3, threads: 2 }, 8, 100)).toEqual({ jobs: 3, threads: 2, note: null });
  expect(sweepWorkers({ jobs: 2, threads: null }, 8, 1)).toEqual({ jobs: 1, threads: null, note: null });
  expect(sweepWorkers({ jobs: 12, threads: null }, 8, 100).note).toBe(
    '12 jobs were asked for, and there are 8 cores: 8 trials at a time',
  );
  expect(sweepWorkers({ jobs: 4, threads: 3 }, 8, 100)).toEqual({
    jobs: 2,
    threads: 3,
    note: '4 jobs of 3 threads were asked for, and there are 8 cores: 2 trials at a time, with 3 threads each',
  });
  expect(sweepWorkers({ jobs: null, threads: 9 }, 2, 100).note).toBe(
    '9 threads were asked for, and there are 2 cores: 1 trial at a time, with 2 threads each',
  );
});
