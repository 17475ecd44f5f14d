import type { JournalEvent } from '../../runtime/events.js';
import { parseJson } from '../../runtime/formats/json.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { RunReader } from '../../runtime/store/run-reader.js';
import type { Store } from '../../runtime/store/store.js';
import { StoreError } from '../../runtime/store/store-error.js';
import { groupedText } from '../../text/number-text.js';
import { figureNamed } from '../../trial/picture-tiles.js';
import { shrunk } from '../../trial/shrunk-picture.js';
import type { Words } from '../../words/word.js';
import { RunFollower } from './run-follower.js';

/** A trial's run as stored in the database, except for its curves. */
export interface TrialDetails {
  readonly runId: string;
  /** All params, with the experiment's value and the command line's. */
  readonly parameters: readonly {
    readonly name: string;
    readonly value: string;
    readonly origin: 'given' | 'default';
  }[];
  /** The experiment's canonical form, by line. */
  readonly ir: readonly string[];
  readonly environment: readonly Fact[];
  readonly facts: readonly Fact[];
  readonly log: readonly string[];
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Reads trials that are not training in this process. */
export interface TrialLibrary {
  /** @throws StoreError */
  details(runId: string): TrialDetails;
  /** The events of its training, as `trial`. @throws StoreError */
  history(trial: number, runId: string): readonly JournalEvent[];
  /** A metric's final value in the runs that have it, by run. @throws StoreError */
  finals(runIds: readonly string[], metric: string): ReadonlyMap<string, number>;
  /** Its stored pictures, as an event of `trial`; empty before its end. @throws StoreError */
  pictures(trial: number, runId: string): readonly JournalEvent[];
}

/** The trials of a results database. */
export function storedTrials(store: Store, words: Words): TrialLibrary {
  return {
    details: (runId) => detailsOf(store, store.findRun(runId)),
    history: (trial, runId) =>
      new RunFollower(store, runId).poll().map((training): JournalEvent => ({ ...training, trial })),
    finals: (runIds, metric) => {
      const found = new Map<string, number>();
      for (const [runId, { [metric]: value }] of store.trials.finals(runIds, [metric])) {
        if (value !== undefined) found.set(runId, value);
      }
      return found;
    },
    pictures: (trial, runId) => storedPreview(store, trial, runId, words),
  };
}

function detailsOf(store: RunReader, run: RunRecord): TrialDetails {
  const ir = parseJson(run.ir.json);
  return {
    runId: run.id,
    parameters: run.parameters.map(({ name, value, origin }) => ({ name, value: String(value), origin })),
    ir: JSON.stringify(ir, null, 1).split('\n'),
    environment: flattened(parseJson(run.environment), ''),
    facts: [
      { name: 'identity', value: run.identity },
      { name: 'experiment', value: run.file === null ? run.experiment : `${run.experiment} (${run.file})` },
      { name: 'ir', value: run.ir.sha256 },
      { name: 'data', value: `${run.data} ${run.dataSha256}` },
      { name: 'backend', value: `${run.backend}, numerics ${run.numerics}` },
      { name: 'weights', value: run.weightsSha256 ?? 'none yet' },
      {
        name: 'parameters',
        value: run.trainableParameters === null ? 'unknown' : groupedText(run.trainableParameters),
      },
      { name: 'started', value: `${run.started.slice(0, 19).replace('T', ' ')} UTC` },
      ...(run.error === null ? [] : [{ name: 'error', value: run.error }]),
    ],
    log: store.readLog(run.id).map(({ time, event, detail }) => `${time.slice(11, 19)} ${event} ${detail}`),
  };
}

/** `os.platform linux`, … */
function flattened(value: unknown, name: string): readonly Fact[] {
  if (typeof value !== 'object' || value === null) return [{ name, value: String(value) }];
  if (Array.isArray(value)) return [{ name, value: value.map(String).join(' ') }];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, name === '' ? key : `${name}.${key}`));
}

/** Whether a picture is legible at a few hundred pixels. */
function isRecognizable(name: string, words: Words): boolean {
  const figure = figureNamed(name, words);
  return figure !== undefined && figure.isChart !== true;
}

/** The stored figures of a run, shrunk for the terminal. */
function storedPreview(store: RunReader, trial: number, runId: string, words: Words): readonly JournalEvent[] {
  const files = store
    .listFiles(runId, 'figure')
    .filter(({ name, extension }) => isRecognizable(name, words) && extension === 'png')
    .slice(0, 4);
  if (files.length === 0) return [];
  try {
    const pictures = files.map((file) => shrunk({ name: file.name, png: store.readFile(file) }, words));
    return [{ event: 'preview', trial, moment: null, pictures }];
  } catch (error) {
    // Report a missing picture, and show the curves.
    if (error instanceof StoreError) return [{ event: 'note', trial, text: error.message }];
    throw error;
  }
}
