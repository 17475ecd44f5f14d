import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ownValue } from '../compiler/ir/value.js';
import { isReallyWithin } from '../files/paths.js';
import { type RecordedIn, recordedPlaces } from '../project/recorded-place.js';
import { type Change, otherData, Stale } from '../project/stale.js';
import { DatasetError } from '../runtime/datasets/dataset_error.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import {
  type DataFiles,
  type DataRequest,
  dataFileNames,
  dataOutside,
  type ExampleOptions,
  loadExamples,
} from './data.js';

/** The data of a recorded run. */
export interface RecordedData {
  readonly data: LoadedData;
  /** Where its files were found. */
  readonly files: DataFiles;
}

/** What has to be found: the data that something was trained on, known by the hash of their content. */
export interface ExpectedData {
  /** As messages name it: `r12`. */
  readonly run: string;
  readonly isIt: (sha256: string) => boolean;
}

export interface RecordedDataOptions extends Omit<ExampleOptions, 'files' | 'isStored' | 'dataFolder'> {
  /** Reads the data from where they were found; `loadExamples` by default. */
  readonly load?: (request: DataRequest, files: DataFiles) => Promise<LoadedData>;
  /** Where somebody found the files before, which is looked at first. */
  readonly found?: DataFiles;
}

/** A place that was looked at. */
interface Looked {
  readonly place: string;
  /** The second half of a sentence. */
  readonly problem: string;
  /** Whether other data are there. */
  readonly isOther?: boolean;
}

/** The data of a run, or of a bundle's. */
export function dataOf({ name, dataSha256 }: { readonly name: string; readonly dataSha256: string }): ExpectedData {
  return { run: name, isIt: (sha256) => sha256 === dataSha256 };
}

/**
 * Loads the data that a recorded run was trained on, wherever they are by now: where the run had them, in the project of its
 * results or of where one stands, in the folder that a person names, in AEDSL_DATA. The first whose content has the hash is
 * taken.
 *
 * @param request the experiment, compiled again from what was recorded
 * @throws Stale where there are other data, DatasetError where there are none; both name every place that was looked at
 */
export async function loadRecorded(
  request: DataRequest,
  expected: ExpectedData,
  where: RecordedIn,
  options: RecordedDataOptions = {},
): Promise<RecordedData> {
  const names = dataFileNames(request);
  const {
    found = {},
    load = (_, files) => loadExamples(request, { ...options, files, dataFolder: where.dataFolder }),
  } = options;
  const looked: Looked[] = [];
  const candidates = names.map((name) => placesOf(name, request, { where, found, looked }));
  let refusal: DatasetError | null = null;
  for (const files of combinations(names, candidates)) {
    const places = Object.values(files).join(', ') || request.ir.data.dataset.word;
    try {
      const data = await load(request, files);
      const { checksum, name } = data.dataset;
      if (expected.isIt(checksum)) return { data, files };
      if (names.length === 0) throw new Stale(expected.run, [otherSet(name, checksum)]);
      looked.push({
        place: places,
        problem: `other data (their checksum is ${checksum.slice(0, 12)}…)`,
        isOther: true,
      });
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      refusal ??= error;
      looked.push({ place: places, problem: error.message });
    }
  }
  // Nothing but a file that can't be read: what is wrong with it is all there is to say.
  if (refusal !== null && (names.length === 0 || looked.length === 1)) throw refusal;
  throw notFound(names, expected, looked);
}

/** Those of the places of a file where something is that may be read. */
function placesOf(
  name: string,
  request: DataRequest,
  { where, found, looked }: { readonly where: RecordedIn; readonly found: DataFiles; readonly looked: Looked[] },
): readonly string[] {
  const before = ownValue(found, name);
  const { dataFrom } = request;
  const path = isAbsolute(name) ? name : join(dirname(dataFrom.path), name);
  const outside = dataOutside(request);
  const readers = [dirname(where.path), where.here].map((folder) => ({ path: join(folder, 'experiment.ae') }));
  const places = new Set([
    ...(before !== undefined && isAbsolute(before) ? [before] : []),
    ...recordedPlaces(path, where),
  ]);
  return [...places].filter((place) => {
    if (!existsSync(place)) {
      looked.push({ place, problem: 'not there' });
      return false;
    }
    if (where.dataFolder !== null && isReallyWithin(where.dataFolder, place)) return true;
    const problems = [...readers.map((from) => outside(place, from)), outside(place, dataFrom, true)];
    const [problem = null] = problems;
    if (problems.includes(null) || problem === null) return true;
    looked.push({ place, problem });
    return false;
  });
}

/** The n-th places of all files together; of a file that has fewer, its last. None where a file is nowhere. */
function combinations(names: readonly string[], candidates: readonly (readonly string[])[]): readonly DataFiles[] {
  if (candidates.some((places) => places.length === 0)) return [];
  const most = Math.max(1, ...candidates.map(({ length }) => length));
  return Array.from({ length: most }, (_, n) =>
    Object.fromEntries(
      names.map((name, i) => {
        const places = candidates[i] ?? [];
        return [name, places[Math.min(n, places.length - 1)] ?? name];
      }),
    ),
  );
}

/** Of a set that has no file of its own. */
function otherSet(name: string, checksum: string): Change {
  return otherData(`its data, ${name}, have changed in this version (their checksum is ${checksum.slice(0, 12)}…)`);
}

function notFound(names: readonly string[], { run }: ExpectedData, looked: readonly Looked[]): Error {
  // Ends of a path in a folder that is not there say nothing.
  const told = looked.filter(
    ({ place, problem }, i) => i === 0 || problem !== 'not there' || existsSync(dirname(place)),
  );
  const list = told.map(({ place, problem }) => `${place} (${problem})`).join(', ');
  if (looked.some(({ isOther }) => isOther === true)) {
    return new Stale(run, [otherData(`the data that it was trained on are in none of these places: ${list}`)]);
  }
  return new DatasetError(
    looked.some(({ problem }) => problem !== 'not there') ? 'wrong_checksum' : 'not_found',
    names.join(', ') || 'the data',
    `the data that ${run} was trained on are in none of these places: ${list}`,
    'restore them, or name their folder with --data-folder DIR or AEDSL_DATA; they are recognised by checksum',
  );
}
