import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { closed } from '../../src/compiler/ir/interval.js';
import { failed, ok, problem } from '../../src/compiler/library/word.js';
import type { Source } from '../../src/compiler/syntax/source.js';
import type { World } from '../../src/compiler/world.js';

/** Reads the `.ae` files beside a test; knows the data files it is told of. */
export function testWorld(
  dataFiles: Readonly<Record<string, { shape: readonly number[]; count: number }>> = {},
): World {
  return {
    memory: 4 * 1024 ** 3,
    readSource: readBeside,
    readTable: (path, from) => readBeside(path, from ?? { path: '' }),
    pathSeenFrom: (_, path) => path,
    describeFile:
      () =>
      ({ path }) => {
        const file = dataFiles[path];
        if (path === 'sorted.csv') {
          const classPlaces = { names: ['cat', 'dog'], first: [0, 20], last: [19, 39] };
          return ok({ shape: [4], count: 40, range: closed(0, 1), classes: 2, classPlaces });
        }
        if (path === 'grouped.csv') {
          const doubts = [problem('AE514', "column 'pop' has whole numbers and 2.400", { severity: 'warning' })];
          return ok({ shape: [4], count: 40, range: closed(0, 1), classes: null, doubts });
        }
        if (path === 'seconds.npy') return ok({ shape: [3], count: 9, range: closed(0, 1.7e9), classes: null });
        if (path === 'broken.npy') return failed('AE702', `'${path}' is no .npy file`);
        return file
          ? ok({ ...file, range: closed(0, 1), classes: null })
          : failed('AE701', `cannot read '${path}': there is no such file`);
      },
  };
}

function readBeside(path: string, from: Pick<Source, 'path'>) {
  const place = join(dirname(from.path), path);
  try {
    return { path: place, text: readFileSync(place, 'utf8') };
  } catch {
    return { problem: 'there is no such file' };
  }
}
