import { DatasetError } from './dataset-error.js';

/** Examples of one part that take more stay in their files, unless AEDSL_DATA_MEMORY says another size. */
const usualMemory = 2 ** 30;

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
]);

/**
 * Most bytes that the examples of one part may take in memory. Larger parts are read from their files as they are used;
 * results are the same either way.
 *
 * @param environment `process.env`
 * @throws DatasetError wrong_value for a variable that is no size
 */
export function mostExamplesInMemory(environment: Readonly<Record<string, string | undefined>>): number {
  const { AEDSL_DATA_MEMORY: written = '' } = environment;
  if (written === '') return usualMemory;
  const [, digits = '', unit = ''] = /^(\d{1,12}) ?([A-Za-z]{0,3})$/.exec(written) ?? [];
  const factor = UNITS.get(unit.toLowerCase());
  if (digits === '' || factor === undefined) {
    const problem = `is '${written.slice(0, 20)}'`;
    throw new DatasetError(
      'wrong_value',
      'AEDSL_DATA_MEMORY',
      problem,
      'write a whole number of bytes, KiB, MiB or GiB, such as 512MiB or 4GiB',
    );
  }
  return Number(digits) * factor;
}
