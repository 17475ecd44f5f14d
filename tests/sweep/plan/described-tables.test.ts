import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { recordingWorld } from '../../../src/project/recipe.js';
import { fileWorld } from '../../../src/project/world.js';
import { rememberingWorld } from '../../../src/sweep/plan/remembering-world.js';
import { csv } from '../../../src/words/dataset/csv.js';
import { scratchFolder } from '../../runtime/datasets/scratch-folder.js';

const folder = scratchFolder();
beforeAll(() => vi.stubEnv('AEDSL_DATA', folder.path));
afterAll(() => vi.unstubAllEnvs());

it('a table is looked at for each take of a sweep, and a recipe keeps the most that was seen of it', () => {
  const path = folder.put(
    'valve.csv',
    `a,valve\n${Array.from({ length: 8 }, (_, i) => `${i},${i < 6 ? 3 : 4}\n`).join('')}`,
  );
  const { world, files } = recordingWorld(rememberingWorld(fileWorld()));
  const describe = world.describeFile({ path: `${folder.path}/e.ae`, text: '' });
  const table = { format: 'csv', path, label: null, drop: [] };
  const { format } = csv;
  if (format === null) throw new Error('tables are files');
  const constantsOf = (take: number) => {
    const described = describe(table, { take, validation: 0, test: null, shuffleSeed: null }, format);
    return described.ok ? described.value.constants : described.problem;
  };
  expect([constantsOf(6), constantsOf(8), constantsOf(6)]).toEqual([['valve'], undefined, ['valve']]);
  expect(Object.values(files)).toMatchObject([{ count: 8 }]);
  expect(JSON.stringify(files)).not.toContain('constants');

  const counts = [3, 9, 5];
  const some = recordingWorld({
    ...world,
    describeFile: () => () => ({
      ok: true,
      value: {
        shape: [2],
        count: counts.shift() ?? 0,
        range: { low: 0, high: 1, lowOpen: false, highOpen: false },
        classes: null,
      },
    }),
  });
  for (const take of [3, 9, 5]) {
    some.world.describeFile({ path: 'e.ae', text: '' })(
      table,
      { take, validation: 0, test: null, shuffleSeed: null },
      format,
    );
  }
  expect(Object.values(some.files)).toMatchObject([{ count: 9 }]);
});
