import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sweepWorkers } from '../../src/sweep/sweep-workers.js';
import type { SweepMemory } from '../../src/trial/trial-memory.js';

const GIBIBYTE = 1024 ** 3;
const none = { jobs: null, threads: null };
const light: SweepMemory = { trials: [0], data: 0, apart: false };
const room = (cores: number, memory = 64 * GIBIBYTE) => ({ cores, memory });

const number = fc.integer({ min: 1, max: 64 });
const asked = fc.record({ jobs: fc.option(number), threads: fc.option(number) });

it('are never more threads than cores, whatever is asked for', () => {
  fc.assert(
    fc.property(asked, number, number, (wanted, cores, trials) => {
      const { jobs, threads } = sweepWorkers(wanted, room(cores), trials, light);
      expect(jobs * (threads ?? 1)).toBeLessThanOrEqual(cores);
      expect(jobs).toBeGreaterThanOrEqual(1);
      expect(jobs).toBeLessThanOrEqual(trials);
    }),
  );
});

it('are what is asked for where there is room, and it is said where there is not', () => {
  expect(sweepWorkers(none, room(8), 100, light)).toMatchObject({ jobs: 8, threads: null, note: null });
  expect(sweepWorkers({ jobs: null, threads: 2 }, room(8), 100, light)).toMatchObject({
    jobs: 4,
    threads: 2,
    note: null,
  });
  expect(sweepWorkers({ jobs: 3, threads: 2 }, room(8), 100, light)).toMatchObject({ jobs: 3, threads: 2, note: null });
  expect(sweepWorkers({ jobs: 2, threads: null }, room(8), 1, light)).toMatchObject({
    jobs: 1,
    threads: null,
    note: null,
  });
  expect(sweepWorkers({ jobs: 12, threads: null }, room(8), 100, light).note).toBe(
    '12 jobs were asked for, and there are 8 cores: 8 trials at a time',
  );
  expect(sweepWorkers({ jobs: 4, threads: 3 }, room(8), 100, light)).toMatchObject({
    jobs: 2,
    threads: 3,
    note: '4 jobs of 3 threads were asked for, and there are 8 cores: 2 trials at a time, with 3 threads each',
  });
  expect(sweepWorkers({ jobs: null, threads: 9 }, room(2), 100, light).note).toBe(
    '9 threads were asked for, and there are 2 cores: 1 trial at a time, with 2 threads each',
  );
});

it('are as many as the memory holds, and it is said', () => {
  const needs = (trials: readonly number[], more: Partial<SweepMemory> = {}): SweepMemory => ({
    trials: trials.map((gibibytes) => gibibytes * GIBIBYTE),
    data: 0,
    apart: false,
    ...more,
  });
  const machine = room(8, 16 * GIBIBYTE);
  const eight = sweepWorkers(none, machine, 100, needs(Array(100).fill(3)));
  expect(eight).toEqual({
    jobs: 5,
    mostJobs: 5,
    threads: null,
    note: '8 trials at a time would take about 24.2 GiB of memory, and there are 16.0 GiB: 5 trials at a time',
  });
  // What was asked for fits.
  expect(sweepWorkers({ jobs: 2, threads: null }, machine, 100, needs(Array(100).fill(3)))).toMatchObject({
    jobs: 2,
    mostJobs: 5,
    note: null,
  });
  // The largest may train together, and seeds may be added to the only one.
  expect(sweepWorkers(none, machine, 10, needs([1, 1, 1, 1, 1, 1, 1, 1, 7, 7])).jobs).toBe(3);
  expect(sweepWorkers(none, machine, 1, needs([3]))).toMatchObject({ jobs: 1, mostJobs: 5, note: null });
  // Data are there twice, and for each trial where each is a process of its own.
  expect(sweepWorkers(none, machine, 10, needs([1], { data: 5 * GIBIBYTE })).jobs).toBe(5);
  expect(sweepWorkers(none, machine, 10, needs([1], { data: 5 * GIBIBYTE, apart: true })).jobs).toBe(1);
  expect(sweepWorkers(none, room(1, GIBIBYTE), 1, needs([3]))).toMatchObject({
    jobs: 1,
    note: '1 trial at a time would take about 3.2 GiB of memory, and there are 1.0 GiB: a smaller batch takes less',
  });
  expect(sweepWorkers({ jobs: 12, threads: null }, machine, 100, needs(Array(100).fill(3))).note).toMatch(
    /^12 jobs were asked for, .*; 8 trials at a time would take/,
  );
});
