import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_STEPS, type Piece, SeriesBuffer } from '../../../src/runtime/store/series-buffer.js';

/** The table `series` of one metric, which refuses what the real one refuses: two rows with one first step. */
class Table {
  readonly rows = new Map<number, Piece>();
  written = 0;

  commit(buffer: SeriesBuffer): void {
    const change = buffer.change();
    if (change === null) return;
    for (const firstStep of change.removed) expect(this.rows.delete(firstStep)).toBe(true);
    for (const piece of change.added) {
      expect(this.rows.has(piece.firstStep)).toBe(false);
      this.rows.set(piece.firstStep, piece);
      this.written += piece.values.length;
    }
    change.committed();
  }

  ordered(): readonly Piece[] {
    return [...this.rows.values()].sort((a, b) => a.firstStep - b.firstStep);
  }

  values(): number[] {
    return this.ordered().flatMap((piece) => [...piece.values]);
  }
}

const appends = fc.array(fc.record({ count: fc.integer({ min: 0, max: 6000 }), commit: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

test('whatever the sizes of appends and commits, the rows are the values in order, in aligned blocks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), appends, (start, parts) => {
      const buffer = new SeriesBuffer(start);
      const table = new Table();
      let step = start;
      for (const { count, commit } of parts) {
        buffer.append(
          step,
          Float32Array.from({ length: count }, (_, i) => step + i),
        );
        step += count;
        if (commit) table.commit(buffer);
      }
      buffer.seal();
      table.commit(buffer);
      expect(table.values()).toEqual(Array.from({ length: step - start }, (_, i) => start + i));
      const firsts = table.ordered().map((piece) => piece.firstStep);
      expect(firsts.slice(1).every((first) => first % BLOCK_STEPS === 0)).toBe(true);
      expect(new Set(firsts.map((first) => Math.floor(first / BLOCK_STEPS))).size).toBe(firsts.length);
    }),
    { numRuns: 60 },
  );
});

test('a commit after every value keeps few rows and rewrites a value at most log2(4096) times', () => {
  const buffer = new SeriesBuffer(0);
  const table = new Table();
  let most = 0;
  for (let step = 0; step < 2 * BLOCK_STEPS; step++) {
    buffer.append(step, Float32Array.of(step));
    table.commit(buffer);
    most = Math.max(most, table.rows.size);
  }
  expect(table.rows.size).toBe(2);
  expect(most).toBeLessThanOrEqual(1 + Math.log2(BLOCK_STEPS));
  expect(table.written / (2 * BLOCK_STEPS)).toBeLessThanOrEqual(1 + Math.log2(BLOCK_STEPS));
});

test('a change that was not committed is made again, with what came after it', () => {
  const buffer = new SeriesBuffer(0);
  const table = new Table();
  buffer.append(0, Float32Array.of(1, 2));
  expect(buffer.change()?.added).toHaveLength(1);
  buffer.append(2, new Float32Array(BLOCK_STEPS));
  table.commit(buffer);
  expect(table.values()).toEqual([1, 2, ...Array<number>(BLOCK_STEPS).fill(0)]);
  expect(buffer.change()).toBeNull();
});

test('the extremes are those of the finite values, and every NaN is stored as 0x7fc00000', () => {
  const buffer = new SeriesBuffer(5);
  const values = Float32Array.of(3, Number.NaN, -2, Infinity);
  new Uint32Array(values.buffer)[1] = 0xffc12345;
  buffer.append(5, values);
  const piece = buffer.change()?.added[0];
  expect(piece).toMatchObject({ firstStep: 5, minimum: -2, maximum: 3, firstNonFinite: 6 });
  expect(new Uint32Array(piece?.values.buffer ?? new ArrayBuffer(16))[1]).toBe(0x7fc00000);

  const nothingFinite = new SeriesBuffer(0);
  nothingFinite.append(0, Float32Array.of(-Infinity));
  expect(nothingFinite.change()?.added[0]).toMatchObject({ minimum: null, maximum: null, firstNonFinite: 0 });
});

test('a step that is missing or comes twice is refused', () => {
  const buffer = new SeriesBuffer(0);
  buffer.append(0, Float32Array.of(1, 2));
  expect(() => buffer.append(3, Float32Array.of(1))).toThrow('from step 1 to step 3');
  expect(() => buffer.append(1, Float32Array.of(1))).toThrow(RangeError);
});
