import { statSync } from 'node:fs';
import type { CodeLens } from 'vscode-languageserver';
import { printable } from '../compiler/diagnostics/printable.js';
import { isSystemError } from '../files/system-error.js';
import { findProject, resultsPlace } from '../project/project.js';
import { type LastResult, lastResult } from '../results/last-result.js';
import { isResultsDatabase } from '../runtime/store/database-header.js';
import { StoreError } from '../runtime/store/store-error.js';
import { countText, numberText } from '../text/number-text.js';
import type { Asked } from './names.js';
import { rangeOfToken } from './positions.js';

/** Argument of a lens's command, which the editor runs because it has the terminal. */
export interface LensArgument {
  /** Absolute path. */
  readonly file: string;
  readonly experiment: string;
  /** `r12`, of a result. */
  readonly run?: string;
}

/**
 * Lenses above each experiment: run it, sweep it, and its last result.
 * @param trialsOf its sweep; null if unknown
 * @param results of each experiment, by content hash
 */
export function lensesOf(
  { reading, experiments }: Asked,
  trialsOf: (experiment: string) => number | null,
  file: string,
  results: (hash: string) => LastResult | null,
): readonly CodeLens[] {
  return reading.experiments.flatMap(({ name }): CodeLens[] => {
    const experiment = name?.token.image;
    if (name === null || experiment === undefined) return [];
    const range = rangeOfToken(reading.source, name.token);
    const lens = (title: string, command: string, more: Partial<LensArgument> = {}): CodeLens => {
      const argument: LensArgument = { file, experiment, ...more };
      return { range, command: { title, command, arguments: [argument] } };
    };
    const known = experiments.find((each) => each.name === experiment)?.known() ?? null;
    const trials = known === null || known.bound.sweep === null ? null : trialsOf(experiment);
    const result = known?.compiled ? results(known.compiled.hash) : null;
    // Shown even with errors, which a run reports: lines must not jump while the user types.
    return [
      lens('▶ Run', 'aedsl.run'),
      ...(trials !== null && trials > 0 ? [lens(`Sweep: ${countText(trials, 'trial')}`, 'aedsl.sweep')] : []),
      ...(result === null ? [] : [lens(resultText(result), 'aedsl.show', { run: result.run.id })]),
    ];
  });
}

function resultText({ run, metric }: LastResult): string {
  const value = metric === null ? '' : `: ${printable(metric.name)} ${numberText(metric.value, 4)}`;
  return `${run.id}, seed ${run.seed}${value}`;
}

/** The results of the project around a folder. They are only read, and a database that cannot be has none. */
export class LastResults {
  #stamp = '';
  #known = new Map<string, LastResult | null>();

  /** The last results of experiments, by their content hashes. */
  async of(folder: string, hashes: readonly string[]): Promise<(hash: string) => LastResult | null> {
    const place = placeOf(folder);
    const stamp = place === null ? null : stampOf(place);
    if (place === null || stamp === null) return () => null;
    if (stamp !== this.#stamp) {
      this.#known = new Map();
      this.#stamp = stamp;
    }
    const known = this.#known;
    const unknown = hashes.filter((hash) => !known.has(hash));
    if (unknown.length > 0) for (const [hash, result] of await read(place, unknown)) known.set(hash, result);
    return (hash) => known.get(hash) ?? null;
  }
}

function placeOf(folder: string): string | null {
  try {
    const { path } = resultsPlace(findProject(folder));
    return isResultsDatabase(path) ? path : null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

async function read(path: string, hashes: readonly string[]): Promise<ReadonlyMap<string, LastResult | null>> {
  const found = new Map<string, LastResult | null>(hashes.map((hash) => [hash, null]));
  try {
    // SQLite is a native module, which an editor without results needs not.
    const { readStoreAsItIs } = await import('../runtime/store/store.js');
    await readStoreAsItIs(path, (store) => {
      for (const hash of hashes) found.set(hash, lastResult(store, hash));
    });
  } catch (error) {
    if (!(error instanceof StoreError) && !isSystemError(error)) throw error;
  }
  return found;
}

/** When a database and its log were last written. */
function stampOf(path: string): string | null {
  try {
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
    return [path, statSync(path).mtimeMs, statSync(path).size, log?.mtimeMs ?? 0, log?.size ?? 0].join(' ');
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
