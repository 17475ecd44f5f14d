import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { ownValue } from '../compiler/ir/value.js';
import { isReallyWithin } from '../files/paths.js';
import { type RecordedIn, recordedPlace, recordedPlaces } from '../project/recorded-place.js';
import { type Change, otherData, Stale } from '../project/stale.js';
import { DatasetError } from '../runtime/datasets/dataset-error.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import { isPattern, matchingFiles } from '../runtime/datasets/shards.js';
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
  /** Paths at which its files were found. */
  readonly files: DataFiles;
}

/** The data to find, identified by the hash of their content. */
export interface ExpectedData {
  /** For messages: `r12`. */
  readonly run: string;
  readonly isIt: (sha256: string) => boolean;
}

export interface RecordedDataOptions extends Omit<ExampleOptions, 'files' | 'isStored' | 'dataFolder' | 'parts'> {
  /** Reads the data at a candidate place; `loadExamples` by default. */
  readonly load?: (request: DataRequest, files: DataFiles) => Promise<LoadedData>;
  /** Paths at which the files were found before, tried first. */
  readonly found?: DataFiles;
}

/** A place that was searched. */
interface Looked {
  readonly place: string;
  /** Completes a sentence. */
  readonly problem: string;
  /** Whether it has other data. */
  readonly isOther?: boolean;
  /** Whether the file was never there, as far as is known. */
  readonly isGuess?: boolean;
}

export function dataOf({ name, dataSha256 }: { readonly name: string; readonly dataSha256: string }): ExpectedData {
  return { run: name, isIt: (sha256) => sha256 === dataSha256 };
}

/**
 * Loads a recorded run's data, wherever they are now: at their recorded place, in the project of its results or of the
 * current folder, in the folder the user names, or in AEDSL_DATA. The first with the right hash is taken.
 *
 * @param request the experiment, compiled again from the record
 * @throws Stale if there are other data, DatasetError if there are none; both list every place searched
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
  // A single unreadable file: its own error says it all.
  if (refusal !== null && (names.length === 0 || looked.length === 1)) throw refusal;
  throw notFound(names, expected, looked);
}

/** Candidate places of a file where something readable exists. */
function placesOf(
  name: string,
  request: DataRequest,
  { where, found, looked }: { readonly where: RecordedIn; readonly found: DataFiles; readonly looked: Looked[] },
): readonly string[] {
  const before = ownValue(found, name);
  const { dataFrom } = request;
  const path = isAbsolute(name) ? name : join(dirname(dataFrom.path), name);
  const outside = dataOutside(request, name);
  const readers = [dirname(where.path), where.here].map((folder) => ({ path: join(folder, 'experiment.ae') }));
  const isProvided = (place: string, isThere: boolean): boolean => {
    const { dataFolder } = where;
    if (dataFolder === null) return false;
    return isThere ? isReallyWithin(dataFolder, place) : place.startsWith(join(dataFolder, sep));
  };
  const refusalOf = (place: string): string | null => {
    const problems = [...readers.map((from) => outside(place, from)), outside(place, dataFrom, true)];
    const [problem = null] = problems;
    return problems.includes(null) ? null : problem;
  };
  const recorded = recordedPlace(path, where);
  const places = new Set([
    ...(before !== undefined && isAbsolute(before) ? [before] : []),
    ...recordedPlaces(path, where),
  ]);
  return [...places].filter((place) => {
    const isThere = isPattern(place) ? matchingFiles(place).length > 0 : existsSync(place);
    const problem = isProvided(place, isThere) ? null : refusalOf(place);
    if (isThere && problem !== null) looked.push({ place, problem });
    // Where the file may not be read, nobody should put it.
    if (!isThere && problem === null) looked.push({ place, problem: 'not there', isGuess: place !== recorded });
    return isThere && problem === null;
  });
}

/** Combines the n-th candidates of all files; a file with fewer uses its last. Empty if a file has none. */
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

/** For a data set without files. */
function otherSet(name: string, checksum: string): Change {
  return otherData(`its data, ${name}, have changed in this version (their checksum is ${checksum.slice(0, 12)}…)`);
}

function notFound(names: readonly string[], { run }: ExpectedData, looked: readonly Looked[]): Error {
  // Guesses in a missing folder tell nothing.
  const told = looked.filter(
    ({ place, problem, isGuess }) => isGuess !== true || problem !== 'not there' || existsSync(dirname(place)),
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
