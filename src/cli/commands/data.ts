import { addDataSet, fetchDataSet, localDataSets, publishedName } from '../../trial/data-sets.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { downloadProgress } from '../reporters/progress.js';
import { table } from '../table.js';

export async function listData(console: Console, options: { readonly json?: boolean }): Promise<ExitCode> {
  const sets = [{ name: 'digits', state: 'here', problem: null }, ...(await localDataSets())];
  if (options.json) for (const set of sets) console.out(jsonLine(set));
  else {
    console.out(
      table(
        ['data set', 'state', ''],
        sets.map(({ name, state, problem }) => [
          name,
          state,
          problem ?? (name === 'digits' ? 'drawn by the package' : ''),
        ]),
      ),
    );
  }
  return exitCodes.ok;
}

export async function fetchData(console: Console, name: string): Promise<ExitCode> {
  for (const { path, downloaded } of await fetchDataSet(publishedName(name), {
    onProgress: downloadProgress(console),
  })) {
    console.out(`${path}${downloaded ? '' : ' (was here)'}\n`);
  }
  return exitCodes.ok;
}

export async function addData(console: Console, name: string, folder: string): Promise<ExitCode> {
  for (const path of await addDataSet(publishedName(name), folder)) console.out(`${path}\n`);
  return exitCodes.ok;
}
