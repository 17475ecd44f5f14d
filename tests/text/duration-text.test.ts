import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clockText, durationText } from '../../src/text/duration-text.js';

test('a duration below a second keeps two digits, and none that took time reads 0', () => {
  expect([0, 0.0004, 0.001, 0.042, 0.4166, 0.994, 0.9951].map(durationText)).toEqual([
    '0 s',
    '< 0.001 s',
    '0.001 s',
    '0.042 s',
    '0.42 s',
    '0.99 s',
    '1 s',
  ]);
});

test('longer durations have units, and what rounds up to the next unit is written in it', () => {
  expect([12.34, 59.94, 59.96, 60, 200, 3599.4, 3599.6, 7500, 90_000].map(durationText)).toEqual([
    '12.3 s',
    '59.9 s',
    '1 min 0 s',
    '1 min 0 s',
    '3 min 20 s',
    '59 min 59 s',
    '1 h 0 min',
    '2 h 5 min',
    '25 h 0 min',
  ]);
});

test('a clock keeps its width from one second to the next', () => {
  expect([-1, 0, 9.4, 42, 725, 10_810].map(clockText)).toEqual(['0:00', '0:00', '0:09', '0:42', '12:05', '3:00:10']);
});

test('numbers and durations for people are written in one place', () => {
  // The compiler, its words and the runtime write few numbers, and may not import from above.
  const below = ['compiler', 'runtime', 'numerics', 'files', 'text', 'words'].map((folder) => join('src', folder, '/'));
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path))
    .filter((path) => /\.tsx?$/.test(path) && !below.some((folder) => path.startsWith(folder)));
  const others = sources.filter((path) => /\.toPrecision\(|padStart\(2, '0'\)/.test(readFileSync(path, 'utf8')));
  // The fewest digits that are the same float32 are data, not text for people.
  expect(others).toEqual(['src/cli/value-formats.ts']);
});
