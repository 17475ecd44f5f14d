import { compileRecipe, parseRecipe, type Recipe, worldOf } from '../../project/recipe.js';
import { UsageError } from '../../project/usage-error.js';
import { resolveSweep } from '../../results/table-subject.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import type { Words } from '../../words/word.js';
import { type ExperimentDifference, experimentDifference } from './experiment-difference.js';
import { measuredRuns } from './known-results.js';
import type { ResultSet, Version } from './version.js';

/** Compares two runs: experiment, engine and results. */
export function compareRuns(old: string, now: string, store: Store, words: Words): readonly ExperimentDifference[] {
  const version = (id: string): Version => {
    const run = store.findRun(id);
    const results = measuredRuns([run], store);
    return storedVersion(run.id, run.experiment, parseRecipe(run.source), results === null ? [] : [results], words);
  };
  return [experimentDifference(version(old), version(now), words)];
}

/** Compares two sweeps, cell by cell. */
export function compareSweeps(old: string, now: string, store: Store, words: Words): readonly ExperimentDifference[] {
  return [experimentDifference(sweepVersion(old, store, words), sweepVersion(now, store, words), words)];
}

function sweepVersion(id: string, store: Store, words: Words): Version {
  const sweep = resolveSweep(store, id);
  const cells = new Map<string, { readonly params: readonly string[]; readonly runs: RunRecord[] }>();
  const varying = new Set<string>();
  for (const { parameters, runId, state } of store.sweepTrials(sweep.id)) {
    if (runId === null || (state !== 'complete' && state !== 'cached')) continue;
    for (const name of Object.keys(parameters)) varying.add(name);
    const params = Object.entries(parameters).map(([name, value]) => `${name}=${String(value)}`);
    const cell = cells.get(params.join('\n')) ?? { params, runs: [] };
    cell.runs.push(store.findRun(runId));
    cells.set(params.join('\n'), cell);
  }
  const results = [...cells.values()].flatMap(({ params, runs }): readonly ResultSet[] => {
    const measured = measuredRuns(runs, store);
    return measured === null ? [] : [{ ...measured, params }];
  });
  const [first] = [...cells.values()].flatMap(({ runs }) => runs);
  if (first === undefined) throw new UsageError(`no trial of ${sweep.id} is complete`, 'aedsl ls lists the sweeps');
  return storedVersion(
    sweep.id,
    first.experiment,
    withoutAxes(parseRecipe(first.source), varying, words),
    results,
    words,
  );
}

/** The common experiment of a sweep's trials; one of the trials if that does not compile on its own. */
function withoutAxes(trial: Recipe, varying: ReadonlySet<string>, words: Words): Recipe {
  const params = trial.params.filter((param) => !varying.has(param.slice(0, param.indexOf('='))));
  const common = { ...trial, params, data: varying.has('data') ? null : trial.data };
  return compileRecipe(common, worldOf(common), { library: words }).value === null ? trial : common;
}

/** A run stores its texts, so it can be compared whatever became of its files. */
function storedVersion(
  title: string,
  name: string,
  recipe: Recipe,
  results: readonly ResultSet[],
  words: Words,
): Version {
  const { value, diagnostics } = compileRecipe(recipe, worldOf(recipe), { library: words });
  const recomputed = value?.hash ?? null;
  return {
    title,
    place: null,
    name,
    source: recipe.sources[0] ?? { path: title, text: '' },
    compiled: value,
    diagnostics: value === null ? diagnostics.filter(({ severity }) => severity === 'error') : [],
    dataFiles: new Map(),
    lockProblem: null,
    results: results.map((set) => (set.params.length === 0 ? { ...set, recomputed } : set)),
  };
}
