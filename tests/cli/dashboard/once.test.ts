import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderOnce } from '../../../src/cli/dashboard/once.js';
import { watch } from '../../../src/results/watch.js';
import type { Store } from '../../../src/runtime/store/store.js';
import { builtinWords } from '../../../src/words/words.js';
import { sweepDatabase, threeSettings } from '../../sweep/sweep-database.js';

const place = mkdtempSync(join(tmpdir(), 'aedsl-once-'));
let store: Store;
beforeAll(async () => {
  store = await sweepDatabase(place, [{ trials: threeSettings(1) }]);
});
afterAll(() => {
  store.close();
  rmSync(place, { recursive: true, force: true });
});

/** Rows and columns of one frame. */
function sizeOf(stdout: Parameters<typeof renderOnce>[1], env: Parameters<typeof renderOnce>[2]) {
  const rows = renderOnce(watch(store, 's1', builtinWords), stdout, env).split('\n');
  expect(rows.pop()).toBe('');
  return { rows: rows.length, columns: Math.max(...rows.map((row) => stringWidth(row))) };
}

it.each([
  ['a terminal, with a row for the prompt', { isTTY: true, columns: 100, rows: 30 }, {}, { rows: 29, columns: 100 }],
  ['a terminal of one row', { isTTY: true, columns: 100, rows: 1 }, {}, { rows: 1 }],
  ['COLUMNS and LINES', {}, { COLUMNS: '90', LINES: '25' }, { rows: 25, columns: 90 }],
  ['a terminal before them', { columns: 100, rows: 30 }, { COLUMNS: '90', LINES: '25' }, { rows: 29, columns: 100 }],
  ['120×40, where nobody says', {}, { COLUMNS: 'wide' }, { rows: 40, columns: 120 }],
] as const)('one frame has the size of %s', (_, stdout, env, size) => {
  expect(sizeOf(stdout, env)).toMatchObject(size);
});
